"""What the bank tells: stored once, acted on in any order and after any crash, never believed."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from services.payments import usecases
from services.payments.domain import AccountStatus, Hook, Kind, Notice, State, Status
from services.payments.sandbox_bank import NoAnswer
from services.payments.service import PaymentsService
from shared.envelope import Call
from shared.errors import Invalid, NotFound
from tests.unit.payments.fakes import CONFIRMED, START, FakeBank, World, effects
from tests.unit.payments.story import CANDIDATE, PRICE, E, Story

CHARGE, TRANSFER, REFUND = f"{E}:charge:1", f"{E}:transfer:1", f"{E}:refund:1"
SIGNED = "signed"


def notice(id_: str, kind: str, key: str = "", **more: Any) -> Notice:
    return Notice(id_, kind, f"obj_{id_}", START, E if key else "", key, **more)


class Telling(FakeBank):
    """A bank whose notices are what the body names; the signature is a word."""

    notices: dict[str, Notice]

    def read_hook(self, body: bytes, signature: str) -> Notice:
        if signature != SIGNED:
            raise Invalid("hook-signature-wrong", "Not signed.")
        return self.notices[body.decode()]


@pytest.fixture
def world() -> World:
    made = World()
    made.bank.__class__ = Telling
    made.bank.notices = {}
    return made


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


def tell(world: World, told: Notice, signature: str = SIGNED) -> Hook:
    world.bank.notices[told.id] = told
    return usecases.receive_hook(world.desk, Call(), "memory", told.id.encode(), signature)


def test_a_notice_that_is_not_genuine_changes_and_stores_nothing(world: World) -> None:
    with pytest.raises(Invalid):
        tell(world, notice("e1", "charge", CHARGE), signature="guessed")
    with pytest.raises(NotFound):
        usecases.receive_hook(world.desk, Call(), "stripe", b"e1", SIGNED)
    assert world.hooks.documents == {}


@pytest.mark.parametrize("kind", ["other", "payout"])
def test_a_notice_that_concerns_nothing_is_stored_and_ignored(world: World, kind: str) -> None:
    hook = tell(world, notice("e1", kind))
    assert (hook.due_at, hook.done_at) == (None, START)
    assert tell(world, notice("e1", kind)).version == hook.version == 1


def test_an_unknown_charge_becomes_known_by_its_notice(world: World, story: Story) -> None:
    world.bank_faults = Losing("answer", "charge")
    assert story.fund().status is Status.PENDING
    hook = tell(world, notice("e1", "charge", CHARGE))
    assert hook.done_at is not None
    assert story.escrow.status is Status.FUNDED
    assert effects(world, Kind.CHARGE) == [PRICE]


def test_a_notice_is_never_believed(world: World, story: Story) -> None:
    world.bank_faults = Losing("request", "charge")
    story.fund()
    hook = tell(world, notice("e1", "charge", CHARGE, code="card-declined", amount=1))
    assert (hook.done_at, hook.note) == (None, "bank-unsure")
    assert story.escrow.status is Status.PENDING
    story.sweep_until_quiet()
    assert story.escrow.status is Status.FUNDED


def test_a_payer_who_has_confirmed_is_noticed_at_once(world: World) -> None:
    story = Story(world, token=CONFIRMED)
    escrow = story.fund()
    world.bank.confirm(escrow.operations[0])
    tell(world, notice("e1", "charge", CHARGE))
    assert story.escrow.status is Status.FUNDED


def test_notices_in_any_order_and_twice_end_alike(world: World) -> None:
    told = [
        notice("e1", "charge", CHARGE),
        notice("e2", "transfer", TRANSFER),
        notice("e3", "account", account_key=f"{CANDIDATE}:account"),
        notice("e4", "other"),
    ]
    ends = set()
    for order in permutations(told):
        world = World()
        world.bank.__class__ = Telling
        world.bank.notices = {}
        story = Story(world)
        world.bank_faults = Losing("answer", "charge", "transfer")
        story.account()
        story.fund()
        story.accept()
        for one in (*order, *order):
            tell(world, one)
        assert effects(world, Kind.CHARGE) == [PRICE]
        ends.add((story.escrow.status, tuple(effects(world, Kind.TRANSFER)), story.escrow.paid))
    assert ends == {(Status.PAID, (23764,), 23764)}


def test_what_a_crash_has_left_is_acted_on_by_the_sweep(world: World, story: Story) -> None:
    world.bank_faults = Losing("answer", "charge")
    story.fund()
    told = notice("e1", "charge", CHARGE)
    world.hooks.change("e1", None, lambda hook: None, new=lambda: Hook.of(told, START))
    Service(world).sweep_hooks()
    assert story.escrow.status is Status.FUNDED
    assert world.hooks.load("e1").done_at is not None


def test_a_notice_that_cannot_be_acted_on_waits_longer_each_time_and_not_for_ever(
    world: World, story: Story
) -> None:
    story.fund()
    world.bank.away = True
    operation = story.escrow.operations[0]
    operation.state = State.UNKNOWN
    world.escrows.change(E, None, lambda escrow: _reopen(escrow))
    waits = []
    hook = tell(world, notice("e1", "charge", CHARGE))
    while hook.due_at:
        waits.append((hook.due_at - world.now()).total_seconds())
        world.now.now = hook.due_at
        hook = usecases.tend_hook(world.desk, "e1")
    assert waits[:3] == [20, 40, 80]
    assert max(waits) == 3600
    assert hook.done_at is None
    assert hook.note == "bank-unsure"


def _reopen(escrow: Any) -> None:
    escrow.operations[0].state = State.UNKNOWN


def test_what_is_not_ours_is_left_alone(world: World, story: Story) -> None:
    story.fund()
    for told in (
        notice("e1", "charge", "eng-9:charge:1"),
        Notice("e2", "charge", "ch_1", START, "eng-9", "eng-9:charge:1"),
        Notice("e3", "charge", "ch_1", START),
        notice("e4", "account", account_key="acc-9:account"),
        notice("e5", "account"),
        notice("e6", "refund", REFUND),
    ):
        assert tell(world, told).done_at is not None


def test_an_account_that_became_active_is_paid_at_once(world: World, story: Story) -> None:
    story.account()
    account_id = world.accounts.load(CANDIDATE).bank_id
    world.bank.set_account_status(account_id, AccountStatus.RESTRICTED)
    story.fund()
    story.accept()
    assert effects(world, Kind.TRANSFER) == []
    world.bank.set_account_status(account_id, AccountStatus.ACTIVE)
    tell(world, notice("e1", "account", account_key=f"{CANDIDATE}:account"))
    assert story.escrow.status is Status.PAID


def test_a_chargeback_freezes_the_money_however_often_it_is_told(
    world: World, story: Story
) -> None:
    story.fund()
    told = notice("e1", "chargeback", CHARGE, amount=PRICE, currency="USD", code="opened")
    for one in (told, told, replace(told, id="e2")):
        assert tell(world, one).done_at is not None
    assert [one.id for one in story.escrow.chargebacks] == ["obj_e1"]
    assert story.escrow.frozen


def test_what_cannot_be_acted_on_yet_is_answered_all_the_same_and_acted_on_later(
    world: World, story: Story
) -> None:
    early = notice("e1", "chargeback", CHARGE, amount=PRICE, currency="USD", code="opened")
    hook = tell(world, early)
    assert (hook.note, hook.done_at) == ("escrow-unknown", None)
    story.fund()
    world.now.pass_(minutes=1)
    Service(world).sweep_hooks()
    assert story.escrow.frozen


class Losing:
    """The first of each of these is lost at this point."""

    def __init__(self, point: str, *kinds: str) -> None:
        self.point, self.kinds = point, list(kinds)

    def __call__(self, point: str, key: str) -> None:
        kind = key.split(":")[1]
        if point == self.point and kind in self.kinds:
            self.kinds.remove(kind)
            raise NoAnswer


class Service(PaymentsService):
    def __init__(self, world: World) -> None:
        self.desk = world.desk


def test_the_door_takes_bytes_as_base64_and_says_that_they_are_kept(world: World) -> None:
    service = Service(world)
    world.bank.notices = {"e1": notice("e1", "other")}
    sent = {"processor": "memory", "signature": SIGNED}
    answer = service.receive_hook(Call(), body_base64=b64encode(b"e1").decode(), **sent)
    assert json.loads(json.dumps(answer)) == {"id": "e1", "received": True}
    with pytest.raises(Invalid) as caught:
        service.receive_hook(Call(), body_base64="no base64!", **sent)
    assert "body_base64" in caught.value.errors


def test_a_notice_keeps_its_time(world: World) -> None:
    tell(world, notice("e1", "other"))
    assert world.hooks.load("e1").notice.at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
