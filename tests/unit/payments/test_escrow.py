"""What becomes of the money of an engagement, step by step."""

from dataclasses import replace

import pytest

from services.payments.domain import Kind, Outcome, State, Status
from shared.errors import Conflict, Invalid, NotFound
from tests.unit.payments.fakes import World, effects
from tests.unit.payments.story import CANDIDATE, KIM, ORG, PRICE, E, Story

FEE = 2641  # 10 % of 264.05, half up.
NET = PRICE - FEE


def amounts(story: Story) -> tuple[int, int, int, int, int]:
    escrow = story.escrow
    return escrow.funded, escrow.held, escrow.released, escrow.paid, escrow.refunded


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


def test_the_fee_is_charged_and_held(world: World, story: Story) -> None:
    escrow = story.fund()
    assert escrow.status is Status.FUNDED
    assert escrow.held == PRICE
    assert escrow.due_at is None
    assert world.announced == ["payment.funded"]
    assert world.event("payment.funded")["amount"] == PRICE
    assert effects(world, Kind.CHARGE) == [PRICE]


def test_accepted_work_is_paid_less_the_share_of_the_platform(world: World, story: Story) -> None:
    story.account()
    story.fund()
    escrow = story.accept()
    assert escrow.status is Status.PAID
    assert escrow.due_at is None
    assert escrow.waits_for is None
    assert amounts(story) == (PRICE, 0, PRICE, NET, 0)
    assert world.announced == ["payment.funded", "payout.released", "payout.paid"]
    released = world.event("payout.released")
    assert (released["amount"], released["fee_amount"]) == (NET, FEE)
    assert world.event("payout.paid")["amount"] == NET
    assert world.journal.balance("platform_fee") == -FEE
    assert world.journal.balance("processor_balance") == world.bank.balances()["USD"]
    assert world.journal.balance("held_funds") == world.journal.balance("candidate_payable") == 0


def test_the_share_is_the_one_of_the_day_the_escrow_was_opened(world: World, story: Story) -> None:
    story.account()
    story.fund()
    story.desk = replace(world.desk, fee_bps=5000)
    assert story.accept().fee_taken == FEE


def test_what_is_heard_again_changes_nothing(world: World, story: Story) -> None:
    story.account()
    story.fund()
    story.accept()
    version, done = story.escrow.version, list(world.bank.done)
    for id_ in ("m-accepted", "replayed"):
        story.fund(id_)
        story.accept(id_)
        story.cancel(id_)
    assert story.escrow.version == version
    assert world.bank.done == done


def test_money_waits_for_a_payout_account_and_flows_once_it_is_open(
    world: World, story: Story
) -> None:
    story.fund()
    escrow = story.accept()
    assert escrow.status is Status.RELEASED
    assert escrow.waits_for == CANDIDATE
    assert escrow.due_at is None
    assert escrow.owed == NET
    story.account()
    assert story.escrow.status is Status.PAID
    assert story.escrow.waits_for is None
    assert world.accounts.load(CANDIDATE).due_at is None


def test_a_declined_card_is_told_and_a_new_card_heals_it(world: World) -> None:
    story = Story(world, token="tok_chargeDeclined")
    escrow = story.fund()
    assert (escrow.status, escrow.failure_code) == (Status.FAILED, "card-declined")
    assert escrow.waits_for == ORG
    assert world.event("payment.failed")["retryable"] is True
    story.card("tok_visa", "card-2")
    escrow = story.retry()
    assert escrow.status is Status.FUNDED
    assert escrow.failure_code is None
    assert [operation.key for operation in escrow.operations] == [f"{E}:charge:1", f"{E}:charge:2"]
    assert effects(world, Kind.CHARGE) == [PRICE]
    assert story.retry().version == escrow.version  # The same request again.
    with pytest.raises(Conflict, match="Only a failed payment"):
        story.retry("another")


def test_a_retry_that_comes_back_days_later_charges_nobody(world: World) -> None:
    story = Story(world, token="tok_chargeDeclined")
    story.fund()
    story.retry()
    world.escrows.documents[E]["handled"] = []
    assert len(story.retry().operations) == 2


