"""Refunds that fail after they had succeeded: owed, told, shown, and sent again by a decision."""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import permutations

import pytest

from services.payments import usecases
from services.payments.domain import Kind, Notice, State, Status
from services.payments.domain.funding import Offer
from services.payments.sandbox_bank import SandboxBank, Sender
from services.payments.sandbox_bank.lines import News, id_of
from services.payments.schemas import escrow_view, for_candidate, todo_view
from services.payments.schemas.refunds import refunds_view
from services.payments.usecases import funding
from services.payments.usecases.checking import check
from services.payments.usecases.hooks import act, recheck
from services.payments.usecases.people import list_hindrances
from services.payments.usecases.reconciling import reconcile
from services.payments.usecases.reports import get_statement
from shared.errors import Conflict, Forbidden, NotFound, Unavailable
from shared.principal import SYSTEM, Principal
from tests.unit.payments.bookkeeping import activity, books_of
from tests.unit.payments.fake_database import fake_platform
from tests.unit.payments.fakes import START, World, effects
from tests.unit.payments.story import KIM, OPERATOR, ORG, OWNER, PRICE, E, Story, call, heard
from tests.unit.payments.tales import assert_sound, told_of
from tests.unit.payments.test_sandbox_notices import Post

REFUND = f"{E}:refund:1"
HEAD = Principal("acc-head", "owner", "org-school")
STRANGER = Principal("acc-eve", "owner", "org-evil")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def story(world: World) -> Story:
    """Half of what was held has gone back, and has come back from the card's bank."""
    story = Story(world)
    story.account()
    story.fund()
    story.refund(10_000)
    bounce(story)
    return story


def bounce(story: Story, key: str = REFUND) -> None:
    refund = next(one for one in story.escrow.refunds if one.key == key)
    story.world.bank.fail_refund(key, refund.amount, refund.charge_id)
    told_of(story, key)


def resend(story: Story, number: int = 1, by: Principal = OWNER, id_: str = "c-again") -> Status:
    return usecases.resend_refund(story.desk, call(id_, by), E, number).status


def shown(story: Story, by: Principal = OWNER) -> list[str]:
    items = refunds_view(*usecases.list_refunds(story.desk, by, E))["items"]
    return [one["status"] for one in items]


def test_what_comes_back_is_owed_to_the_company_and_no_part_of_what_is_held(
    world: World, story: Story
) -> None:
    escrow = story.escrow
    assert (escrow.held, escrow.refunded, escrow.owed_back) == (PRICE - 10_000, 10_000, 10_000)
    assert escrow.status is Status.FUNDED
    assert world.journal.balance("company_payable") == -10_000
    assert world.journal.entries[f"{REFUND}:failed"].on("company_payable", ORG) == -10_000
    assert world.journal.balance("processor_balance") == world.bank.balances()["USD"]
    story.sweep_until_quiet(50)
    assert effects(world, Kind.REFUND) == [10_000]  # Nobody sends it again by itself.


def test_the_company_is_told_what_happened_and_what_to_do(world: World, story: Story) -> None:
    assert world.event("refund.failed") == {
        "engagement_id": E,
        "project_id": "prj-1",
        "org_id": ORG,
        "number": 1,
        "amount": 10_000,
        "currency": "USD",
        "code": "lost-or-stolen-card",
    }
    (view,) = escrow_view(story.escrow, simulated=True)["refunds"]
    assert (view["status"], view["failure_code"]) == ("failed", "lost-or-stolen-card")
    assert view["what"].startswith("The card was reported lost or stolen. We keep it for you.")
    (todo,) = usecases.list_todo(story.desk, OWNER)
    item = todo_view(todo)
    assert (item["kind"], item["what"]) == ("refund-failed", view["what"])
    assert for_candidate(escrow_view(story.escrow, simulated=True))["refunds"] == []


def test_it_is_sent_again_by_a_new_decision_under_a_new_key(world: World, story: Story) -> None:
    for _ in range(2):  # The same call again is the same decision.
        resend(story)
    assert effects(world, Kind.REFUND) == [10_000, 10_000]
    assert [one.key for one in story.escrow.refunds] == [REFUND, f"{E}:refund:2"]
    assert shown(story) == ["resent", "sent"]
    assert story.escrow.owed_back == world.journal.balance("company_payable") == 0
    assert usecases.list_todo(story.desk, OWNER) == []
    for number in (1, 2, 9):
        with pytest.raises(Conflict, match="failed can be sent again"):
            resend(story, number, id_=f"c-{number}")
    story.cancel()
    assert story.escrow.status is Status.REFUNDED
    assert world.journal.balance("held_funds") == 0
    assert_sound(world)


