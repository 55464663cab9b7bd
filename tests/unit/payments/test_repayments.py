"""Money that a company asks back and the candidate agrees to give, or not."""

import pytest

from services.payments.domain import Escrow, Kind
from services.payments.usecases import extras, repayments
from shared.errors import Conflict, Invalid, NotFound
from tests.unit.payments.fakes import World, effects
from tests.unit.payments.story import KIM, OWNER, PRICE, E, Story, call

FEE = 2641
ID = "rpy-c-ask"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def story(world: World) -> Story:
    story = Story(world)
    story.account()
    story.fund()
    return story


def ask(story: Story, amount: int, id_: str = "c-ask") -> Escrow:
    about = (amount, "Half was done by somebody else")
    return repayments.ask_repayment(story.desk, call(id_, OWNER), E, *about)


def answer(story: Story, agreed: bool, id_: str = "c-answer") -> Escrow:
    return repayments.answer_repayment(story.desk, call(id_, KIM), E, ID, agreed)


def test_held_money_goes_back_by_agreement(world: World, story: Story) -> None:
    ask(story, 10_000)
    assert world.event("repayment.asked")["amount"] == 10_000
    escrow = answer(story, True)
    assert (escrow.refunded, escrow.free) == (10_000, PRICE - 10_000)
    assert story.accept().released == PRICE - 10_000


def test_released_money_comes_back_with_the_platforms_part_of_it(
    world: World, story: Story
) -> None:
    story.accept()
    ask(story, 10_000)
    escrow = answer(story, True)
    assert escrow.refunded == 10_000
    (taken,) = effects(world, Kind.REVERSAL)
    assert taken == 10_000 - 10_000 * FEE // PRICE
    assert (escrow.released, escrow.held, escrow.owed) == (PRICE - 10_000, 0, 0)
    assert escrow.paid + escrow.fee_taken == PRICE - 10_000
    assert world.journal.balance("processor_balance") == world.bank.balances()["USD"]
    assert world.journal.balance("held_funds") == world.journal.balance("candidate_payable") == 0


def test_all_of_it_comes_back_to_the_cent(world: World, story: Story) -> None:
    extras.release_part(story.desk, call("c-part", OWNER), E, 9_999)
    story.accept()
    ask(story, PRICE)
    escrow = answer(story, True)
    assert (escrow.refunded, escrow.released, escrow.paid, escrow.fee_taken) == (PRICE, 0, 0, 0)
    assert len(effects(world, Kind.REVERSAL)) == 2


def test_what_a_candidate_does_not_have_is_asked_for_again_later(
    world: World, story: Story
) -> None:
    story.accept()
    ask(story, 10_000)
    world.bank.recoverable = 0
    escrow = answer(story, True)
    assert (escrow.refunded, escrow.reclaiming) == (0, 10_000)
    story.sweep()
    assert len([op for op in story.escrow.operations if op.kind is Kind.REVERSAL]) == 1
    world.bank.recoverable = PRICE
    world.now.pass_(hours=1)
    story.sweep()
    assert (story.escrow.refunded, story.escrow.reclaiming) == (10_000, 0)


def test_a_no_and_silence_leave_everything_as_it_is(world: World, story: Story) -> None:
    story.accept()
    ask(story, 10_000)
    assert answer(story, False).refunded == 0
    assert world.event("repayment.answered")["agreed"] is False
    with pytest.raises(Conflict, match="answered"):
        answer(story, True, "c-later")
    ask(story, 10_000, "c-again")
    with pytest.raises(Conflict, match="waits for its answer"):
        ask(story, 5, "c-third")
    world.now.pass_(days=7)
    with pytest.raises(Conflict, match="time for that is over"):
        repayments.answer_repayment(story.desk, call("x", KIM), E, "rpy-c-again", True)


def test_a_bonus_is_not_asked_back_and_half_a_year_is_enough(world: World, story: Story) -> None:
    story.accept()
    extras.grant_bonus(story.desk, call("c-bonus", OWNER), E, 5_000)
    with pytest.raises(Invalid, match=f"between 1 and {PRICE}"):
        ask(story, PRICE + 1)
    world.now.pass_(days=181)
    with pytest.raises(Conflict, match="180 days"):
        ask(story, 1)


def test_nobody_answers_what_was_not_asked(story: Story) -> None:
    with pytest.raises(NotFound):
        answer(story, True)


def test_nothing_goes_back_while_a_dispute_is_open(story: Story) -> None:
    ask(story, 10_000)
    story.dispute()
    with pytest.raises(Conflict, match="frozen"):
        answer(story, True)
