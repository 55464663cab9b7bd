"""Change orders: both agree, or nothing changes."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from services.projects.domain.brief import Expected
from services.projects.domain.engagement import Engagement
from services.projects.domain.work import Party, Status
from services.projects.domain.workroom import MOST_ORDERS, Amendment, Answer
from shared.errors import Conflict, Invalid, NotFound
from tests.unit.projects.samples import (
    ANNA,
    CARLA,
    CRITERIA,
    DAY,
    NOW,
    STATES,
    active,
    completed,
    quiet,
    revision_requested,
    submitted,
    told,
)

MORE = Amendment(fee_amount=33000, hours=15)
LESS = Amendment(fee_amount=22000, hours=10)
INSTANT = timedelta(milliseconds=1)


def propose(engagement: Engagement, wish: Amendment = MORE, order_id: str = "cor-1") -> Engagement:
    engagement.propose_change(order_id, wish, "More to do.", Party.COMPANY, ANNA.id, NOW)
    return quiet(engagement)


def accept(engagement: Engagement, order_id: str = "cor-1") -> dict[str, Any]:
    engagement.accept_change(order_id, Party.CANDIDATE, CARLA.id, NOW + DAY)
    return asdict(engagement.events[-1])


def test_nothing_changes_until_the_other_side_accepts() -> None:
    engagement = propose(active())
    assert (engagement.terms.fee_amount, engagement.terms.hours) == (26400, 12)
    with pytest.raises(Conflict) as caught:
        engagement.accept_change("cor-1", Party.COMPANY, "acc-ruben", NOW + DAY)
    assert caught.value.code == "change-order-own"
    event = accept(engagement)
    assert (engagement.terms.fee_amount, engagement.terms.hours) == (33000, 15)
    assert (event["fee_difference"], event["fee_amount"], event["hours"]) == (6600, 33000, 15)
    assert event["changed"] == ["fee_amount", "hours"]
    engagement.accept_change("cor-1", Party.CANDIDATE, CARLA.id, NOW + 2 * DAY)
    assert told(engagement) == ["change-order.accepted"]


def test_a_lower_fee_is_announced_as_a_negative_difference() -> None:
    event = accept(propose(active(), LESS))
    assert (event["fee_difference"], event["fee_amount"]) == (-4400, 22000)


def test_what_a_change_order_took_off_is_no_refund_of_the_whole_fee() -> None:
    engagement = propose(active(), Amendment(fee_amount=11000, hours=5))
    accept(engagement)
    engagement.note_refund(15400, NOW + 2 * DAY)
    assert engagement.status is Status.ACTIVE
    engagement.note_refund(26399, NOW + 2 * DAY)
    assert engagement.status is Status.ACTIVE
    engagement.note_refund(26400, NOW + 2 * DAY)
    assert engagement.status is Status.CANCELLED


def test_an_agreed_date_is_the_new_deadline() -> None:
    engagement, later = active(), NOW + 20 * DAY
    event = accept(propose(engagement, Amendment(due_at=later)))
    assert (engagement.work_due_at, event["due_at"], event["fee_difference"]) == (later, later, 0)


def test_new_scope_is_what_revisions_cite_from_then_on() -> None:
    engagement = active()
    scope = [Expected(deliverable_id="d1", title="Report", acceptance_criteria=["Two pages."])]
    accept(propose(engagement, Amendment(deliverables=scope)))
    engagement.terms.require_criteria(["Two pages."])
    with pytest.raises(Invalid):
        engagement.terms.require_criteria(CRITERIA)


def test_more_work_after_the_delivery_is_a_change_order_and_no_revision_round() -> None:
    engagement = submitted(max_revision_rounds=0)
    engagement.propose_change("cor-1", MORE, "Two more.", Party.COMPANY, ANNA.id, NOW + 2 * DAY)
    engagement.accept_change("cor-1", Party.CANDIDATE, CARLA.id, NOW + 3 * DAY)
    assert (engagement.status, engagement.rounds_left) == (Status.REVISION_REQUESTED, 0)
    assert engagement.work_due_at == NOW + 10 * DAY
    assert engagement.review_due_at is None


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Amendment(), "change"),
        (Amendment(fee_amount=26400, hours=12), "change"),
        (Amendment(hours=13), "fee_amount"),
        (Amendment(fee_amount=26399), "fee_amount"),
        (Amendment(fee_amount=0), "fee_amount"),
        (Amendment(due_at=NOW), "due_at"),
        (Amendment(due_at=NOW + 57 * DAY), "due_at"),
    ],
)
def test_an_unfair_or_empty_change_is_refused(wish: Amendment, field: str) -> None:
    engagement = active()
    with pytest.raises(Invalid) as caught:
        propose(engagement, wish)
    assert list(caught.value.errors) == [field]
    assert engagement.orders == []


def test_unpaid_work_stays_unpaid() -> None:
    engagement = active(fee_amount=0, unpaid_basis="simulation", fee_currency="USD")
    with pytest.raises(Invalid):
        propose(engagement, Amendment(fee_amount=100))


def test_one_change_at_a_time_and_a_limit_for_all() -> None:
    engagement = propose(active())
    with pytest.raises(Conflict) as caught:
        propose(engagement, order_id="cor-2")
    assert caught.value.code == "change-order-open"
    propose(engagement)  # The same one again.
    assert len(engagement.orders) == 1
    for number in range(1, MOST_ORDERS):
        engagement.decline_change(f"cor-{number}", "", Party.CANDIDATE, CARLA.id, NOW)
        propose(engagement, order_id=f"cor-{number + 1}")
    engagement.decline_change(f"cor-{MOST_ORDERS}", "", Party.CANDIDATE, CARLA.id, NOW)
    with pytest.raises(Conflict) as caught:
        propose(engagement, order_id="cor-99")
    assert caught.value.code == "change-orders-used"


@pytest.mark.parametrize(
    ("party", "outcome"),
    [(Party.CANDIDATE, Answer.DECLINED), (Party.COMPANY, Answer.WITHDRAWN)],
)
def test_the_other_side_declines_and_ones_own_is_withdrawn(party: Party, outcome: Answer) -> None:
    engagement = propose(active())
    for _ in range(2):
        engagement.decline_change("cor-1", "No.", party, "acc-x", NOW + DAY)
    assert told(engagement) == ["change-order.declined"]
    assert asdict(engagement.events[0])["outcome"] == outcome
    with pytest.raises(Conflict):
        accept(engagement)
    assert engagement.terms.fee_amount == 26400


def test_without_an_answer_for_seven_days_nothing_changes() -> None:
    engagement = propose(active(weeks=8, deadlines={"no_show_days": None}))
    engagement.settle_overdue(NOW + 7 * DAY - INSTANT)
    assert engagement.orders[0].answer is Answer.OPEN
    with pytest.raises(Conflict):
        engagement.accept_change("cor-1", Party.CANDIDATE, CARLA.id, NOW + 7 * DAY)
    engagement.settle_overdue(NOW + 7 * DAY)
    assert told(engagement) == ["change-order.declined"]
    assert asdict(engagement.events[0])["outcome"] == "expired"


def test_a_date_that_has_passed_meanwhile_is_not_agreed_on() -> None:
    engagement = propose(active(), Amendment(due_at=NOW + DAY))
    with pytest.raises(Conflict) as caught:
        accept(engagement)
    assert caught.value.code == "change-order-outdated"


@pytest.mark.parametrize("state", STATES)
def test_terms_change_only_while_there_is_work(state: Callable[[], Engagement]) -> None:
    if state in (active, submitted, revision_requested):
        return
    with pytest.raises(Conflict):
        propose(state())
    with pytest.raises(NotFound):
        completed().accept_change("cor-1", Party.CANDIDATE, CARLA.id, NOW)
