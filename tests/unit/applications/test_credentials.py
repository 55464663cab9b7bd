"""Credentials: proof of accepted work, with scores where somebody scored it."""

from typing import Any

import pytest

from shared.errors import Forbidden, NotFound
from tests.unit.applications.world import KIM, LEE, OPERATOR, OWNER, STRANGER, World, about

SCORES = {"work_ethic": 4, "problem_solving": 5, "communication": 4, "culture": 4}


def completed(application_id: str, **changes: Any) -> dict[str, Any]:
    return {
        **about(application_id),
        "automatic": False,
        "hours": 12,
        "skills": ["s1", "s9"],
        "files": [{"name": "clean.csv", "sha256": "9f" * 32, "media_type": "text/csv"}],
        "completed_at": "2026-03-12T10:00:00.000+00:00",
        **changes,
    }


def test_completed_work_becomes_a_credential_once(world: World) -> None:
    id_ = world.accepted()
    for _ in range(2):
        world.tell("engagement.completed.v1", completed(id_))
    (credential,) = world.call("list_credentials", KIM)["items"]
    assert credential["id"] == "crd-" + id_.removeprefix("app-")
    assert credential["project_title"] == world.card().terms.title
    assert credential["skills"] == [
        {"skill_id": "s1", "label": "manage data"},
        {"skill_id": "s9", "label": "s9"},
    ]
    assert (credential["scores"], credential["weighted_score"]) == (None, None)
    assert world.types().count("credential.issued") == 1
    assert world.application(id_).engagement_status == "completed"


def released(application_id: str, **changes: Any) -> dict[str, Any]:
    ids = about(application_id)
    del ids["application_id"]
    given = {"raters": 1, "disagreement": [], "company_scores": None}
    more = {"company_weighted_score": None, "released_at": "2026-03-13T10:00:00.000+00:00"}
    return {**ids, "scores": SCORES, "weighted_score": 82, **given, **more, **changes}


def test_scores_come_with_the_release_of_the_evaluations(world: World) -> None:
    id_ = world.accepted()
    world.tell("engagement.completed.v1", completed(id_))
    world.tell("evaluation.released.v1", released(id_))
    (credential,) = world.call("list_credentials", KIM)["items"]
    assert (credential["scores"], credential["weighted_score"]) == (SCORES, 82)


def test_work_accepted_by_silence_has_no_scores_and_no_hire_offer(world: World) -> None:
    id_ = world.accepted()
    silent = completed(id_, automatic=True)
    world.tell("engagement.completed.v1", silent)
    (credential,) = world.call("list_credentials", KIM)["items"]
    assert credential["automatic"]
    assert (credential["scores"], credential["weighted_score"]) == (None, None)
    assert world.call("list_hire_offers", KIM)["items"] == []


def test_a_credential_is_there_for_its_candidate_its_company_and_operators(world: World) -> None:
    id_ = world.accepted()
    world.tell("engagement.completed.v1", completed(id_))
    credential_id = "crd-" + id_.removeprefix("app-")
    views = [
        world.call("get_credential", by, credential_id=credential_id)
        for by in (KIM, OWNER, OPERATOR)
    ]
    assert "sharing" not in views[1], "what the candidate shows is not the company's"
    assert views[0] == views[2] == views[1] | {"sharing": views[0]["sharing"]}
    for stranger in (LEE, STRANGER):
        with pytest.raises(NotFound):
            world.call("get_credential", stranger, credential_id=credential_id)
    with pytest.raises(Forbidden):
        world.call("list_credentials", OWNER)
