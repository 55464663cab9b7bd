"""A dispute from its opening to the money's end: heard, agreed, decided, appealed, carried out."""

from datetime import UTC, datetime, timedelta

import pytest

from services.payments.domain import Kind, Status
from services.payments.domain.dispute_parts import Act, Split, Step
from services.payments.domain.dispute_rules import Rules, business_days, table
from services.payments.domain.disputes import MOST_POSTS, Dispute
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.principal import Principal
from tests.unit.payments.fakes import World, effects
from tests.unit.payments.story import CANDIDATE, KIM, OPERATOR, ORG, OWNER, PRICE, Story

SECOND = Principal("acc-ops-2", "operator")
HALF = (15843, 10562)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def story(world: World) -> Story:
    """A company disputes held money."""
    story = Story(world)
    story.account()
    story.fund()
    story.dispute()
    return story


def dispute(story: Story) -> Dispute:
    return story.escrow.disputes[-1]


def decided(story: Story) -> Story:
    story.answer()
    story.escalate()
    story.decide(*HALF)
    return story


def wait(story: Story, days: float) -> None:
    story.world.now.pass_(days=days)
    story.sweep()


def test_the_other_side_has_five_business_days_to_answer(world: World, story: Story) -> None:
    opened = dispute(story)
    assert (opened.step, opened.waits_for) == (Step.RESPONSE, "candidate")
    assert opened.due_at == datetime(2026, 3, 9, 9, 30, tzinfo=UTC)  # Monday to Monday.
    assert story.escrow.waits_for == CANDIDATE
    told = world.event("dispute.opened")
    assert (told["asked_released"], told["asked_refunded"]) == (0, PRICE)
    assert told["response_due_at"].startswith("2026-03-09T09:30")


def test_silence_decides_as_the_opener_asked_and_can_be_appealed(
    world: World, story: Story
) -> None:
    wait(story, 8)
    silent = dispute(story)
    assert (silent.step, silent.basis) == (Step.APPEAL, "silence")
    assert world.event("dispute.decided")["refunded_amount"] == PRICE
    assert effects(world, Kind.REFUND) == []
    story.appeal(KIM)
    story.decide(PRICE, 0, OPERATOR)
    assert story.escrow.status is Status.PAID
    assert world.event("dispute.resolved")["basis"] == "appeal"


def test_a_silent_side_that_does_not_appeal_has_agreed(world: World, story: Story) -> None:
    wait(story, 8)
    wait(story, 8)
    assert story.escrow.status is Status.REFUNDED
    assert effects(world, Kind.REFUND) == [PRICE]
    assert world.event("dispute.resolved")["basis"] == "silence"


def test_what_is_asked_for_may_be_a_part(world: World) -> None:
    story = Story(world)
    story.account()
    story.fund()
    story.say_opening(Split(*HALF))
    wait(story, 8)
    wait(story, 8)
    assert (story.escrow.released, story.escrow.refunded) == HALF


def test_the_other_side_may_simply_accept_what_is_asked_for(world: World, story: Story) -> None:
    story.take(dispute(story).offer.id, KIM)  # type: ignore[union-attr]
    assert effects(world, Kind.REFUND) == [PRICE]
    assert world.event("dispute.resolved")["basis"] == "agreement"


def test_offers_go_to_and_fro_until_one_is_accepted(world: World, story: Story) -> None:
    story.offer(PRICE, 0, KIM, "c-1")
    assert story.escrow.waits_for == ORG
    story.offer(*HALF, OWNER, "c-2")
    assert story.escrow.waits_for == CANDIDATE
    with pytest.raises(NotFound, match="newest"):
        story.take("pst-c-1", OWNER)
    with pytest.raises(Conflict, match="other side accepts"):
        story.take("pst-c-2", OWNER, "c-own")
    escrow = story.take("pst-c-2", KIM)
    assert escrow.status is Status.PAID
    assert (escrow.released, escrow.refunded) == HALF
    assert world.journal.balance("held_funds") == 0
    moved = {"payout.released", "payment.refunded", "payout.paid"}
    assert world.announced[-4] == "dispute.resolved"
    assert set(world.announced[-3:]) == moved


def test_without_an_agreement_in_time_an_operator_decides(world: World, story: Story) -> None:
    story.answer()
    wait(story, 15)
    assert (dispute(story).step, dispute(story).waits_for) == (Step.DECISION, "operator")
    told = world.event("dispute.escalated")
    assert (told["by"], told["reminder"]) == ("silence", False)
    wait(story, 8)
    assert world.event("dispute.escalated")["reminder"] is True
    assert story.escrow.held == PRICE
    assert story.escrow.waits_for is None


