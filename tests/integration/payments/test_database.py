"""The sandbox bank, the journal and whole tales on a real database."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from services.payments import usecases
from services.payments.domain import AccountStatus, Entry, Posting, Status
from services.payments.domain.funding import Offer
from services.payments.sandbox_bank import NoAnswer, SandboxBank, Sender
from services.payments.store import Journal
from services.payments.usecases import funding
from shared.errors import Conflict
from shared.principal import Principal
from tests.integration.payments.conftest import NewPlatform, NewWorld
from tests.integration.payments.real import RealWorld
from tests.unit.payments.bank_cases import BankCases, Faults, ProcessorCases, Rig
from tests.unit.payments.fakes import START
from tests.unit.payments.story import CANDIDATE, OPERATOR, ORG, OWNER, PRICE, E, Story, call
from tests.unit.payments.tales import TALES, assert_sound, charge, refund, transfer

POSTINGS = (Posting("processor_balance", 5, "sandbox"), Posting("held_funds", -5, E))
ENTRY = Entry("k1", "charge", E, "USD", START, POSTINGS)


class TestSandboxBank(BankCases, ProcessorCases):
    @pytest.fixture
    def rig(self, new_platform: NewPlatform) -> Rig:
        faults = Faults()
        return Rig(SandboxBank(new_platform(), faults), faults)

    def test_a_card_whose_first_answer_is_lost_was_charged_once(self, rig: Rig) -> None:
        operation, outcome = rig.charge(token="tok_unavailable")
        assert outcome.state.value == "unknown"
        assert rig.bank.charge(E, operation).state.value == "succeeded"
        assert rig.bank.effects() == [(operation.key, PRICE)]

    def test_an_unknown_card_fails(self, rig: Rig) -> None:
        operation = replace(rig.charge()[0], key=f"{E}:charge:9", party="pm_none")
        assert rig.bank.charge(E, operation).code == "card-unknown"


def test_webhooks_wait_in_the_documents_until_they_are_taken(new_platform: NewPlatform) -> None:
    bank = SandboxBank(new_platform(sandbox_url="http://gateway"))
    rig, answers, bodies = Rig(bank, Faults()), [503, 200, 200], list[bytes]()
    rig.charge()
    bank.set_account_status(rig.account(), AccountStatus.RESTRICTED)

    def post(_url: str, body: bytes, _headers: Mapping[str, str]) -> int:
        bodies.append(body)
        return answers.pop(0)

    for _ in range(3):
        Sender(bank, post).round()
        rig.later(seconds=6)
    assert answers == []
    assert bodies[0] == bodies[2] != bodies[1]


def test_the_sandbox_refuses_to_move_real_money(new_platform: NewPlatform) -> None:
    with pytest.raises(SystemExit, match="never in production"):
        SandboxBank(new_platform("production"))


@pytest.mark.parametrize("tale", TALES)
def test_a_tale_ends_as_it_does_over_the_fakes(
    new_world: NewWorld, tale: Callable[[Story], None]
) -> None:
    told(new_world, tale)


@pytest.mark.parametrize("tale", [transfer, refund])
def test_a_crash_at_any_step_ends_as_if_there_had_been_none(
    new_world: NewWorld, tale: Callable[[Story], None]
) -> None:
    calm = told(new_world, tale)
    assert calm.plan.steps
    for crash_at in range(1, len(calm.plan.steps) + 1):
        world = told(new_world, tale, crash_at)
        assert world.announced == calm.announced, calm.plan.steps[crash_at - 1]
        assert world.bank.effects() == calm.bank.effects(), calm.plan.steps[crash_at - 1]


@pytest.mark.parametrize("point", ["request", "answer"])
@pytest.mark.parametrize(
    ("tale", "kind"), [(charge, "charge"), (transfer, "transfer"), (refund, "refund")]
)
def test_a_lost_request_or_answer_is_one_effect(
    new_world: NewWorld, tale: Callable[[Story], None], kind: str, point: str
) -> None:
    world, lost = new_world(), []

    def lose(where: str, key: str) -> None:
        if where == point and f":{kind}:" in key and not lost:
            lost.append(key)
            raise NoAnswer

    world.bank_faults = lose
    story = Story(world)  # type: ignore[arg-type]
    tale(story)
    assert story.escrow.under_way
    story.sweep_until_quiet(3)
    assert_sound(world)  # type: ignore[arg-type]


def told(new_world: NewWorld, tale: Callable[[Story], None], crash_at: int = 0) -> RealWorld:
    world = new_world(crash_at)
    story = Story(world)  # type: ignore[arg-type]
    tale(story)
    story.sweep_until_quiet(2)
    assert_sound(world)  # type: ignore[arg-type]
    return world


def test_an_entry_is_made_once_and_never_changed(new_world: NewWorld) -> None:
    journal = Journal(new_world().platform)
    other = Entry(
        "k2",
        "refund",
        E,
        "EUR",
        START,
        (Posting("platform_fee", -1), Posting("processor_balance", 1, "sandbox")),
    )
    journal.post([ENTRY])
    journal.post([ENTRY, other])
    assert journal.of(E) == [ENTRY, other]
    changed = replace(ENTRY, postings=tuple(replace(each, amount=0) for each in POSTINGS))
    with pytest.raises(Conflict):
        journal.post([changed])
    assert journal.balances() == [
        ("held_funds", "USD", -5),
        ("platform_fee", "EUR", -1),
        ("processor_balance", "EUR", 1),
        ("processor_balance", "USD", 5),
    ]


def test_who_waits_is_found(new_world: NewWorld) -> None:
    world = new_world()
    story = Story(world, token=None)  # type: ignore[arg-type]
    assert world.desk.waiting(ORG) == []
    story.fund()
    (waiter,) = world.desk.waiting(ORG)
    assert (waiter.id, waiter.status, waiter.failure_code, waiter.amount, waiter.since) == (
        E,
        "failed",
        "no-payment-method",
        PRICE,
        START,
    )
    story.card("tok_visa")
    story.retry()
    story.accept()
    (waiter,) = world.desk.waiting(CANDIDATE)
    assert (waiter.status, waiter.failure_code, waiter.amount) == ("released", None, 23764)
    assert world.desk.waiting(ORG) == []
    story.account()
    assert story.escrow.status is Status.PAID
    assert world.desk.waiting(CANDIDATE) == []


def test_a_sponsor_that_has_to_confirm_is_found_and_reads_its_part(new_world: NewWorld) -> None:
    world = new_world()
    story = Story(world)  # type: ignore[arg-type]
    head = Principal("acc-head", "owner", "org-school")
    usecases.put_payment_method(world.desk, call("3ds", head), "tok_threeDSecureRequired")
    about = ("prj-1", "USD", None, [Offer("org-school", 10_000, 50)])
    plan = funding.propose_funding(world.desk, call("plan", OWNER), *about)
    funding.answer_funding(world.desk, call("yes", head), plan.id, True)
    story.fund()
    (waiter,) = world.desk.waiting("org-school")
    assert (waiter.id, waiter.amount, waiter.sponsored) == (E, 10_000, True)
    assert world.desk.waiting(ORG) == []
    parts = funding.list_contributions(world.desk, head, funding.list_funding(world.desk, head)[0])
    assert [part.action_url for part in parts[plan.id]] == [waiter.action_url]


def test_held_money_is_listed_page_by_page(new_world: NewWorld) -> None:
    world = new_world()
    Story(world).fund()  # type: ignore[arg-type]
    collection = world.platform.database["escrows"]
    [kept] = collection.find()
    for number in range(4):  # Three of them are held since the same moment.
        since = kept["held_since"] + timedelta(seconds=number // 3)
        collection.insert_one({**kept, "_id": f"twin-{number}", "held_since": since})
    found: list[str] = []
    after = None
    for _ in range(5):
        page, after = usecases.list_funds(world.desk, OPERATOR, 2, after)
        found += [escrow.id for escrow in page]
        if after is None:
            break
    assert found == [kept["_id"], "twin-0", "twin-1", "twin-2", "twin-3"]
