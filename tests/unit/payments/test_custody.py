"""What holds money back besides a dispute: freezes, chargebacks, a second operator, its age."""

from itertools import permutations

import pytest

from services.payments import usecases
from services.payments.domain import Escrow, Kind, Notice, Status
from services.payments.domain.custody import Limits
from services.payments.schemas.custody import funds_view, operators_todo
from shared.errors import Conflict, Forbidden, Invalid, NotFound, NotYet
from shared.principal import Principal
from tests.unit.payments.fakes import START, World, effects
from tests.unit.payments.story import KIM, OPERATOR, OWNER, PRICE, E, Story, call, heard

SECOND = Principal("acc-ops-2", "operator")


@pytest.fixture
def world() -> World:
    return World(limits=Limits({"USD": 20_000}))


@pytest.fixture
def story(world: World) -> Story:
    story = Story(world)
    story.account()
    story.fund()
    return story


def freeze(story: Story, id_: str = "c-freeze") -> Escrow:
    return usecases.freeze_funds(story.desk, call(id_, OPERATOR), E, "A stolen card.")


def unfreeze(story: Story) -> Escrow:
    return usecases.unfreeze_funds(story.desk, call("c-unfreeze", OPERATOR), E, "It was not.")


def approve(story: Story, id_: str, by: Principal = SECOND) -> Escrow:
    return usecases.approve_movement(story.desk, call(f"ok-{id_}-{by.id}", by), E, id_)


def learn(story: Story, code: str, id_: str = "n", amount: int = PRICE) -> Escrow:
    about = {"engagement_id": E, "operation_key": f"{E}:charge:1", "currency": "USD"}
    notice = Notice(id_, "chargeback", "dp_1", START, **about, amount=amount, code=code)
    return usecases.learn_chargeback(story.desk, notice, heard(id_))


def test_nothing_moves_while_an_operator_has_frozen_it(world: World, story: Story) -> None:
    assert freeze(story).status is Status.FROZEN
    story.accept()
    story.sweep_until_quiet(3)
    with pytest.raises(Conflict, match="frozen"):
        story.refund(1)
    assert story.escrow.held == PRICE
    assert unfreeze(story).status is Status.PAID
    assert world.announced.count("funds.frozen") == world.announced.count("funds.unfrozen") == 1


def test_a_freeze_is_one_and_has_a_reason_on_record(story: Story) -> None:
    with pytest.raises(Conflict, match="not frozen"):
        unfreeze(story)
    freeze(story)
    with pytest.raises(Conflict, match="already"):
        freeze(story, "c-2")
    unfreeze(story)
    (kept,) = story.escrow.freezes
    assert (kept.reason, kept.by, kept.lifted_by) == ("A stolen card.", OPERATOR.id, OPERATOR.id)
    assert kept.lift_reason == "It was not."


def test_what_was_agreed_while_frozen_happens_when_it_is_lifted(story: Story) -> None:
    story.dispute()
    freeze(story)
    story.take(story.escrow.disputes[0].offer.id, KIM)  # type: ignore[union-attr]
    assert story.escrow.held == PRICE
    unfreeze(story)
    assert story.escrow.refunded == PRICE


def test_above_the_limit_another_operator_has_to_agree(world: World, story: Story) -> None:
    story.refund(20_001)
    assert story.escrow.refunded == 0
    assert world.event("approval.requested")["amount"] == 20_001
    assert "org_id" not in world.event("approval.requested")  # For operators only.
    with pytest.raises(Forbidden, match="Another operator"):
        approve(story, "c-refund", OPERATOR)
    assert approve(story, "c-refund").refunded == 20_001
    with pytest.raises(Conflict, match="approved already"):
        approve(story, "c-refund", Principal("acc-ops-3", "operator"))


def test_up_to_the_limit_one_operator_is_enough(story: Story) -> None:
    assert story.refund(20_000).refunded == 20_000


def test_what_cannot_be_given_back_is_not_asked_for(story: Story) -> None:
    with pytest.raises(Invalid):
        story.refund(PRICE + 1)
    assert story.escrow.approvals == []


def test_a_rejected_wish_moves_nothing(story: Story) -> None:
    story.refund()
    by = call("c-reject", SECOND)
    escrow = usecases.reject_movement(story.desk, by, E, "c-refund", "Ask the company first.")
    assert (escrow.held, escrow.waiting_approvals) == (PRICE, [])
    assert escrow.approvals[0].closing_reason == "Ask the company first."
    with pytest.raises(NotFound):
        approve(story, "nothing")


