"""Milestones, flags, and the candidate's own notes."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from services.projects.domain.engagement import Engagement
from services.projects.domain.work import Party
from services.projects.domain.workroom import (
    MOST_MILESTONES,
    Flag,
    Reflection,
    Step,
    TimeNote,
)
from services.projects.schemas import workroom_views
from services.projects.usecases import list_flags
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from tests.unit.projects.samples import (
    ANNA,
    CARLA,
    DAY,
    NOW,
    OTTO,
    active,
    awaiting_funding,
    completed,
    kickoff_pending,
    quiet,
    told,
)

INSTANT = timedelta(milliseconds=1)
COMPANY, CANDIDATE = Party.COMPANY, Party.CANDIDATE


def planned(engagement: Engagement | None = None) -> Engagement:
    engagement = engagement or active(deadlines={"no_show_days": None})
    engagement.plan_milestone("mil-1", "First hundred rows", NOW + 3 * DAY, COMPANY, NOW)
    return quiet(engagement)


def move(engagement: Engagement, state: Step, party: Party) -> None:
    engagement.move_milestone("mil-1", party, NOW + DAY, state=state)


def test_a_milestone_goes_from_planned_to_accepted_step_by_step() -> None:
    engagement = planned()
    for state, party in (
        (Step.IN_PROGRESS, CANDIDATE),
        (Step.DONE, CANDIDATE),
        (Step.IN_PROGRESS, COMPANY),
        (Step.DONE, CANDIDATE),
        (Step.ACCEPTED, COMPANY),
    ):
        move(engagement, state, party)
    assert told(engagement) == ["milestone.changed"] * 5
    with pytest.raises(Conflict):
        move(engagement, Step.DONE, CANDIDATE)


@pytest.mark.parametrize(
    ("state", "party"),
    [(Step.DONE, COMPANY), (Step.ACCEPTED, CANDIDATE), (Step.DROPPED, CANDIDATE)],
)
def test_each_step_is_one_sides_to_say(state: Step, party: Party) -> None:
    engagement = planned()
    with pytest.raises(Forbidden):
        move(engagement, state, party)
    with pytest.raises(Conflict):
        move(engagement, Step.ACCEPTED, COMPANY)  # It is not done.


def test_it_reminds_a_day_before_and_is_late_once_its_time_has_passed() -> None:
    engagement = planned()
    engagement.settle_overdue(NOW + 2 * DAY - INSTANT)
    assert told(engagement) == []
    engagement.settle_overdue(NOW + 2 * DAY)
    engagement.settle_overdue(NOW + 3 * DAY)
    engagement.settle_overdue(NOW + 3 * DAY)
    assert told(engagement) == ["deadline.reminded", "milestone.missed"]
    assert engagement.milestones[0].late
    engagement.move_milestone("mil-1", CANDIDATE, NOW + 3 * DAY, due_at=NOW + 5 * DAY)
    assert not engagement.milestones[0].late


def test_what_is_done_is_neither_reminded_of_nor_late_nor_moved() -> None:
    engagement = planned()
    move(engagement, Step.DONE, CANDIDATE)
    quiet(engagement).settle_overdue(NOW + 4 * DAY)
    assert told(engagement) == []
    with pytest.raises(Conflict):
        engagement.move_milestone("mil-1", COMPANY, NOW + DAY, due_at=NOW + 5 * DAY)


@pytest.mark.parametrize("due_at", [NOW, NOW + 7 * DAY + INSTANT])
def test_a_milestone_lies_between_now_and_the_end_of_the_work(due_at: object) -> None:
    with pytest.raises(Invalid):
        active().plan_milestone("mil-1", "Too late", due_at, COMPANY, NOW)  # type: ignore[arg-type]


def test_milestones_are_planned_from_the_kickoff_on_and_not_without_end() -> None:
    with pytest.raises(Conflict):
        planned(awaiting_funding())
    with pytest.raises(Conflict):
        planned(completed())
    engagement = planned(kickoff_pending())
    for number in range(1, MOST_MILESTONES + 1):
        engagement.plan_milestone(f"mil-{number}", "One more", NOW + DAY, CANDIDATE, NOW)
    with pytest.raises(Conflict):
        engagement.plan_milestone("mil-x", "One too many", NOW + DAY, CANDIDATE, NOW)
    with pytest.raises(NotFound):
        engagement.move_milestone("mil-x", COMPANY, NOW, title="Nothing")


def flag(number: int = 1, by: Party = CANDIDATE) -> Flag:
    return Flag(
        flag_id=f"flg-{number}",
        by=by,
        person_id=CARLA.id,
        kind="communication",
        text="Nobody answers.",
        evidence=[],
        raised_at=NOW,
    )


def test_a_flag_is_seen_by_its_own_side_and_operators_and_names_nobody_in_its_event() -> None:
    engagement = active()
    engagement.raise_flag(flag())
    engagement.raise_flag(flag())
    assert told(engagement) == ["flag.raised"]
    assert not {"org_id", "candidate_id", "text"} & {*asdict(engagement.events[0])}
    assert [len(list_flags(engagement, by)) for by in (CARLA, ANNA, OTTO)] == [1, 0, 1]


@pytest.mark.parametrize(
    ("by", "org_id", "candidate_id"),
    [(CANDIDATE, None, "acc-carla"), (COMPANY, "org-acme", None)],
)
def test_only_who_raised_a_flag_is_told_of_its_answer(
    by: Party, org_id: str | None, candidate_id: str | None
) -> None:
    engagement = active()
    engagement.raise_flag(flag(by=by))
    engagement.resolve_flag("flg-1", "We spoke to both.", OTTO.id, NOW)
    event = asdict(engagement.events[-1])
    assert (event["org_id"], event["candidate_id"]) == (org_id, candidate_id)
    with pytest.raises(Conflict):
        engagement.resolve_flag("flg-1", "Once more.", OTTO.id, NOW)
    with pytest.raises(NotFound):
        engagement.resolve_flag("flg-2", "Which one?", OTTO.id, NOW)


def test_flags_of_a_side_have_an_end() -> None:
    engagement = active()
    for number in range(20):
        engagement.raise_flag(flag(number))
    with pytest.raises(Conflict):
        engagement.raise_flag(flag(99))
    engagement.raise_flag(flag(100, COMPANY))


def test_the_time_note_is_the_candidates_alone_and_gives_the_pay_per_hour() -> None:
    engagement = active()
    assert engagement.effective_hourly is None
    engagement.note_time(TimeNote(hours=16.5, note="", noted_at=NOW))
    assert (engagement.effective_hourly, told(engagement)) == (1600, ["time.noted"])
    assert not hasattr(engagement.events[-1], "org_id")  # So no company reads it.
    state = asdict(engagement)
    assert workroom_views.private(state, "candidate", 1600)["time_note"]["hours"] == 16.5
    assert "time_note" not in workroom_views.private(state, "company", 1600)
    assert "time_note" not in workroom_views.private(state, "operator", 1600)


def test_a_reflection_is_read_by_the_company_only_once_it_is_shared() -> None:
    engagement = active()
    for shared in (False, True, True):
        words = Reflection(
            learned="To ask.", proud_of="", next_time="", shared=shared, written_at=NOW
        )
        engagement.reflect(words)
        seen = workroom_views.private(asdict(engagement), "company", None)["reflection"]
        assert bool(seen) is shared
    assert told(engagement) == ["reflection.shared"]


def test_there_is_nothing_to_note_before_the_start() -> None:
    with pytest.raises(Conflict):
        kickoff_pending().note_time(TimeNote(hours=1, note="", noted_at=NOW))
