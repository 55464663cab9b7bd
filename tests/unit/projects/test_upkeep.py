"""What time does to a project that nobody looks after."""

from datetime import datetime, timedelta

import pytest

from services.projects.domain import inquiry, review, upkeep
from services.projects.domain.project import ASK_AFTER, CloseReason, Project, Status
from services.projects.domain.project_records import Reason
from services.projects.domain.review import CHANGES_LIMIT, REMIND_AFTER
from services.projects.events import ProjectClosed, ProjectReminded
from shared.errors import Conflict
from tests.unit.projects.samples import DAY, NOW, draft, in_review, published, told

MOMENT = timedelta(milliseconds=1)
SOON = (NOW + DAY).isoformat()


def settle(project: Project, now: datetime) -> None:
    for _ in range(2):  # As two replicas would.
        upkeep.settle(project, now)


def test_the_deadline_closes_it_and_an_earlier_sweep_does_nothing() -> None:
    project = published(apply_by=SOON)
    settle(project, NOW + DAY - MOMENT)
    assert project.status is Status.PUBLISHED
    settle(project, NOW + DAY)
    (event,) = project.events
    assert isinstance(event, ProjectClosed)
    assert event.reason == "expired"
    assert project.due_at is None


def test_after_three_quiet_weeks_the_company_is_asked_reminded_and_then_it_closes() -> None:
    project = published()
    settle(project, NOW + ASK_AFTER - MOMENT)
    assert project.events == []
    settle(project, NOW + 21 * DAY)
    settle(project, NOW + 27 * DAY - MOMENT)
    (asked,) = project.events
    assert isinstance(asked, ProjectReminded)
    assert asked.closes_at == NOW + 30 * DAY
    settle(project, NOW + 27 * DAY)
    settle(project, NOW + 30 * DAY - MOMENT)
    assert told(project) == ["project.reminded"] * 2
    settle(project, NOW + 30 * DAY)
    assert (project.status, project.close_reason) == (Status.CLOSED, CloseReason.IDLE)
    assert told(project)[2:] == ["project.closed"]


def test_nobody_is_closed_unasked_after_an_outage() -> None:
    project = published()
    settle(project, NOW + 90 * DAY)
    assert (project.status, told(project)) == (Status.PUBLISHED, ["project.reminded"])
    assert project.due_at == NOW + 96 * DAY


def test_saying_that_it_is_still_open_starts_the_three_weeks_anew() -> None:
    project = published()
    settle(project, NOW + 21 * DAY)
    upkeep.confirm(project, NOW + 22 * DAY)
    assert (project.reminders, project.due_at) == (0, NOW + 43 * DAY)
    project.close(CloseReason.COMPANY, NOW)
    with pytest.raises(Conflict):
        upkeep.confirm(project, NOW + 23 * DAY)


def test_an_answer_is_a_sign_of_life_and_so_is_a_filled_position() -> None:
    project = published(positions=2)
    inquiry.ask(project, "inq-1", "acc-carla", "Which tool is it?", NOW + DAY)
    assert project.due_at == NOW + 21 * DAY
    inquiry.answer(project, "inq-1", "OpenRefine.", NOW + 5 * DAY)
    assert project.due_at == NOW + 26 * DAY
    project.fill_position("app-1", NOW + 6 * DAY)
    assert project.due_at == NOW + 27 * DAY


def test_an_old_sign_of_life_that_is_heard_late_says_nothing() -> None:
    project = published()
    project.stir(NOW + 10 * DAY)
    project.stir(NOW + 4 * DAY)
    assert project.due_at == NOW + 31 * DAY
    hidden = draft()
    hidden.stir(NOW)
    assert hidden.due_at is None


def test_the_deadline_stands_whatever_the_company_does() -> None:
    project = published(apply_by=SOON)
    upkeep.confirm(project, NOW + MOMENT)
    assert project.due_at == NOW + DAY


def test_operators_are_told_again_of_a_brief_that_nobody_has_looked_at() -> None:
    project = in_review()
    settle(project, NOW + REMIND_AFTER - MOMENT)
    assert project.events == []
    settle(project, NOW + REMIND_AFTER)
    assert told(project) == ["project.submitted"]
    assert project.due_at == NOW + 2 * REMIND_AFTER


def test_what_was_sent_back_and_left_alone_is_put_away_in_silence() -> None:
    project = in_review()
    review.request_changes(project, [Reason(field="title", reason="Vague.")], "acc-otto", NOW)
    project.events.clear()
    settle(project, NOW + CHANGES_LIMIT)
    assert (project.status, project.close_reason) == (Status.CLOSED, CloseReason.IDLE)
    assert (project.events, project.public) == ([], False)