def test_a_large_decision_needs_two_who_have_not_decided_it_before(story: Story) -> None:
    story.dispute()
    story.answer()
    story.escalate()
    story.decide(PRICE, 0)
    assert story.escrow.disputes[0].verdict is None
    approve(story, "pst-c-decide")
    assert story.escrow.disputes[0].deciders == [OPERATOR.id, SECOND.id]
    story.appeal(OWNER)
    with pytest.raises(Forbidden, match="Another operator"):
        story.decide(0, PRICE, SECOND, "c-appeal-2")
    third = Principal("acc-ops-3", "operator")
    story.decide(0, PRICE, third, "c-appeal-3")
    with pytest.raises(Forbidden, match="Another operator"):
        approve(story, "pst-c-appeal-3", SECOND)
    approve(story, "pst-c-appeal-3", Principal("acc-ops-4", "operator"))
    assert story.escrow.refunded == PRICE


def test_a_currency_without_a_limit_always_needs_two() -> None:
    assert Limits({"USD": 5}).needs_two(1, "EUR")
    assert not Limits({"USD": 5}).needs_two(5, "USD")


def test_operators_are_told_of_old_money_once_for_each_limit(world: World, story: Story) -> None:
    def told() -> int:
        for id_ in world.aging(world.now()):
            usecases.tell_ages(story.desk, id_)
        return world.announced.count("funds.aged")

    world.now.pass_(days=59)
    assert told() == 0
    world.now.pass_(days=1)
    assert [told(), told()] == [1, 1]
    assert world.event("funds.aged")["days"] == 60
    assert world.event("funds.aged")["limit_at"].startswith("2026-05-31")
    world.now.pass_(days=25)
    assert [told(), told()] == [2, 2]
    view = funds_view(world.held()[0], world.now())
    assert (view["days"], view["held_amount"]) == (85, PRICE)
    story.cancel()
    assert (world.held(), world.aging(world.now())) == ([], [])


def test_a_chargeback_freezes_first_and_is_in_the_books(world: World, story: Story) -> None:
    assert learn(story, "opened").status is Status.FROZEN
    story.accept()
    assert effects(world, Kind.TRANSFER) == []
    journal = world.journal
    assert journal.balance("disputes_receivable") == PRICE
    assert -journal.balance("held_funds") == story.escrow.held == PRICE
    assert world.event("chargeback.opened")["amount"] == PRICE


def test_a_chargeback_that_is_won_lets_all_go_on(world: World, story: Story) -> None:
    learn(story, "opened", "n1")
    story.accept()
    assert learn(story, "won", "n2").status is Status.PAID
    assert world.journal.balance("disputes_receivable") == 0
    assert world.journal.balance("dispute_losses") == 0


def test_a_lost_one_takes_what_is_held(world: World, story: Story) -> None:
    learn(story, "opened", "n1")
    escrow = learn(story, "lost", "n2")
    assert (escrow.held, escrow.lost, escrow.status) == (0, PRICE, Status.REFUNDED)
    assert world.journal.balance("held_funds") == world.journal.balance("dispute_losses") == 0
    story.accept("m-late")
    assert effects(world, Kind.TRANSFER) == []


def test_what_was_paid_already_is_the_loss_of_the_platform(world: World, story: Story) -> None:
    story.accept()
    learn(story, "lost")
    assert story.escrow.status is Status.PAID
    assert world.journal.balance("dispute_losses") == PRICE


def test_a_part_that_is_lost_leaves_the_rest(world: World, story: Story) -> None:
    learn(story, "lost", amount=6405)
    assert story.escrow.held == 20_000
    story.cancel()
    assert effects(world, Kind.REFUND) == [20_000]


def test_a_dispute_shares_what_a_chargeback_has_left(world: World, story: Story) -> None:
    story.dispute()
    story.offer(15843, 10562, KIM)
    learn(story, "opened", "n1", 6405)
    story.take("pst-c-offer", OWNER)
    assert story.escrow.released == 0
    learn(story, "lost", "n2", 6405)
    escrow = story.escrow
    assert (escrow.released, escrow.refunded) == (12000, 8000)
    assert escrow.held == 0


def test_a_dispute_about_nothing_is_over(world: World, story: Story) -> None:
    story.dispute()
    learn(story, "lost")
    assert world.event("dispute.resolved")["basis"] == "chargeback"
    assert story.escrow.status is Status.REFUNDED


