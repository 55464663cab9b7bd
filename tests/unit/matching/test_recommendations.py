"""What matching says: once, to those who may hear it, with reasons that add up."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.matching import usecases
from services.matching.domain.entries import ProjectEntry
from services.matching.domain.recommendation import Recommendation, Suggested
from services.matching.domain.scoring import Held, Need
from services.matching.events import MatchScored, MatchSuggested
from services.matching.index import CandidateIndex, ProjectIndex
from shared.errors import Conflict, Forbidden, NotFound
from shared.principal import ANONYMOUS, Principal

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OWNER = Principal("acc-dana", "owner", "org-acme")
STRANGER = Principal("acc-sid", "owner", "org-umbra")
KIM, LEE = Principal("acc-kim", "candidate"), Principal("acc-lee", "candidate")
OPERATOR = Principal("acc-ops", "operator")
SKILLS = [
    {"skill_id": "s1", "label": "manage data", "required": True},
    {"skill_id": "s2", "label": "SQL", "required": True},
    {"skill_id": "s3", "label": "Python", "required": False},
]
APPLICATION: dict[str, Any] = {
    "candidate_id": "acc-kim",
    "skills": [{"skill_id": "s1", "level": 4}],
}


def project(**brief: Any) -> ProjectEntry:
    entry = ProjectEntry("prj-1")
    content = {"org_id": "org-acme", "title": "Clean contacts", "skills": SKILLS, **brief}
    usecases.publish_project(entry, content, 1, NOW)
    return entry


def scored(proven: dict[str, int] | None = None) -> Recommendation:
    recommendation = Recommendation("app-1", "prj-1", "org-acme")
    for _ in range(2):
        usecases.score_application(
            recommendation, APPLICATION, project(), proven or {}, "esco-1.2.0"
        )
    return recommendation


def crowd(count: int) -> CandidateIndex:
    index = CandidateIndex()
    for i in range(count):
        index.put(f"acc-{i}", {"s1": Held(1 + i % 5)})
    return index


def test_an_application_is_scored_and_announced_once() -> None:
    recommendation = scored({"s2": 1})
    (event,) = recommendation.events
    assert isinstance(event, MatchScored)
    assert event.candidate_id == "acc-kim"
    assert event.score == sum(point["points"] for point in event.points) > 0
    assert event.points[1] == {
        "skill_id": "s2",
        "label": "SQL",
        "points": event.points[1]["points"],
        "evidence": 1,
    }
    assert (event.model_version, event.taxonomy_version) == ("coverage-1", "esco-1.2.0")


def test_a_withdrawal_that_comes_first_does_not_stop_the_score() -> None:
    recommendation = Recommendation("app-1", "prj-1", "org-acme", "acc-kim")
    usecases.withdraw_application(recommendation)
    usecases.score_application(recommendation, APPLICATION, project(), {}, "esco-1.2.0")
    assert recommendation.withdrawn
    assert recommendation.score is not None


def test_at_most_twenty_are_suggested_best_first() -> None:
    recommendation = Recommendation("prj-1", "prj-1", "org-acme")
    best = usecases.best_for(project(), crowd(30))
    usecases.suggest_candidates(recommendation, best, 1, "esco-1.2.0")
    (event,) = recommendation.events
    assert isinstance(event, MatchSuggested)
    scores = [one["score"] for one in event.candidates]
    assert len(scores) == 20
    assert scores == sorted(scores, reverse=True)


def test_nobody_is_suggested_twice_for_a_project_that_is_published_again() -> None:
    recommendation = Recommendation("prj-1", "prj-1", "org-acme")
    for revision, count in ((1, 2), (1, 5), (2, 3), (3, 3)):
        best = usecases.best_for(project(), crowd(count))
        usecases.suggest_candidates(recommendation, best, revision, "esco-1.2.0")
    told = [one["candidate_id"] for event in recommendation.events for one in event.candidates]  # type: ignore[union-attr]
    assert sorted(told) == ["acc-0", "acc-1", "acc-2"]
    assert len(recommendation.events) == 2
    assert all(isinstance(one, Suggested) for one in recommendation.candidates)


def test_nobody_is_suggested_for_a_project_that_is_closed() -> None:
    closed = project()
    usecases.close_project(closed, NOW)
    assert usecases.best_for(closed, crowd(3)) == []


def test_a_candidate_sees_open_projects_not_applied_to() -> None:
    projects = ProjectIndex()
    for id_ in ("prj-1", "prj-2", "prj-3"):
        projects.put(id_, project().needs)
    held = {"s1": Held(3)}
    items = usecases.recommend_projects(
        KIM, held, projects, {"prj-1": "Clean contacts"}, 5, {"prj-2"}
    )
    assert {item["project_id"]: item["title"] for item in items} == {
        "prj-1": "Clean contacts",
        "prj-3": "",
    }
    assert all(sum(p["points"] for p in item["points"]) == item["score"] for item in items)


def test_only_candidates_are_recommended_projects() -> None:
    with pytest.raises(Forbidden):
        usecases.recommend_projects(OWNER, {}, ProjectIndex(), {}, 5, ())


def test_a_company_learns_how_many_fit_but_not_who() -> None:
    items = usecases.recommend_candidates(OWNER, project(), crowd(3), 10, {"acc-1"})
    assert [item["rank"] for item in items] == [1, 2]
    assert all("candidate_id" not in item for item in items)
    named = usecases.recommend_candidates(OPERATOR, project(), crowd(1), 10, ())
    assert named[0]["candidate_id"] == "acc-0"


def test_recommendations_of_others_projects_are_not_there() -> None:
    with pytest.raises(NotFound):
        usecases.recommend_candidates(STRANGER, project(), crowd(1), 10, ())
    with pytest.raises(Forbidden):
        usecases.recommend_candidates(KIM, project(), crowd(1), 10, ())
    for by in (OWNER, OPERATOR):
        with pytest.raises(NotFound):
            usecases.recommend_candidates(by, None, crowd(1), 10, ())


def test_a_closed_project_gets_no_recommendations() -> None:
    closed = project()
    usecases.close_project(closed, NOW)
    with pytest.raises(Conflict):
        usecases.recommend_candidates(OWNER, closed, crowd(1), 10, ())


def test_a_match_is_explained_to_both_sides_and_names_nobody_to_the_company() -> None:
    recommendation = scored({"s3": 2})
    company = usecases.explain_match(OWNER, recommendation)
    own = usecases.explain_match(KIM, recommendation)
    assert "candidate_id" not in company
    assert own["candidate_id"] == "acc-kim"
    assert company["reasons"] == [
        "Covers 1 of 2 required skills.",
        "Covers 1 of 1 optional skills.",
        "Proven in finished work: Python.",
        "Nothing yet on: SQL.",
    ]
    assert sum(point["points"] for point in company["points"]) == company["score"]


def test_reasons_leave_out_what_does_not_apply() -> None:
    assert usecases.reasons([]) == []
    recommendation = Recommendation("app-1", "prj-1", "org-acme")
    entry = project(skills=SKILLS[:1])
    usecases.score_application(recommendation, APPLICATION, entry, {}, "esco-1.2.0")
    assert usecases.reasons(recommendation.points) == ["Covers 1 of 1 required skills."]


def test_a_match_is_hidden_from_strangers_and_from_those_without_a_part() -> None:
    for by in (STRANGER, LEE):
        with pytest.raises(NotFound):
            usecases.explain_match(by, scored())
    with pytest.raises(Forbidden):
        usecases.explain_match(ANONYMOUS, scored())


def test_what_is_not_scored_yet_has_no_explanation() -> None:
    unscored = Recommendation("app-1", "prj-1", "org-acme", "acc-kim")
    for missing in (None, unscored):
        with pytest.raises(NotFound):
            usecases.explain_match(OPERATOR, missing)


def test_needs_weigh_as_the_brief_says() -> None:
    assert project().needs == [
        Need("s1", "manage data", True),
        Need("s2", "SQL", True),
        Need("s3", "Python", False),
    ]