def test_without_a_payment_method_nobody_is_charged(world: World) -> None:
    story = Story(world, token=None)
    assert story.fund().failure_code == "no-payment-method"
    assert world.event("payment.failed")["code"] == "no-payment-method"
    with pytest.raises(Conflict, match="Set a payment method"):
        story.retry()
    assert world.bank.done == []


def test_unpaid_work_takes_the_same_road_without_the_bank(world: World) -> None:
    story = Story(world, price=0, token=None)
    assert story.fund().status is Status.FUNDED
    assert story.accept().status is Status.PAID
    assert world.announced == ["payment.funded", "payout.released", "payout.paid"]
    assert world.event("payout.paid")["amount"] == 0
    assert world.bank.done == []
    assert not world.journal.entries
    assert story.escrow.waits_for is None


def test_unpaid_work_that_is_cancelled_gives_nothing_back(world: World) -> None:
    story = Story(world, price=0, token=None)
    story.fund()
    assert story.cancel().status is Status.REFUNDED
    assert world.event("payment.refunded")["amount"] == 0


def test_a_platform_that_keeps_everything_has_nothing_to_send() -> None:
    world = World(fee_bps=10_000)
    story = Story(world)
    story.fund()
    assert story.accept().status is Status.PAID
    assert world.event("payout.paid")["amount"] == 0
    assert effects(world, Kind.TRANSFER) == []


def test_a_cancelled_engagement_gives_all_back(world: World, story: Story) -> None:
    story.fund()
    assert story.cancel().status is Status.REFUNDED
    assert amounts(story) == (PRICE, 0, 0, 0, PRICE)
    assert world.event("payment.refunded")["reason"] == "engagement-cancelled"
    assert story.accept().status is Status.REFUNDED  # Too late: it changes nothing.
    assert world.journal.balance("held_funds") == 0


def test_a_failed_payment_that_is_cancelled_is_closed_without_money(world: World) -> None:
    story = Story(world, token="tok_chargeDeclined")
    story.fund()
    assert story.cancel().status is Status.REFUNDED
    assert world.event("payment.refunded")["amount"] == 0
    assert story.escrow.waits_for is None


def test_events_about_an_unknown_engagement_are_tried_again_later(story: Story) -> None:
    for act in (story.accept, story.cancel):
        with pytest.raises(NotFound):
            act()


def test_work_accepted_before_the_money_came_is_paid_when_it_comes(
    world: World, story: Story
) -> None:
    story.account()
    world.bank.away = True
    assert story.fund().status is Status.PENDING
    assert story.accept().status is Status.PENDING
    world.bank.away = False
    story.sweep_until_quiet(2)
    assert story.escrow.status is Status.PAID


def test_an_operator_gives_back_a_part_and_the_rest_is_released(world: World, story: Story) -> None:
    story.account()
    story.fund()
    escrow = story.refund(6405)
    assert escrow.status is Status.FUNDED
    assert escrow.held == 20000
    assert world.event("payment.refunded")["reason"] == "operator-refund"
    assert escrow.decisions[0].reason == "Agreed."
    world.escrows.documents[E]["handled"] = []
    assert story.refund(6405).refunded == 6405  # Days later, the same request again.
    story.accept()
    assert story.escrow.fee_taken == 20000 * FEE // PRICE
    assert amounts(story) == (PRICE, 0, 20000, 20000 - story.escrow.fee_taken, 6405)


def test_each_refund_tells_how_much_went_back_in_all(world: World, story: Story) -> None:
    story.fund()
    story.refund(6405, "c-1")
    assert world.event("payment.refunded")["refunded_amount"] == 6405
    story.refund(None, "c-2")
    told = world.event("payment.refunded")
    assert (told["amount"], told["refunded_amount"]) == (PRICE - 6405, PRICE)


def test_an_operator_gives_back_all(story: Story) -> None:
    story.fund()
    assert story.refund().status is Status.REFUNDED
    with pytest.raises(Conflict, match="Nothing is held"):
        story.refund(id_="again")


@pytest.mark.parametrize("amount", [0, -1, PRICE + 1])
def test_more_than_is_held_cannot_be_given_back(story: Story, amount: int) -> None:
    story.fund()
    with pytest.raises(Invalid) as caught:
        story.refund(amount)
    assert caught.value.errors == {"amount": f"must be between 1 and {PRICE}"}