def test_what_fails_once_more_can_be_sent_once_more(world: World, story: Story) -> None:
    resend(story)
    bounce(story, f"{E}:refund:2")
    assert shown(story) == ["resent", "failed"]
    assert world.journal.balance("company_payable") == -10_000
    resend(story, 2, id_="c-third")
    assert shown(story) == ["resent", "resent", "sent"]
    assert world.journal.balance("company_payable") == story.escrow.owed_back == 0


def test_what_the_bank_refuses_at_once_stays_owed_and_is_told(world: World, story: Story) -> None:
    world.bank.room["refund", story.escrow.charges[0].bank_id] = 0
    resend(story)
    assert shown(story) == ["failed", "refused"]
    assert world.announced.count("refund.failed") == 2
    assert story.escrow.retry_at is None
    world.bank.room["refund", story.escrow.charges[0].bank_id] = 10_000
    resend(story, id_="c-later")
    assert shown(story) == ["resent", "refused", "sent"]


@pytest.mark.parametrize(
    ("by", "error"),
    [(STRANGER, NotFound), (KIM, Forbidden), (replace(OWNER, role="recruiter"), Forbidden)],
)
def test_nobody_else_sends_it_again(story: Story, by: Principal, error: type[Exception]) -> None:
    with pytest.raises(error):
        resend(story, by=by)
    assert resend(story, by=OPERATOR, id_="c-op") is Status.FUNDED


def test_nothing_is_sent_again_while_it_is_frozen(world: World, story: Story) -> None:
    usecases.freeze_funds(story.desk, call("c-f", OPERATOR), E, "A stolen card.")
    with pytest.raises(Conflict, match="frozen"):
        resend(story)
    assert effects(world, Kind.REFUND) == [10_000]


def test_a_sponsors_refund_is_owed_to_the_sponsor(world: World) -> None:
    story = Story(world)
    usecases.put_payment_method(story.desk, call("card-h", HEAD), "tok_visa")
    offer = Offer("org-school", 10_000, 50)
    plan = funding.propose_funding(story.desk, call("c-p", OWNER), "prj-1", "USD", None, [offer])
    funding.answer_funding(story.desk, call("c-y", HEAD), plan.id, True)
    story.fund()
    story.cancel()
    bounce(story)
    assert world.journal.entries[f"{REFUND}:failed"].on("company_payable", "org-school") == -10_000
    assert world.event("refund.failed")["org_id"] == "org-school"
    assert story.escrow.status is Status.REFUNDED
    assert world.plans.load(plan.id).sponsors[0].used == 10_000  # It did not come back.
    assert (shown(story, HEAD), shown(story)) == (["failed"], ["failed", "sent"])
    with pytest.raises(NotFound):
        resend(story)  # The company has no say in it.
    hindered = list_hindrances(story.desk, SYSTEM, "acc-head", "org-school")
    assert [one["code"] for one in hindered] == ["payout-open"]
    assert list_hindrances(story.desk, SYSTEM, "acc-dana", ORG) == []
    resend(story, by=HEAD)
    assert world.plans.load(plan.id).sponsors[0].used == 0
    assert world.journal.balance("company_payable") == 0
    assert list_hindrances(story.desk, SYSTEM, "acc-head", "org-school") == []


def test_the_statement_has_it_among_what_is_kept_until_it_is_sent_again(
    world: World, story: Story
) -> None:
    story.cancel()
    part = get_statement(story.desk, OWNER, "2026-03").parts[0]
    assert (part.closing, part.total("refund-failed"), part.total("rounding")) == (
        10_000,
        10_000,
        0,
    )
    resend(story)
    assert get_statement(story.desk, OWNER, "2026-03").parts[0].closing == 0


@pytest.mark.parametrize(
    ("amount", "covered", "held"),
    [(4_000, 4_000, PRICE - 10_000), (12_000, 10_000, PRICE - 12_000), (PRICE, 10_000, 0)],
)
def test_a_lost_chargeback_takes_first_what_was_owed_to_its_payer_anyway(
    world: World, story: Story, amount: int, covered: int, held: int
) -> None:
    about = {"engagement_id": E, "operation_key": f"{E}:charge:1", "currency": "USD"}
    notice = Notice("n", "chargeback", "dp_1", START, **about, amount=amount, code="lost")
    usecases.learn_chargeback(story.desk, notice, heard("n"))
    assert (story.escrow.held, story.escrow.owed_back) == (held, 10_000 - covered)
    assert world.journal.balance("company_payable") == covered - 10_000
    assert world.journal.balance("dispute_losses") == 0
    assert check(books_of(world))["differences"] == []
    if covered < 10_000:
        resend(story)
        assert effects(world, Kind.REFUND) == [10_000, 10_000 - covered]
        assert world.journal.balance("company_payable") == 0


