"""Charges that their payer has to confirm: waited for, called off, tried again."""

from services.payments import usecases
from services.payments.domain import Kind, Status
from services.payments.domain.operations import UNCONFIRMED
from services.payments.schemas import todo_view
from tests.unit.payments.fakes import CONFIRMED, World, effects
from tests.unit.payments.story import ORG, OWNER, PRICE, E, Story


def test_a_charge_that_its_payer_has_to_confirm_waits_for_them() -> None:
    world = World()
    story = Story(world, token=CONFIRMED)
    story.account()
    escrow = story.fund()
    assert (escrow.status, escrow.funded, escrow.waits_for) == (Status.PENDING, 0, ORG)
    (todo,) = usecases.list_todo(world.desk, OWNER)
    assert todo.action_url == escrow.action_url == f"https://bank.example/{E}:charge:1"
    assert todo.action_url in todo_view(todo)["what"]
    assert world.event("payment.unconfirmed") == {
        "engagement_id": E,
        "project_id": "prj-1",
        "org_id": ORG,
        "purpose": "fee",
        "amount": PRICE,
        "currency": "USD",
        "confirm_by": "2026-03-03T09:30:00+00:00",
    }
    world.bank.confirm(escrow.operations[0])
    world.now.pass_(minutes=5)
    story.sweep()
    assert (story.escrow.status, story.escrow.waits_for) == (Status.FUNDED, None)
    assert usecases.list_todo(world.desk, OWNER) == []
    assert effects(world, Kind.CHARGE) == [PRICE]


def test_a_charge_that_nobody_confirms_is_called_off_at_the_bank_and_may_be_tried_again() -> None:
    world = World()
    story = Story(world, token=CONFIRMED)
    story.fund()
    world.now.pass_(hours=23)
    story.sweep()
    assert story.escrow.status is Status.PENDING
    world.now.pass_(hours=2)
    story.sweep()
    assert (story.escrow.status, story.escrow.failure_code) == (Status.FAILED, UNCONFIRMED)
    story.card("tok_visa", "another")
    story.retry()
    assert (story.escrow.status, effects(world, Kind.CHARGE)) == (Status.FUNDED, [PRICE])


def test_a_charge_to_confirm_is_called_off_with_the_engagement() -> None:
    world = World()
    story = Story(world, token=CONFIRMED)
    story.fund()
    story.cancel()
    story.sweep_until_quiet(60)
    assert (story.escrow.status, effects(world, Kind.CHARGE)) == (Status.REFUNDED, [])
