"""Whole lives of money in currencies without a minor unit and with three or four digits of one."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.payments import schemas, usecases
from services.payments.domain import Escrow, Kind, State, Status
from services.payments.sandbox_bank import SandboxBank
from services.payments.schemas import money as requests
from services.payments.usecases import extras, repayments
from services.payments.usecases.checking import check
from services.payments.usecases.reconciling import reconcile
from services.payments.usecases.reports import get_statement
from shared.errors import Invalid
from tests.unit.payments.bookkeeping import books_of
from tests.unit.payments.fake_database import fake_platform
from tests.unit.payments.fakes import World
from tests.unit.payments.story import OWNER, TRIO, E, Story, call, heard

LARGE = 2**31 - 1  # What the door takes at most.


def lived(amount: int, currency: str, part: int = 0, back: int = 0) -> Story:
    """Charged, a part of it released, a part given back, the rest accepted; at the sandbox."""
    world = World(limits=replace(World().desk.limits, above={currency: LARGE}))
    world.desk = replace(world.desk, bank=SandboxBank(fake_platform(world.now)))
    story = Story(world)
    story.account()
    facts = {"engagement_id": E, "application_id": "app-1", **TRIO}
    fee = usecases.Engagement(**facts, fee_amount=amount, fee_currency=currency)
    usecases.open_escrow(story.desk, fee, heard("m-accepted"))
    if part:
        extras.release_part(story.desk, call("c-part", OWNER), E, part)
    if back:
        story.refund(back)
    story.accept()
    return story


def assert_sound(story: Story, currency: str) -> None:
    """Every unit has one owner, and both sides of the books say so."""
    escrow, world = story.escrow, story.world
    assert (escrow.status, escrow.held, escrow.owed) == (Status.PAID, 0, 0)
    assert escrow.paid + escrow.fee_taken + escrow.refunded == escrow.funded
    assert 0 <= escrow.fee_taken <= escrow.fee_amount
    world.now.pass_(hours=2)
    books = books_of(world, story.desk.bank)
    report = reconcile(books)
    assert (report["breaks"], list(report["currencies"])) == ([], [currency])
    assert report["currencies"][currency]["agree"]
    assert check(books)["differences"] == []
    (part,) = get_statement(story.desk, OWNER, "2026-03").parts
    assert (part.currency, part.closing) == (currency, 0)


@pytest.mark.parametrize(
    ("currency", "words"),
    [("JPY", "JPY 50,001"), ("KWD", "KWD 50.001"), ("CLF", "CLF 5.0001"), ("USD", "USD 500.01")],
)
def test_parts_refunds_and_the_rest_leave_no_unit_over(currency: str, words: str) -> None:
    story = lived(50_001, currency, part=16_667, back=334)
    assert_sound(story, currency)
    charge = story.escrow.charges[0]
    assert charge.currency == currency
    item: Any = usecases.Waiter(E, "failed", "card-declined", 50_001, currency, story.world.now())
    assert words in schemas.todo_view(item)["title"]


@given(st.integers(1, LARGE), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=25, derandomize=True, deadline=None)
def test_any_amount_is_shared_to_the_unit(amount: int, part: float, back: float) -> None:
    some = int(amount * part * 0.5)
    assert_sound(lived(amount, "JPY", some, int(amount * back * 0.5)), "JPY")


@pytest.mark.parametrize("wrong", [0, -1, 10**30, 1.5, "1e3", True, None])
def test_what_is_no_amount_is_refused_at_the_door(wrong: Any) -> None:
    about = {"engagement_id": E}
    for shape, more in (
        (requests.ReleasePart, {}),
        (requests.GrantBonus, {}),
        (requests.AddToFee, {"reason": "More."}),
        (requests.AskRepayment, {"reason": "Less."}),
    ):
        with pytest.raises(Invalid) as caught:
            schemas.read(shape, **about, **more, amount=wrong)
        assert "amount" in caught.value.errors


@pytest.mark.parametrize("amount", [0, -1, 50_002, 10**30])
def test_more_than_there_is_and_nothing_at_all_moves_nothing(amount: int) -> None:
    world = World()
    story = Story(world, price=50_001)
    story.account()
    story.fund()
    before = dict(world.journal.entries)
    for act in (
        lambda: extras.release_part(story.desk, call("c-1", OWNER), E, amount),
        lambda: story.refund(amount, "c-2"),
        lambda: repayments.ask_repayment(story.desk, call("c-3", OWNER), E, amount, "So."),
    ):
        with pytest.raises(Invalid):
            act()
    assert world.journal.entries == before
    assert (story.escrow.held, story.escrow.approvals) == (50_001, [])


@pytest.mark.parametrize("amount", [-1, 10**30])
def test_a_fee_that_is_none_is_not_charged(amount: int) -> None:
    heard_of = {"engagement_id": E, "application_id": "a", **TRIO}
    with pytest.raises(Exception, match="Must be"):
        schemas.ApplicationAccepted().load(heard_of | {"fee_amount": amount, "fee_currency": "USD"})


def kinds(escrow: Escrow) -> list[Kind]:
    return [one.kind for one in escrow.operations if one.state is State.SUCCEEDED]


def test_the_smallest_fee_goes_the_whole_way() -> None:
    story = lived(1, "JPY")
    assert kinds(story.escrow) == [Kind.CHARGE, Kind.RELEASE, Kind.TRANSFER]
    assert_sound(story, "JPY")
