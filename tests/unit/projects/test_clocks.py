"""Deadlines that mean something: reminders, grace, the two consequences, no-shows, silence."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.projects.domain.deadlines import Deadlines
from services.projects.domain.engagement import Engagement
from services.projects.domain.work import Fault, File, Party, Status
from services.projects.domain.workroom import Amendment
from shared.codec import Codec
from shared.errors import Conflict
from tests.unit.projects.samples import (
    ANNA,
    CARLA,
    CRITERIA,
    DAY,
    FILE,
    NOW,
    active,
    quiet,
    revision_requested,
    sign,
    signing,
    submitted,
    told,
)
from tests.unit.projects.samples import kickoff_pending as pending

INSTANT = timedelta(milliseconds=1)
DUE = NOW + 7 * DAY


def present(**deadlines: Any) -> Engagement:
    """At work, with a candidate who has shown."""
    engagement = active(deadlines=deadlines or None)
    engagement.note_message(Party.CANDIDATE, NOW)
    return engagement


def sweep(engagement: Engagement, at: datetime) -> list[str]:
    """What a sweep at this time tells; a second one, of another replica, tells nothing."""
    quiet(engagement).settle_overdue(at)
    found = told(engagement)
    before = Codec(Engagement).write(engagement)
    engagement.settle_overdue(at)
    assert Codec(Engagement).write(engagement) == before
    assert told(engagement) == found
    return found


def test_the_candidate_is_reminded_two_days_before_the_work_is_due_once() -> None:
    engagement = present()
    assert sweep(engagement, DUE - 2 * DAY - INSTANT) == []
    assert sweep(engagement, DUE - 2 * DAY) == ["deadline.reminded"]
    event = asdict(engagement.events[0])
    assert (event["subject"], event["waiting_for"], event["due_at"]) == ("work", ["candidate"], DUE)
    assert sweep(engagement, DUE - INSTANT) == []


def test_the_company_is_reminded_three_days_before_the_review_ends() -> None:
    engagement = submitted()
    assert engagement.review_due_at is not None
    assert sweep(engagement, engagement.review_due_at - 3 * DAY - INSTANT) == []
    assert sweep(engagement, engagement.review_due_at - 3 * DAY) == ["deadline.reminded"]
    event = asdict(engagement.events[0])
    assert (event["subject"], event["waiting_for"]) == ("review", ["company"])


def test_a_short_time_is_reminded_of_when_half_of_it_is_over() -> None:
    engagement = submitted(review_days=1)
    assert engagement.remind_at == NOW + DAY + DAY / 2


def test_whoever_agrees_on_nothing_else_has_two_weeks_of_grace_and_five_days_to_show_up() -> None:
    assert Deadlines() == Deadlines(grace_days=14, missed="cancel", no_show_days=5)


def test_a_missed_deadline_is_told_once_and_late_work_is_taken_until_the_grace_is_over() -> None:
    engagement = present(grace_days=2)
    sweep(engagement, DUE - INSTANT)
    assert sweep(engagement, DUE) == ["deadline.missed"]
    event = asdict(engagement.events[0])
    assert (event["consequence"], event["taken_until"]) == ("cancel", DUE + 2 * DAY)
    engagement.submit([File(**FILE)], "", DUE + 2 * DAY - INSTANT)
    assert engagement.submissions[0].late


def test_after_the_grace_nothing_is_taken_even_before_the_sweep_and_then_it_is_given_up() -> None:
    engagement = present(grace_days=2)
    with pytest.raises(Conflict) as caught:
        engagement.submit([File(**FILE)], "", DUE + 2 * DAY)
    assert caught.value.code == "deadline-over"
    assert sweep(engagement, DUE + 2 * DAY)[-1] == "engagement.cancelled"
    over = engagement.cancellation
    assert over is not None
    assert (over.reason, over.fault) == ("not-delivered", Fault.CANDIDATE)


def test_a_block_takes_nothing_until_both_agree_on_another_date() -> None:
    engagement = present(grace_days=0, missed="block")
    sweep(engagement, DUE + DAY)
    assert engagement.status is Status.ACTIVE
    with pytest.raises(Conflict):
        engagement.submit([File(**FILE)], "", DUE + DAY)
    later = DUE + 5 * DAY
    wish = Amendment(due_at=later)
    engagement.propose_change("cor-1", wish, "Ill.", Party.CANDIDATE, CARLA.id, DUE + DAY)
    with pytest.raises(Conflict):
        engagement.submit([File(**FILE)], "", DUE + DAY)
    engagement.accept_change("cor-1", Party.COMPANY, ANNA.id, DUE + DAY)
    engagement.submit([File(**FILE)], "", later - INSTANT)
    assert not engagement.submissions[0].late


def test_a_block_that_nobody_lifts_ends_after_two_more_weeks() -> None:
    engagement = present(grace_days=0, missed="block")
    assert "engagement.cancelled" not in sweep(engagement, DUE + 14 * DAY - INSTANT)
    assert sweep(engagement, DUE + 14 * DAY) == ["engagement.cancelled"]


def test_without_a_sign_the_candidate_is_asked_and_then_replaced() -> None:
    engagement = active()
    assert sweep(engagement, NOW + 5 * DAY - INSTANT) == []
    assert "no-show.suspected" in sweep(engagement, NOW + 5 * DAY)
    assert sweep(engagement, NOW + 7 * DAY - INSTANT) == []
    assert sweep(engagement, NOW + 7 * DAY)[-1] == "engagement.cancelled"
    over = engagement.cancellation
    assert over is not None
    assert (over.reason, over.fault) == ("no-show", Fault.CANDIDATE)


def test_nobody_is_replaced_unasked_after_an_outage() -> None:
    engagement = active(deadlines={"no_show_days": 2}, weeks=8)
    late = NOW + 20 * DAY
    assert sweep(engagement, late) == ["no-show.suspected"]
    assert sweep(engagement, late + 2 * DAY - INSTANT) == []
    assert sweep(engagement, late + 2 * DAY) == ["engagement.cancelled"]


def test_any_sign_of_the_candidate_ends_the_suspicion() -> None:
    engagement = active(weeks=8)
    sweep(engagement, NOW + 5 * DAY)
    engagement.note_message(Party.CANDIDATE, NOW + 6 * DAY)
    assert engagement.no_show_suspected_at is None
    assert sweep(engagement, NOW + 30 * DAY) == []


def test_no_show_detection_can_be_left_out_and_waits_for_an_agreed_start() -> None:
    assert active(deadlines={"no_show_days": None}).no_show_at is None
    engagement = pending()
    start = NOW + 10 * DAY
    read = signing(engagement).checklist
    engagement.propose_kickoff(read, {"starts_at": start}, Party.COMPANY, ANNA.id, NOW)
    for party in (Party.COMPANY, Party.CANDIDATE):
        sign(engagement, party)
    assert engagement.no_show_at == start + 5 * DAY


@pytest.mark.parametrize(
    ("party", "cause", "other"),
    [
        (Party.CANDIDATE, "company-unresponsive", Party.COMPANY),
        (Party.COMPANY, "candidate-unresponsive", Party.CANDIDATE),
    ],
)
def test_the_fault_is_the_other_sides_only_after_seven_days_without_an_answer(
    party: Party, cause: str, other: Party
) -> None:
    engagement = active(weeks=8)
    engagement.note_message(party, NOW + DAY)
    engagement.note_message(party, NOW + 5 * DAY)  # The first one counts.
    for at in (NOW + 8 * DAY - INSTANT, NOW + 2 * DAY):
        with pytest.raises(Conflict) as caught:
            engagement.cancel(party, "", at, cause)
        assert caught.value.code == "cause-not-shown"
    engagement.cancel(party, "", NOW + 8 * DAY, cause)
    assert engagement.cancellation is not None
    assert engagement.cancellation.fault == Fault(other.value)
    event = asdict(engagement.events[-1])
    assert (event["cause"], event["fault"], event["started"]) == (cause, other.value, True)


def test_an_answer_ends_the_silence_also_where_it_is_heard_of_first() -> None:
    engagement = active(weeks=8)
    engagement.note_message(Party.COMPANY, NOW + 2 * DAY)
    engagement.note_message(Party.CANDIDATE, NOW + DAY)
    assert "company" not in engagement.silence
    with pytest.raises(Conflict):
        engagement.cancel(Party.CANDIDATE, "", NOW + 10 * DAY, "company-unresponsive")


def test_a_no_show_is_named_only_where_the_clock_has_asked() -> None:
    engagement = active()
    with pytest.raises(Conflict):
        engagement.cancel(Party.COMPANY, "", NOW + 4 * DAY, "no-show")
    sweep(engagement, NOW + 5 * DAY)
    engagement.cancel(Party.COMPANY, "", NOW + 5 * DAY, "no-show")
    assert engagement.cancellation is not None
    assert engagement.cancellation.fault is Fault.CANDIDATE


def test_each_side_names_its_own_causes_and_they_move_no_fault() -> None:
    engagement = active()
    with pytest.raises(Conflict) as caught:
        engagement.cancel(Party.CANDIDATE, "", NOW, "plans-changed")
    assert caught.value.code == "cause-not-yours"
    engagement.cancel(Party.CANDIDATE, "The flu.", NOW, "illness")
    assert engagement.cancellation is not None
    assert engagement.cancellation.fault is Fault.CANDIDATE


@pytest.mark.parametrize("fault", list(Fault))
def test_an_operator_ends_work_that_was_handed_in_and_says_whose_fault_it_is(fault: Fault) -> None:
    engagement = submitted()
    engagement.terminate("by-agreement", fault, "Both asked for it.", NOW + 2 * DAY)
    engagement.terminate("fraud", Fault.CANDIDATE, "Again.", NOW + 3 * DAY)
    assert told(engagement) == ["engagement.cancelled"]
    assert engagement.cancellation is not None
    assert (engagement.cancellation.reason, engagement.cancellation.fault) == ("terminated", fault)


def test_a_dispute_moves_every_clock_by_as_long_as_it_lasted() -> None:
    engagement = present()
    engagement.plan_milestone("mil-1", "Sample", NOW + 4 * DAY, Party.COMPANY, NOW)
    wish = Amendment(due_at=DUE + DAY)
    engagement.propose_change("cor-1", wish, "Ill.", Party.CANDIDATE, CARLA.id, NOW)
    before = {at for at, _ in engagement._clocks()}
    engagement.open_dispute("dsp-1", NOW + DAY)
    engagement.settle_overdue(NOW + 100 * DAY)
    engagement.resolve_dispute("dsp-1", "split", NOW + 4 * DAY)
    assert {at for at, _ in engagement._clocks()} == {at + 3 * DAY for at in before}
    assert engagement.due_at == min(before) + 3 * DAY


def test_an_engagement_of_an_earlier_release_goes_on() -> None:
    codec = Codec(Engagement)
    old = codec.write(submitted())
    new = ("review_due_at", "remind_at", "heard", "silence", "milestones", "orders", "flags")
    document = {name: value for name, value in old.items() if name not in new}
    document["due_at"] = NOW + 15 * DAY
    document["terms"].pop("deadlines")
    engagement = codec.read({**document, "version": 1})
    engagement.settle_overdue(NOW + 15 * DAY - INSTANT)
    assert engagement.status is Status.SUBMITTED
    engagement.settle_overdue(NOW + 15 * DAY)
    assert engagement.status is Status.COMPLETED


def test_a_revision_starts_the_clocks_of_the_work_anew() -> None:
    engagement = revision_requested()
    assert engagement.work_due_at is not None
    assert engagement.review_due_at is None
    assert sweep(engagement, engagement.work_due_at)[-1] == "deadline.missed"
    engagement.submit([File(**FILE)], "", engagement.work_due_at + DAY)
    engagement.request_revision(CRITERIA, "", engagement.work_due_at + 2 * DAY)
    assert engagement.missed_at is None
