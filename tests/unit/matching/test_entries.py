"""What is kept of others: the newest fact wins, in whatever order facts come, however often."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from services.matching import usecases
from services.matching.domain.entries import (
    CandidateEntry,
    Evidence,
    EvidenceStatus,
    ProjectEntry,
    ProjectStatus,
)
from shared.errors import NotYet

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
BRIEF: dict[str, Any] = {
    "org_id": "org-acme",
    "title": "Clean contacts",
    "skills": [{"skill_id": "s1", "label": "manage data", "required": True}],
}


def told(level: int, open_to_work: bool = True) -> dict[str, Any]:
    skills = [{"skill_id": "s1", "level": level}, {"skill_id": "s1", "level": 1}]
    return {"skills": skills, "open_to_work": open_to_work, "weekly_hours": 10}


@pytest.mark.parametrize(
    ("visibility", "offered"),
    [(None, True), ("public", True), ("invite_only", False), ("link_only", False)],
)
def test_what_is_not_for_everybody_is_offered_to_nobody(
    visibility: str | None, offered: bool
) -> None:
    entry = ProjectEntry("prj-1")
    usecases.publish_project(entry, {**BRIEF, "visibility": visibility}, 3, NOW)
    assert (entry.offered, entry.published) == (offered, True)


def test_an_older_publication_never_replaces_a_newer_one() -> None:
    entry = ProjectEntry("prj-1")
    usecases.publish_project(entry, BRIEF, 3, NOW)
    usecases.publish_project(entry, {**BRIEF, "title": "Old"}, 2, NOW + DAY)
    usecases.publish_project(entry, {**BRIEF, "title": "Again"}, 3, NOW + DAY)
    assert (entry.title, entry.status, entry.changed_at) == (
        "Clean contacts",
        ProjectStatus.OPEN,
        NOW,
    )


def test_a_project_closed_before_it_was_heard_of_stays_closed() -> None:
    entry = ProjectEntry("prj-1")
    usecases.close_project(entry, NOW)
    usecases.publish_project(entry, BRIEF, 3, NOW)
    usecases.close_project(entry, NOW + DAY)
    assert (entry.status, entry.changed_at) == (ProjectStatus.CLOSED, NOW)
    assert entry.published


def test_a_project_is_needed_before_its_applications_are_scored() -> None:
    closed_only = ProjectEntry("prj-1")
    usecases.close_project(closed_only, NOW)
    for unknown in (None, closed_only):
        with pytest.raises(NotYet):
            usecases.require_published(unknown)
    entry = ProjectEntry("prj-1")
    usecases.publish_project(entry, BRIEF, 1, NOW)
    assert usecases.require_published(entry) is entry


def test_a_candidate_has_the_highest_level_told_of_a_skill() -> None:
    entry = CandidateEntry("acc-1")
    usecases.update_candidate(entry, told(4), 1, NOW, NOW)
    assert entry.skills == {"s1": 4}
    assert entry.available


Step = Callable[[CandidateEntry], None]
UPDATE: Step = lambda entry: usecases.update_candidate(entry, told(3), 1, NOW, NOW)  # noqa: E731
HIRE: Step = lambda entry: usecases.hire_candidate(entry, NOW + DAY, NOW)  # noqa: E731
BACK: Step = lambda entry: usecases.update_candidate(  # noqa: E731
    entry, told(4), 2, NOW + 2 * DAY, NOW
)


@pytest.mark.parametrize("order", list(permutations([UPDATE, HIRE, HIRE])))
def test_a_hired_candidate_leaves_in_whatever_order_we_hear(order: list[Step]) -> None:
    entry = CandidateEntry("acc-1")
    for step in order:
        step(entry)
    assert not entry.available


@pytest.mark.parametrize("order", list(permutations([UPDATE, HIRE, BACK])))
def test_a_profile_that_says_open_to_work_after_the_hire_comes_back(order: list[Step]) -> None:
    entry = CandidateEntry("acc-1")
    for step in order:
        step(entry)
    assert entry.available
    assert entry.skills == {"s1": 4}


def test_who_is_not_open_to_work_is_not_available() -> None:
    entry = CandidateEntry("acc-1")
    assert not entry.available
    usecases.update_candidate(entry, told(3, open_to_work=False), 1, NOW, NOW)
    assert not entry.available


DONE: dict[str, Any] = {"skills": ["s2", "s1", "s1"], "weighted_score": None}


def test_completed_work_proves_its_skills_once() -> None:
    evidence = Evidence("eng-1", "acc-1")
    assert evidence.proves == []
    for _ in range(2):
        usecases.complete_work(evidence, DONE, NOW)
        usecases.cancel_work(evidence, NOW)
    assert evidence.proves == ["s1", "s2"]


@pytest.mark.parametrize(("score", "proves"), [(49, []), (50, ["s1", "s2"])])
def test_work_that_was_evaluated_badly_proves_nothing(score: int, proves: list[str]) -> None:
    first, last = Evidence("eng-1", "acc-1"), Evidence("eng-1", "acc-1")
    usecases.evaluate_work(first, score, NOW)
    usecases.complete_work(first, DONE, NOW)
    usecases.complete_work(last, {**DONE, "weighted_score": score}, NOW)
    usecases.evaluate_work(last, 1, NOW)
    assert first.proves == last.proves == proves


def test_a_rating_that_was_removed_on_appeal_decides_nothing() -> None:
    first, last = Evidence("eng-1", "acc-1"), Evidence("eng-1", "acc-1")
    usecases.complete_work(first, DONE, NOW)
    usecases.evaluate_work(first, 49, NOW)
    usecases.disregard_score(first, NOW + timedelta(days=1))
    assert (first.proves, first.changed_at) == (["s1", "s2"], NOW + timedelta(days=1))
    usecases.disregard_score(last, NOW)
    usecases.evaluate_work(last, 49, NOW)
    usecases.complete_work(last, {**DONE, "weighted_score": 49}, NOW)
    assert last.proves == ["s1", "s2"], "whichever is heard first"


def test_cancelled_work_proves_nothing() -> None:
    evidence = Evidence("eng-1", "acc-1")
    usecases.cancel_work(evidence, NOW)
    usecases.complete_work(evidence, DONE, NOW)
    assert evidence.status is EvidenceStatus.CANCELLED
    assert evidence.proves == []
