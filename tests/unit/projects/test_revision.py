"""Changes after publication: only for the better, kept by version, told to who relied on them."""

from datetime import timedelta
from typing import Any

import pytest

from services.projects.domain import revision
from services.projects.domain.organisation import Level
from services.projects.domain.project import CloseReason, Project
from services.projects.domain.revision import MOST_REVISIONS, TOLD_AT_ONCE
from services.projects.events import ProjectPublished, ProjectRevised
from services.projects.schemas.briefs import BriefSchema
from services.projects.schemas.inputs import load
from shared.errors import Conflict, Invalid
from tests.unit.projects.samples import DAY, NOW, POLICY, published, told

LATER = NOW + DAY


def revise(
    project: Project, level: Level = Level.VERIFIED, at: Any = LATER, **changes: Any
) -> Project:
    wanted = load(BriefSchema(), changes, partial=True)
    revision.revise(project, wanted, level, POLICY, at)
    return project


def revised_events(project: Project) -> list[ProjectRevised]:
    return [event for event in project.events if isinstance(event, ProjectRevised)]


def test_a_better_fee_is_a_new_version_that_others_hear_of() -> None:
    project = revise(published(), fee_amount=30_000)
    assert (project.brief_version, project.brief.fee_amount) == (2, 30_000)
    anew, changed = project.events
    assert isinstance(anew, ProjectPublished)
    assert (anew.brief_version, anew.fee_amount) == (2, 30_000)
    assert isinstance(changed, ProjectRevised)
    assert (changed.brief_version, changed.changed) == (2, ["fee_amount"])


def test_what_stood_before_is_kept_with_the_time_until_it_stood() -> None:
    project = revise(published(), fee_amount=30_000)
    revise(project, at=LATER + DAY, title="Clean 4,000 contacts of our CRM")
    assert [(was.number, was.until, was.changed) for was in project.history] == [
        (1, LATER, ["fee_amount"]),
        (2, LATER + DAY, ["title"]),
    ]
    assert project.history[0].brief.fee_amount == 26_400
    assert revision.version_at(project, NOW) == 1
    assert revision.version_at(project, LATER) == 2
    assert revision.version_at(project, LATER + DAY) == 3


def test_the_same_again_is_no_change() -> None:
    project = revise(published(), fee_amount=26_400)
    assert (project.brief_version, project.events) == (1, [])


WEEK = (NOW + 7 * DAY).isoformat()


@pytest.mark.parametrize(
    ("before", "changes", "field"),
    [
        ({"fee_amount": 30_000}, {"fee_amount": 29_999}, "fee_amount"),
        ({"positions": 3}, {"positions": 2}, "positions"),
        ({"selection_hours": 72}, {"selection_hours": 71}, "selection_hours"),
        ({"review_days": 14}, {"review_days": 15}, "review_days"),
        ({"decision_days": 14}, {"decision_days": 15}, "decision_days"),
        ({"max_revision_rounds": 1}, {"max_revision_rounds": 2}, "max_revision_rounds"),
        ({"fee_amount": 40_000}, {"hours": 13}, "hours"),
        ({"apply_by": WEEK}, {"apply_by": (NOW + 7 * DAY - timedelta(1)).isoformat()}, "apply_by"),
        ({}, {"apply_by": WEEK}, "apply_by"),
        ({}, {"fee_currency": "CAD", "fee_amount": 90_000}, "fee_currency"),
        ({}, {"questions": [{"text": "Since when?"}]}, "questions"),
        ({}, {"visibility": "invite_only"}, "visibility"),
        ({}, {"blind_review": False}, "blind_review"),
        ({}, {"eligibility": {"minimum_age": 21}}, "eligibility"),
    ],
)
def test_what_was_published_never_gets_worse(before: Any, changes: Any, field: str) -> None:
    project = published(**before)
    with pytest.raises(Invalid) as caught:
        revise(project, **changes)
    assert field in caught.value.errors
    assert (project.brief_version, project.events) == (1, [])


@pytest.mark.parametrize(
    ("before", "changes"),
    [
        ({"fee_amount": 26_400}, {"hours": 24, "fee_amount": 52_800}),
        ({"apply_by": WEEK}, {"apply_by": (NOW + 8 * DAY).isoformat()}),
        ({"apply_by": WEEK}, {"apply_by": None}),
        ({}, {"apply_by": (LATER + 7 * DAY).isoformat()}),
        ({}, {"positions": 2}),
    ],
)
def test_what_gets_better_or_leaves_time_is_allowed(before: Any, changes: Any) -> None:
    assert revise(published(**before), **changes).brief_version == 2


def test_a_later_deadline_is_when_the_sweep_looks_next() -> None:
    project = revise(published(apply_by=WEEK), apply_by=(NOW + 9 * DAY).isoformat())
    assert project.due_at == NOW + 9 * DAY


def test_new_words_of_an_unverified_company_are_read_by_somebody_first() -> None:
    for level in (Level.UNVERIFIED, Level.EMAIL_VERIFIED):
        with pytest.raises(Conflict, match="objective"):
            revise(published(), level, objective="A list that sales can trust from now on.")
        assert revise(published(), level, fee_amount=30_000).brief_version == 2


def test_words_that_need_a_look_do_not_come_in_by_a_change() -> None:
    with pytest.raises(Conflict, match="objective"):
        revise(published(), Level.TRUSTED, objective="A list of casinos in our town.")
    old = published(objective="A list of casinos in our town.")
    assert revise(old, Level.TRUSTED, fee_amount=30_000).brief_version == 2


def test_a_closed_project_does_not_change() -> None:
    project = published()
    project.close(CloseReason.COMPANY, NOW)
    with pytest.raises(Conflict):
        revise(project, fee_amount=30_000)


def test_after_many_changes_it_is_another_project() -> None:
    project = published()
    for number in range(MOST_REVISIONS):
        revise(project, fee_amount=30_000 + number)
    with pytest.raises(Conflict, match="often enough"):
        revise(project, fee_amount=90_000)


def apply(project: Project, number: int, at: Any = NOW, version: int | None = None) -> None:
    revision.note_applicant(project, f"app-{number}", f"acc-{number}", version, at)


def test_who_has_applied_is_told_and_who_has_left_is_not() -> None:
    project = published()
    apply(project, 1)
    apply(project, 2)
    revision.forget_applicant(project, "app-2")
    revision.forget_applicant(project, "app-3")  # Heard before the application itself.
    apply(project, 3)
    revise(project, fee_amount=30_000)
    (event,) = revised_events(project)
    assert event.candidates == [{"candidate_id": "acc-1"}]
    assert project.applicants["app-1"].brief_version == 1


def test_an_application_to_the_older_version_that_is_heard_late_is_told_too() -> None:
    project = revise(published(), fee_amount=30_000)
    project.events.clear()
    for _ in range(2):
        apply(project, 1, at=NOW)
    (event,) = revised_events(project)
    assert (event.changed, event.candidates) == (["fee_amount"], [{"candidate_id": "acc-1"}])
    apply(project, 2, at=LATER)
    apply(project, 3, at=NOW, version=2)
    assert len(told(project)) == 1
    assert [one.brief_version for one in project.applicants.values()] == [1, 2, 2]


def test_a_crowd_is_told_in_several_events() -> None:
    project = published()
    for number in range(TOLD_AT_ONCE + 1):
        apply(project, number)
    revise(project, fee_amount=30_000)
    assert [len(event.candidates) for event in revised_events(project)] == [TOLD_AT_ONCE, 1]