def test_a_decision_waits_until_nobody_can_appeal_any_more(world: World, story: Story) -> None:
    decided(story)
    assert story.escrow.held == PRICE
    assert dispute(story).posts[-1].text == "As the record says."
    wait(story, 8)
    assert (story.escrow.released, story.escrow.refunded) == HALF
    assert world.event("dispute.resolved")["basis"] == "decision"


def test_both_may_do_without_an_appeal(world: World, story: Story) -> None:
    decided(story)
    story.waive(KIM, "c-w1")
    story.waive(KIM, "c-w2")
    assert story.escrow.held == PRICE
    story.waive(OWNER, "c-w3")
    assert (story.escrow.released, story.escrow.refunded) == HALF


def test_an_appeal_is_decided_for_good_by_somebody_else(world: World, story: Story) -> None:
    decided(story)
    story.appeal(OWNER)
    with pytest.raises(Forbidden, match="Another operator"):
        story.decide(PRICE, 0, OPERATOR, "c-again")
    story.decide(PRICE, 0, SECOND, "c-second")
    assert story.escrow.released == PRICE
    assert world.event("dispute.resolved")["outcome"] == "released"
    with pytest.raises(Conflict, match="No dispute"):
        story.appeal(KIM, "c-late")


def test_its_opener_may_take_it_back_until_it_is_decided(world: World, story: Story) -> None:
    with pytest.raises(Forbidden, match="opened the dispute"):
        story.say("withdraw_dispute", Act.WITHDRAWAL, KIM, "c-not-mine")
    story.accept()
    assert story.escrow.held == PRICE
    story.say("withdraw_dispute", Act.WITHDRAWAL, OWNER, "c-mine")
    assert world.event("dispute.resolved")["outcome"] == "withdrawn"
    assert story.escrow.status is Status.PAID  # The work was accepted meanwhile.
    assert effects(world, Kind.REFUND) == []


def test_what_does_not_fit_the_step_is_refused_with_what_stands(story: Story) -> None:
    with pytest.raises(Conflict, match="has not answered yet"):
        story.decide(*HALF)
    with pytest.raises(Conflict, match="has not answered yet"):
        story.escalate(OWNER)
    decided(story)
    with pytest.raises(Conflict, match="may appeal"):
        story.offer(*HALF, KIM)
    with pytest.raises(Conflict, match="may appeal"):
        story.say("withdraw_dispute", Act.WITHDRAWAL, OWNER, "c-late")


@pytest.mark.parametrize("split", [(PRICE, 1), (-1, PRICE + 1), (0, 0)])
def test_every_split_is_of_exactly_what_is_held(story: Story, split: tuple[int, int]) -> None:
    with pytest.raises(Invalid, match="exactly what is held"):
        story.offer(*split, KIM)
    story.answer()
    story.escalate()
    with pytest.raises(Invalid, match="exactly what is held"):
        story.decide(*split)


def test_the_same_request_again_is_on_record_once(world: World, story: Story) -> None:
    for _ in range(2):
        story.answer()
        story.offer(*HALF, KIM)
        world.escrows.documents[story.escrow.id]["handled"] = []
    assert [post.act for post in dispute(story).posts] == [Act.OPENED, Act.STATEMENT, Act.OFFER]


def test_a_record_does_not_grow_without_end(story: Story) -> None:
    for number in range(MOST_POSTS - 1):
        story.answer(KIM, f"c-{number}")
    with pytest.raises(Conflict, match="at most"):
        story.answer(KIM, "c-one-too-many")


def test_a_second_dispute_may_follow_a_withdrawn_one(story: Story) -> None:
    story.say("withdraw_dispute", Act.WITHDRAWAL, OWNER, "c-mine")
    story.dispute("c-dispute-2", KIM)
    assert [one.opened_by for one in story.escrow.disputes] == ["company", "candidate"]


def test_weekends_do_not_count() -> None:
    friday = datetime(2026, 3, 6, 15, tzinfo=UTC)
    assert business_days(friday, 1) == friday + timedelta(days=3)
    assert business_days(friday, 5) == friday + timedelta(days=7)
    assert business_days(friday, 0) == friday
    saturday = friday + timedelta(days=1)
    assert business_days(saturday, 1) == saturday + timedelta(days=2)


def test_the_table_that_both_sides_see_has_every_step_and_what_silence_means() -> None:
    rows = table(Rules(response_days=7))
    assert [row.days for row in rows] == [7, 10, 5, 5, 5]
    assert all(row.silence and row.who for row in rows)
