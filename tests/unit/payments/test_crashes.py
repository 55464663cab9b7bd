"""A crash at every step of every kind of operation, and answers that get lost: one effect each."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from services.payments.domain import AccountStatus, Kind, Status
from services.payments.sandbox_bank import NoAnswer
from services.payments.usecases.settling import SENDERS_GONE
from tests.unit.payments.fakes import Crash, World, effects
from tests.unit.payments.story import CANDIDATE, PRICE, E, Story
from tests.unit.payments.tales import (
    OPERATIONS,
    TALES,
    assert_sound,
    refund,
    refund_failed,
    resent,
    split,
    transfer,
)


def told(tale: Callable[[Story], None], crash_at: int = 0) -> World:
    world = World(crash_at)
    story = Story(world)
    tale(story)
    story.sweep_until_quiet(2)
    assert_sound(world)
    return world


@pytest.mark.parametrize("tale", [*TALES, refund_failed, resent])
def test_a_crash_at_any_step_ends_as_if_there_had_been_none(tale: Callable[[Story], None]) -> None:
    """Each step is a save, a request, an answer or an entry; every message is redelivered."""
    calm = told(tale)
    for crash_at in range(1, len(calm.plan.steps) + 1):
        world = told(tale, crash_at)
        assert world.announced == calm.announced, calm.plan.steps[crash_at - 1]
        assert world.bank.effects() == calm.bank.effects(), calm.plan.steps[crash_at - 1]
        assert set(world.journal.entries) == set(calm.journal.entries)


@pytest.mark.parametrize("tale", TALES)
def test_what_nobody_repeats_a_sweep_finishes(tale: Callable[[Story], None]) -> None:
    """The client gives up after a crash; what was decided before it still comes true, once."""
    steps = len(told(tale).plan.steps)
    for crash_at in range(1, steps + 1):
        world = World(crash_at)
        story = Story(world, token=None, do=lambda act: act())
        with suppress(Crash):
            story.card("tok_visa")
            tale(story)
        story.sweep_until_quiet(2)
        if E in world.escrows.documents:
            assert_sound(world)


@pytest.mark.parametrize("point", ["request", "answer"])
@pytest.mark.parametrize(("tale", "kind"), OPERATIONS)
@pytest.mark.parametrize("losses", [1, 4])
def test_a_lost_request_or_answer_is_one_effect(
    tale: Callable[[Story], None], kind: Kind, point: str, losses: int
) -> None:
    world, lost = World(), []

    def lose(where: str, key: str) -> None:
        if where == point and f":{kind.value}:" in key and len(lost) < losses:
            lost.append(key)
            raise NoAnswer

    world.bank_faults = lose
    story = Story(world)
    tale(story)
    assert lost
    assert story.escrow.under_way
    story.sweep_until_quiet(4)
    if tale is split or tale is transfer:
        assert story.escrow.status is Status.PAID
    assert_sound(world)


@pytest.mark.parametrize(("tale", "kind"), OPERATIONS)
def test_after_a_day_the_bank_is_asked_before_anything_is_sent_again(
    tale: Callable[[Story], None], kind: Kind
) -> None:
    """The bank has forgotten the key by then, so that sending it would be a second effect."""
    world, lost = World(), []

    def lose(where: str, key: str) -> None:
        if where == "answer" and f":{kind.value}:" in key and not lost:
            lost.append(key)
            raise NoAnswer

    world.bank_faults = lose
    story = Story(world)
    tale(story)
    world.now.pass_(hours=25)
    story.sweep_until_quiet(2)
    assert_sound(world)


def test_what_never_arrived_is_sent_after_a_day_as_well(story: Story) -> None:
    story.world.bank.away = True
    story.fund()
    story.world.now.pass_(hours=30)
    story.sweep()
    assert story.escrow.under_way
    story.world.bank.away = False
    story.sweep_until_quiet(2)
    assert effects(story.world, Kind.CHARGE) == [PRICE]


def test_the_waits_between_attempts_grow_to_an_hour(story: Story) -> None:
    story.world.bank.away = True
    story.fund()
    waits = []
    for _ in range(14):
        due_at = story.escrow.due_at
        assert due_at
        waits.append(due_at - story.world.now())
        story.world.now.now = due_at
        story.sweep()
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(seconds=10), timedelta(hours=1))


def test_a_pending_charge_is_called_off_where_it_was_not_done(story: Story) -> None:
    story.world.bank.away = True
    story.fund()
    story.cancel()
    story.world.bank.away = False
    story.world.now.pass_(seconds=70)
    story.sweep()
    assert story.escrow.status is Status.PENDING  # Somebody may still be sending it.
    story.world.now.pass_(seconds=SENDERS_GONE.total_seconds())
    story.sweep()
    assert story.escrow.status is Status.REFUNDED
    assert story.world.bank.done == []
    assert story.world.announced == ["payment.refunded"]


def test_a_called_off_charge_that_was_done_goes_back(story: Story) -> None:
    lost = []

    def lose(where: str, key: str) -> None:
        if where == "answer" and not lost:
            lost.append(key)
            raise NoAnswer

    story.world.bank_faults = lose
    story.fund()
    story.cancel()
    story.sweep_until_quiet(1)
    assert story.escrow.status is Status.REFUNDED
    assert effects(story.world, Kind.REFUND) == [PRICE]
    assert story.world.announced == ["payment.refunded"]
    assert_sound(story.world)


def test_a_called_off_charge_that_is_declined_is_just_closed(story: Story) -> None:
    story.world.bank.away = True
    story.card("tok_chargeDeclined", "card-2")
    story.fund()
    story.cancel()
    operation = story.escrow.operations[0]
    story.world.bank.away = False
    story.world.bank.charge(E, operation)
    story.sweep_until_quiet(1)
    assert story.world.announced == ["payment.refunded"]
    assert story.escrow.status is Status.REFUNDED


def test_a_charge_that_succeeds_after_it_was_given_up_goes_back(story: Story) -> None:
    """A process that stood still for minutes sends it after all, and records the answer."""
    story.world.bank.away = True
    story.fund()
    operation = story.escrow.operations[0]
    story.cancel()
    story.world.bank.away = False
    story.world.now.pass_(minutes=10)
    story.sweep()
    assert story.escrow.status is Status.REFUNDED
    outcome = story.world.bank.charge(E, operation)
    story.world.escrows.change(
        E, None, lambda escrow: escrow.record(operation.key, outcome, story.world.now())
    )
    assert story.escrow.held == PRICE
    story.sweep_until_quiet(1)
    assert effects(story.world, Kind.REFUND) == [PRICE]
    assert_sound(story.world)


def test_a_restricted_account_keeps_the_money_until_it_is_active_again(story: Story) -> None:
    story.account()
    story.fund()
    account_id = story.world.accounts.load(CANDIDATE).bank_id
    story.world.bank.set_account_status(account_id, AccountStatus.RESTRICTED)
    assert story.accept().status is Status.RELEASED
    assert story.world.announced[-1] == "payout.failed"
    assert story.world.event("payout.failed")["code"] == "account-restricted"
    assert story.escrow.waits_for == CANDIDATE
    story.sweep_until_quiet(3)
    assert story.world.accounts.load(CANDIDATE).status is AccountStatus.RESTRICTED
    story.world.bank.set_account_status(account_id, AccountStatus.ACTIVE)
    story.sweep_until_quiet(2)
    assert story.escrow.status is Status.PAID
    assert len(effects(story.world, Kind.TRANSFER)) == 1
    statuses = [event.data["status"] for event in story.world.accounts.announced]
    assert statuses == ["pending", "active", "restricted", "active"]
    assert_sound(story.world)


@pytest.mark.parametrize(("kind", "tale"), [("transfer", transfer), ("refund", refund)])
def test_what_the_bank_refuses_is_decided_anew_later(
    story: Story, kind: str, tale: Callable[[Story], None]
) -> None:
    """A refusal is final for its key; the next attempt has a new one, each later than the last."""
    room, id_ = story.world.bank.room, f"ch_{E}:charge:1"
    story.account()
    story.fund()
    room[kind, id_] = 0
    tale(story)
    assert story.escrow.retry_at
    assert not story.escrow.under_way
    story.sweep_until_quiet(4)
    room[kind, id_] = PRICE
    story.sweep_until_quiet(30)
    keys = [op.key for op in story.escrow.operations if op.kind.value == kind]
    assert keys == [f"{E}:{kind}:{number}" for number in range(1, len(keys) + 1)]
    assert 3 <= len(keys) <= 5
    assert story.escrow.status is (Status.PAID if kind == "transfer" else Status.REFUNDED)
    assert_sound(story.world)


def test_a_refused_refund_of_a_part_is_not_released_to_anybody(story: Story) -> None:
    story.account()
    story.fund()
    story.world.bank.room["refund", f"ch_{E}:charge:1"] = 0
    story.refund(405)
    story.accept()
    assert story.escrow.released == PRICE - 405
    assert story.escrow.held == 405
    story.world.bank.room["refund", f"ch_{E}:charge:1"] = 405
    story.sweep_until_quiet(3)
    assert story.escrow.held == 0
    assert_sound(story.world)


def test_an_account_that_the_bank_could_not_open_yet_is_opened_by_a_sweep(story: Story) -> None:
    story.world.bank.away = True
    story.account()
    assert story.world.accounts.load(CANDIDATE).status is AccountStatus.PENDING
    story.world.bank.away = False
    story.sweep()
    assert story.world.accounts.load(CANDIDATE).status is AccountStatus.ACTIVE


@pytest.fixture
def story() -> Story:
    return Story(World())