@pytest.mark.parametrize("end", ["won", "lost"])
def test_notices_in_any_order_and_twice_have_the_same_end(end: str) -> None:
    found = set()
    for order in permutations(["opened", end, "opened", end]):
        world = World()
        story = Story(world)
        story.fund()
        for number, code in enumerate(order):
            learn(story, code, f"n{number}")
        escrow = story.escrow
        found.add((escrow.status, escrow.held, escrow.lost, len(world.journal.entries)))
        assert world.announced.count("chargeback.opened") == 1
        assert world.announced.count("chargeback.closed") == 1
    assert len(found) == 1


COSTS = [("opened", 0, 0), ("opened", 1500, 0), ("won", 1500, 0), ("won", 1500, 1500)]


def test_what_a_chargeback_costs_is_entered_once_whatever_the_order_of_the_notices() -> None:
    for order in permutations(COSTS):
        world = World()
        story = Story(world)
        story.fund()
        for number, (code, fee, back) in enumerate((*order, *order)):
            about = {"engagement_id": E, "operation_key": f"{E}:charge:1", "currency": "USD"}
            about["code"] = code
            cost = {"amount": PRICE, "fee": fee, "fee_returned": back}
            notice = Notice(f"n{number}", "chargeback", "dp_1", START, **about, **cost)
            usecases.learn_chargeback(story.desk, notice, heard(f"n{number}"))
        kinds = [entry.kind for entry in world.journal.entries.values()]
        assert kinds.count("chargeback-fee") == kinds.count("chargeback-fee-returned") == 1
        assert world.journal.balance("dispute_fees") == 0
        assert (story.escrow.held, story.escrow.status) == (PRICE, Status.FUNDED)


def test_a_notice_that_outruns_the_charge_comes_again(world: World) -> None:
    story = Story(world)
    with pytest.raises(NotYet):
        learn(story, "opened")
    world.bank.away = True
    story.fund()
    with pytest.raises(NotYet):
        learn(story, "opened")
    world.bank.away = False
    story.sweep_until_quiet(1)
    assert learn(story, "opened").status is Status.FROZEN
    with pytest.raises(Invalid):
        learn(story, "pondering", "n9")


def test_evidence_is_handed_in_once_by_an_operator(world: World, story: Story) -> None:
    learn(story, "opened")
    by = call("c-evidence", OPERATOR)
    answered = usecases.answer_chargeback(story.desk, by, E, "dp_1", "See the record.")
    assert answered.chargebacks[0].submitted_at == START
    assert answered.chargebacks[0].evidence_by == OPERATOR.id
    with pytest.raises(Conflict, match="answered already"):
        usecases.answer_chargeback(story.desk, call("c-2", OPERATOR), E, "dp_1", "More.")
    with pytest.raises(NotFound):
        usecases.answer_chargeback(story.desk, call("c-3", OPERATOR), E, "dp_9", "What?")
    with pytest.raises(Forbidden):
        usecases.answer_chargeback(story.desk, call("c-4", OWNER), E, "dp_1", "Mine.")


def test_evidence_that_the_bank_did_not_take_is_handed_in_later(world: World, story: Story) -> None:
    learn(story, "opened")
    world.bank.away = True
    usecases.answer_chargeback(story.desk, call("c-1", OPERATOR), E, "dp_1", "The record.")
    usecases.resend_evidence(story.desk)
    assert story.escrow.chargebacks[0].submitted_at is None
    world.bank.away = False
    for _ in range(2):
        usecases.resend_evidence(story.desk)
    assert story.escrow.chargebacks[0].submitted_at == START
    assert world.bank.evidence == [("dp_1", "The record.")]


def test_operators_see_what_waits_for_them_and_not_their_own_wishes(
    world: World, story: Story
) -> None:
    story.refund()
    learn(story, "opened")
    own = [item["kind"] for item in operators_todo(world.watched(), OPERATOR.id)]
    others = [item["kind"] for item in operators_todo(world.watched(), SECOND.id)]
    assert (own, others) == (
        ["chargeback-unanswered"],
        ["approval-needed", "chargeback-unanswered"],
    )
    (watched,), following = usecases.list_watched(story.desk, OPERATOR, "list_approvals")
    assert (len(watched.waiting_approvals), len(watched.open_chargebacks)) == (1, 1)
    assert (watched.dispute, following) == (None, None)
    with pytest.raises(Forbidden):
        usecases.list_watched(story.desk, OWNER, "list_disputes")
    with pytest.raises(Forbidden):
        usecases.list_funds(story.desk, OWNER)