def test_notices_of_a_refund_in_any_order_and_twice_end_alike() -> None:
    keys = [REFUND, f"{E}:charge:1", REFUND]
    ends = set()
    for order in permutations(keys):
        world = World()
        story = Story(world)
        story.fund()
        story.refund(10_000)
        charge_id = story.escrow.charges[0].bank_id
        world.bank.fail_refund(REFUND, 10_000, charge_id)
        for number, key in enumerate((*order, *order)):
            kind = key.split(":")[1]
            notice = Notice(f"e{number}", kind, "x", START, E, key)
            act(story.desk, notice, heard(f"e{number}"))
        assert world.announced.count("refund.failed") == 1
        ends.add((story.escrow.owed_back, story.escrow.held, len(world.journal.entries)))
    assert ends == {(10_000, PRICE - 10_000, 3)}


def test_a_notice_is_not_believed_and_waits_for_a_bank_that_is_away(world: World) -> None:
    story = Story(world)
    story.fund()
    story.refund(10_000)
    notice = Notice("e", "refund", "re_1", START, E, REFUND, code="lost-or-stolen-card")
    act(story.desk, notice, None)
    assert story.escrow.owed_back == 0
    world.bank.away = True
    with pytest.raises(Unavailable):
        act(story.desk, notice, None)


@pytest.mark.parametrize("first", ["the notice", "the statement"])
def test_notice_and_statement_enter_it_once_whichever_comes_first(world: World, first: str) -> None:
    story = Story(world)
    story.fund()
    story.refund(10_000)
    books = books_of(world)
    books.bank.tell(list(world.journal.entries.values()))  # type: ignore[attr-defined]
    failed = activity("txn_f", "refund_failure", 10_000, key=REFUND, at=world.now())
    books.bank.items.append(failed)  # type: ignore[attr-defined]
    steps: list[Callable[[], object]] = [lambda: bounce(story), lambda: reconcile(books)]
    for step in steps if first == "the notice" else steps[::-1]:
        world.now.pass_(hours=2)
        step()
    for _ in range(3):
        world.now.pass_(hours=2)
        report = reconcile(books)
        assert (report["sound"], report["breaks"]) == (True, [])
        assert world.journal.balance("company_payable") == -10_000
        assert check(books)["differences"] == []


def test_a_notice_that_never_came_is_made_up_for_by_the_statement(world: World) -> None:
    story = Story(world)
    story.fund()
    story.refund(10_000)
    books = replace(books_of(world), look_again=partial(recheck, story.desk))
    books.bank.tell(list(world.journal.entries.values()))  # type: ignore[attr-defined]
    failed = activity("txn_f", "refund_failure", 10_000, key=REFUND, at=world.now())
    books.bank.items.append(failed)  # type: ignore[attr-defined]
    world.bank.fail_refund(REFUND, 10_000, story.escrow.charges[0].bank_id)
    world.bank.away = True
    for away in (True, False, False):
        world.bank.away = away
        world.now.pass_(hours=2)
        assert reconcile(books)["breaks"] == []
        assert shown(story) == (["sent"] if away else ["failed"])
    assert world.announced.count("refund.failed") == 1
    assert world.journal.balance("company_payable") == -10_000
    assert check(books)["differences"] == []


@pytest.mark.parametrize("seed", range(3))
def test_the_sandboxs_own_notices_tell_of_it_and_both_sides_agree(seed: int) -> None:
    """From the first refund to the one that arrives: shuffled, doubled and all of it again."""
    dice, world = random.Random(seed), World()
    bank = SandboxBank(fake_platform(world.now, sandbox_url="http://gateway"))
    world.desk = replace(world.desk, bank=bank)
    story = Story(world, token="tok_refundFailOnce")
    story.fund()
    story.refund(10_000)
    door = Post(story)

    def mix(news: list[News]) -> list[News]:
        return dice.sample(news * 2, 2 * len(news))

    def hear() -> None:
        world.now.pass_(minutes=2)
        Sender(bank, door, mix).round()
        door.replay(dice)

    hear()
    assert shown(story) == ["failed"]
    resend(story)
    hear()
    assert shown(story) == ["resent", "sent"]
    world.now.pass_(hours=2)
    books = books_of(world, bank)
    report = reconcile(books)
    assert (report["breaks"], report["sound"]) == ([], True)
    assert check(books)["differences"] == []
    assert world.announced.count("refund.failed") == 1
    charge = bank.charges.find(id_of("ch", f"{E}:charge:1"))
    assert charge
    assert [one.state for one in charge.moves] == [State.FAILED, State.SUCCEEDED]
