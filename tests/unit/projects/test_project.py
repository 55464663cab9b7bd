"""A project's way from draft to closed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projects.domain.project import CloseReason, Status
from services.projects.events import ProjectPublished
from shared.errors import Conflict
from tests.unit.projects.samples import DAY, NOW, brief, draft, published, told

SOON = (NOW + DAY).isoformat()


def test_a_draft_can_be_edited_and_a_published_project_cannot() -> None:
    project = draft()
    project.edit(brief(hours=20))
    assert project.brief.hours == 20
    project.publish(NOW)
    with pytest.raises(Conflict, match="Only a draft"):
        project.edit(brief(hours=30))


def test_publishing_announces_the_brief_once() -> None:
    project = draft(apply_by=SOON)
    project.publish(NOW)
    project.publish(NOW + DAY)
    (event,) = project.events
    assert isinstance(event, ProjectPublished)
    assert (event.project_id, event.title, event.fee_amount) == (
        "prj-1",
        project.brief.title,
        26400,
    )
    assert event.skills == [{"skill_id": "esco-data", "label": "manage data", "required": True}]
    assert (project.published_at, project.due_at) == (NOW, NOW + DAY)


def test_a_closed_project_stays_closed() -> None:
    project = published()
    project.close(CloseReason.COMPANY, NOW)
    project.close(CloseReason.EXPIRED, NOW + DAY)
    assert (project.close_reason, project.closed_at) == (CloseReason.COMPANY, NOW)
    assert told(project) == ["project.closed"]
    with pytest.raises(Conflict, match="stays closed"):
        project.publish(NOW)


def test_a_draft_is_put_away_in_silence_and_nobody_else_ever_reads_it() -> None:
    project = draft()
    project.close(CloseReason.COMPANY, NOW)
    assert (project.status, project.events, project.public) == (Status.CLOSED, [], False)


def test_the_last_position_closes_it_as_filled_however_often_it_is_heard() -> None:
    project = published(positions=2)
    for _ in range(3):
        project.fill_position("app-1", NOW)
    assert (project.positions_filled, project.status) == (1, Status.PUBLISHED)
    project.fill_position("app-2", NOW)
    assert (project.positions_filled, project.close_reason) == (2, CloseReason.FILLED)
    assert told(project) == ["project.closed"]


def test_a_position_given_up_can_be_filled_by_another() -> None:
    project = published(positions=2)
    project.fill_position("app-1", NOW)
    project.free_position("app-1")
    project.free_position("app-1")
    project.fill_position("app-2", NOW)
    assert (project.positions_filled, project.status) == (1, Status.PUBLISHED)
    project.fill_position("app-3", NOW)
    assert project.status is Status.CLOSED


APPLICATIONS = st.sampled_from(["app-1", "app-2", "app-3"])


@given(st.lists(st.tuples(st.booleans(), APPLICATIONS), max_size=8), st.randoms())
def test_positions_do_not_depend_on_order_or_repeats(heard: list[tuple[bool, str]], by) -> None:
    def after(order: list[tuple[bool, str]]) -> int:
        project = published(positions=20)
        for filled, application_id in order:
            if filled:
                project.fill_position(application_id, NOW)
            else:
                project.free_position(application_id)
        return project.positions_filled

    mixed = [*heard, *heard]
    by.shuffle(mixed)
    assert after(mixed) == after(heard)