def test_a_dispute_freezes_the_money_until_it_is_split(world: World, story: Story) -> None:
    story.account()
    story.fund()
    escrow = story.dispute()
    assert escrow.status is Status.DISPUTED
    assert escrow.disputes[0].opened_by == "company"
    assert world.event("dispute.opened")["amount"] == PRICE
    story.accept()
    with pytest.raises(Conflict, match="frozen"):
        story.refund()
    story.sweep_until_quiet(50)
    assert amounts(story) == (PRICE, PRICE, 0, 0, 0)
    escrow = story.resolve(15843, 10562)
    fee = 15843 * FEE // PRICE
    assert escrow.status is Status.PAID
    assert world.event("dispute.resolved")["outcome"] == "split"
    assert amounts(story) == (PRICE, 0, 15843, 15843 - fee, 10562)
    assert world.journal.balance("processor_balance") == world.bank.balances()["USD"]


@pytest.mark.parametrize(
    ("released", "refunded", "outcome", "status"),
    [(PRICE, 0, "released", Status.PAID), (0, PRICE, "refunded", Status.REFUNDED)],
)
def test_a_dispute_may_be_decided_for_one_side(
    world: World, story: Story, released: int, refunded: int, outcome: str, status: Status
) -> None:
    story.account()
    story.fund()
    story.dispute(by=KIM)
    assert story.resolve(released, refunded).status is status
    assert world.event("dispute.resolved")["outcome"] == outcome
    assert story.escrow.disputes[0].opened_by == "candidate"


def test_a_cancellation_during_a_dispute_waits_for_the_decision(world: World, story: Story) -> None:
    story.fund()
    story.dispute()
    assert story.cancel().status is Status.DISPUTED
    assert effects(world, Kind.REFUND) == []
    story.resolve(0, PRICE)
    assert effects(world, Kind.REFUND) == [PRICE]


@pytest.mark.parametrize("split", [(PRICE, 1), (-1, PRICE + 1), (PRICE + 1, -1), (0, 0)])
def test_a_decision_splits_exactly_what_is_held(story: Story, split: tuple[int, int]) -> None:
    story.fund()
    story.dispute()
    with pytest.raises(Invalid, match="exactly what is held"):
        story.resolve(*split)


def test_what_cannot_be_disputed_or_decided_is_refused(world: World, story: Story) -> None:
    world.bank.away = True
    story.fund()
    with pytest.raises(Conflict, match="Nothing is held"):
        story.dispute()
    world.bank.away = False
    story.sweep_until_quiet(1)
    with pytest.raises(Conflict, match="No dispute"):
        story.resolve(PRICE, 0)
    world.bank.away = True
    story.refund(5)
    with pytest.raises(Conflict, match="moving just now"):
        story.dispute()
    world.bank.away = False
    story.sweep_until_quiet(1)
    story.dispute()
    with pytest.raises(Conflict, match="open already"):
        story.dispute("another")
    world.escrows.documents[E]["handled"] = []
    assert len(story.dispute().disputes) == 1


def test_an_answer_that_is_known_already_changes_nothing(story: Story) -> None:
    story.fund()
    escrow = story.escrow
    escrow.record(f"{E}:charge:1", Outcome(State.FAILED, code="late"), story.world.now())
    escrow.record(f"{E}:charge:1", Outcome(State.UNKNOWN), story.world.now())
    assert escrow.funded == PRICE
    assert escrow.events == []


def test_a_key_is_never_sent_with_other_parameters_than_decided(world: World, story: Story) -> None:
    world.bank.away = True
    story.fund()
    world.escrows.documents[E]["operations"][0]["amount"] = 1
    world.now.pass_(hours=1)
    with pytest.raises(Conflict) as caught:
        story.sweep()
    assert caught.value.code == "operation-changed"


def test_nothing_that_is_owed_is_sent_while_a_dispute_is_open(world: World, story: Story) -> None:
    """Released in part, the rest disputed: payments by milestone will meet this."""
    story.fund()
    story.dispute()
    escrow = story.escrow
    escrow.released, escrow.fee_taken = 1000, 100
    assert not escrow.undecided(world.now())
    escrow.proceed("acct_1", world.now())
    assert escrow.under_way == []
