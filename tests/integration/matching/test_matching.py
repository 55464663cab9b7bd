"""Matching as processes over a real broker and database: in any order, again, after a crash."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.principal import ANONYMOUS, Principal
from tests.integration.conftest import StartService
from tests.integration.surroundings import Surroundings, surroundings
from tests.servers import Vhost
from tests.waiting import wait_until

OWNER = Principal("acc-dana", "owner", "org-acme")
STRANGER = Principal("acc-sid", "owner", "org-umbra")
KIM, LEE = Principal("acc-kim", "candidate"), Principal("acc-lee", "candidate")
OPERATOR = Principal("acc-ops", "operator")
DATA = {"skill_id": "s1", "label": "manage data"}
SQL = {"skill_id": "s2", "label": "SQL"}
VERSIONS = count(1)


@pytest.fixture
def around(vhost: Vhost) -> Iterator[Surroundings]:
    with surroundings("matching", vhost) as around:
        yield around


def publish(around: Surroundings, project_id: str = "prj-1", **brief: Any) -> dict[str, Any]:
    skills = [{**DATA, "required": True}, {**SQL, "required": False}]
    return around.tell(
        "project.published",
        **{"project_id": project_id, "org_id": "org-acme", "skills": skills, **brief},
    )


def update(around: Surroundings, candidate_id: str, data: int, sql: int = 0) -> dict[str, Any]:
    skills = [{**DATA, "level": data}] + ([{**SQL, "level": sql}] if sql else [])
    return around.tell(
        "candidate.updated",
        version=next(VERSIONS),
        candidate_id=candidate_id,
        skills=skills,
        open_to_work=True,
    )


def about(candidate_id: str, project_id: str = "prj-1") -> dict[str, Any]:
    return {"project_id": project_id, "org_id": "org-acme", "candidate_id": candidate_id}


def submit(around: Surroundings, candidate_id: str, level: int = 3) -> dict[str, Any]:
    return around.tell(
        "application.submitted",
        application_id=f"app-{candidate_id}",
        skills=[{"skill_id": "s1", "level": level}],
        **about(candidate_id),
    )


def candidates(around: Surroundings, project_id: str = "prj-1") -> list[str]:
    page = around.ask(OPERATOR, "recommend_candidates", project_id=project_id)
    return [item["candidate_id"] for item in page["items"]]


def test_an_application_that_comes_before_its_project_is_scored_once_it_is_known(
    around: Surroundings, start_service: StartService
) -> None:
    start_service("matching")
    submit(around, "acc-kim")
    publish(around)
    (scored,) = around.hear("match.scored")
    assert scored["score"] == sum(point["points"] for point in scored["points"]) == 47
    assert [point["label"] for point in scored["points"]] == ["manage data", "SQL"]
    assert (scored["taxonomy_version"], scored["model_version"]) == ("esco-1.2.0", "coverage-1")


def test_from_profiles_to_suggestions_recommendations_and_reasons(
    around: Surroundings, start_service: StartService
) -> None:
    process = start_service("matching")
    told = [update(around, "acc-kim", data=4, sql=4), update(around, "acc-lee", data=2)]
    around.wait_handled(process, *told)
    publish(around)
    (suggested,) = around.hear("match.suggested")
    assert [one["candidate_id"] for one in suggested["candidates"]] == ["acc-kim", "acc-lee"]

    assert candidates(around) == ["acc-kim", "acc-lee"]
    page = around.ask(OWNER, "recommend_candidates", project_id="prj-1", limit=1)
    (best,) = page["items"]
    assert set(best) == {"rank", "score", "points"}
    (project,) = around.ask(KIM, "recommend_projects")["items"]
    assert (project["project_id"], project["score"]) == ("prj-1", best["score"])

    submit(around, "acc-kim")
    around.hear("match.scored")
    assert candidates(around) == ["acc-lee"]
    assert around.ask(KIM, "recommend_projects")["items"] == []
    why = around.ask(OWNER, "explain_match", application_id="app-acc-kim")
    assert why["reasons"][0] == "Covers 1 of 1 required skills."
    assert "candidate_id" not in why


def test_finished_work_counts_and_a_hire_or_a_closed_project_ends_recommendations(
    around: Surroundings, start_service: StartService
) -> None:
    process = start_service("matching")
    publish(around)
    told = [update(around, "acc-kim", data=3), update(around, "acc-lee", data=3)]
    work = {"engagement_id": "eng-1", "skills": ["s1"], **about("acc-lee", "prj-0")}
    told.append(around.tell("evaluation.released", **{**work, "weighted_score": 90}))
    told.append(around.tell("engagement.completed", **{**work, "weighted_score": 90}))
    bad = {"engagement_id": "eng-2", "skills": ["s1"], **about("acc-kim", "prj-0")}
    told.append(around.tell("engagement.cancelled", **bad))
    around.wait_handled(process, *told)
    assert candidates(around) == ["acc-lee", "acc-kim"]

    around.wait_handled(process, around.tell("hire-offer.accepted", **about("acc-lee")))
    assert candidates(around) == ["acc-kim"]
    around.wait_handled(process, around.tell("project.closed", project_id="prj-1"))
    assert around.ask(KIM, "recommend_projects")["items"] == []
    with pytest.raises(Conflict):
        candidates(around)


def test_everything_told_twice_and_a_killed_process_change_nothing(
    around: Surroundings, start_service: StartService
) -> None:
    process = start_service("matching")
    for i in range(12):
        update(around, f"acc-{i}", data=1 + i % 5, sql=i % 4)
    around.wait_handled(process, *around.told)
    publish(around)
    around.hear("match.suggested")
    for i in range(6):
        submit(around, f"acc-{i}", level=1 + i % 5)
    around.tell("application.withdrawn", application_id="app-acc-1", **about("acc-1"))
    around.publish(*around.told)
    process.kill()
    process = start_service("matching")
    scores = around.hear("match.scored", 6)
    everything = around.ask(OPERATOR, "recommend_candidates", project_id="prj-1")
    reasons = around.ask(OPERATOR, "explain_match", application_id="app-acc-1")

    around.publish(*around.told)
    around.wait_handled(process, *around.told)
    process.kill()
    start_service("matching")
    assert around.ask(OPERATOR, "recommend_candidates", project_id="prj-1") == everything
    again = around.ask(OPERATOR, "explain_match", application_id="app-acc-1")
    assert again == reasons
    assert len(around.hear("match.scored", 6)) == len(scores) == 6
    assert len(around.hear("match.suggested")) == 1


def test_every_replica_answers_from_what_any_of_them_was_told(
    around: Surroundings, start_service: StartService
) -> None:
    for _ in range(2):
        start_service("matching", REPLICAS="2")
    publish(around)
    wait_until(lambda: known(around, "prj-1"), describe="the project")
    for i in range(8):
        update(around, f"acc-{i}", data=3)
        wait_until(lambda i=i: f"acc-{i}" in candidates(around), describe="the candidate")  # type: ignore[misc]
        answers = [tuple(candidates(around)) for _ in range(4)]
        assert set(answers) == {answers[0]}
        assert len(answers[0]) == i + 1


def known(around: Surroundings, project_id: str) -> bool:
    try:
        candidates(around, project_id)
    except NotFound:
        return False
    return True


def test_callers_are_told_what_is_wrong_and_strangers_nothing(
    around: Surroundings, start_service: StartService
) -> None:
    process = start_service("matching")
    around.wait_handled(process, publish(around))
    found = around.ask(ANONYMOUS, "search_skills", query="manage dat", limit=2)
    assert found["items"][0]["label"] == "manage data"
    for wrong in ({"query": ""}, {"query": "x", "limit": 0}, {"query": "x" * 201}, {"query": 7}):
        with pytest.raises(Invalid) as refused:
            around.ask(ANONYMOUS, "search_skills", **wrong)
        assert refused.value.errors
    with pytest.raises(Forbidden):
        around.ask(ANONYMOUS, "recommend_projects")
    with pytest.raises(NotFound):
        around.ask(STRANGER, "recommend_candidates", project_id="prj-1")
    with pytest.raises(NotFound):
        around.ask(OWNER, "explain_match", application_id="app-none")
