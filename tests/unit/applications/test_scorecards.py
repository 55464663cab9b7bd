"""Several reviewers, each alone until their own scores are locked."""

from typing import Any

import pytest

from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.principal import Principal
from tests.unit.applications.test_reading import text
from tests.unit.applications.world import (
    EVALUATOR,
    KIM,
    OPERATOR,
    OWNER,
    RECRUITER,
    STRANGER,
    World,
)

FOURS = {"skills": 4, "problem_solving": 4, "communication": 4, "motivation": 4}


@pytest.fixture
def id_(world: World) -> str:
    world.publish()
    return world.apply()


def judge(world: World, by: Principal, id_: str, comment: str = "", **scores: int) -> Any:
    wanted = {**FOURS, **scores}
    return world.call("put_scorecard", by, application_id=id_, scores=wanted, comment=comment)


def lock(world: World, by: Principal, id_: str) -> Any:
    return world.call("lock_scorecard", by, application_id=id_)


def read(world: World, by: Principal, id_: str) -> Any:
    return world.call("list_scorecards", by, application_id=id_)


def test_nobody_sees_the_others_scores_before_locking_their_own(world: World, id_: str) -> None:
    judge(world, EVALUATOR, id_, "Thin on checks.", skills=1)
    lock(world, EVALUATOR, id_)
    for by in (OWNER, RECRUITER):
        assert read(world, by, id_) == {"own": None, "locked": 1, "items": [], "spread": {}}
    judge(world, OWNER, id_)
    draft = read(world, OWNER, id_)
    assert (draft["items"], draft["spread"]) == ([], {})
    assert "Thin on checks." not in text(draft)
    lock(world, OWNER, id_)
    seen = read(world, OWNER, id_)
    assert {item["reviewer_id"] for item in seen["items"]} == {OWNER.id, EVALUATOR.id}
    assert seen["spread"]["skills"] == {"mean": 2.5, "lowest": 1, "highest": 4, "spread": 3}
    assert seen["spread"]["motivation"]["spread"] == 0


def test_a_draft_of_another_is_seen_by_nobody(world: World, id_: str) -> None:
    judge(world, EVALUATOR, id_, "Only a draft.", skills=1)
    judge(world, OWNER, id_)
    lock(world, OWNER, id_)
    seen = read(world, OWNER, id_)
    assert [item["reviewer_id"] for item in seen["items"]] == [OWNER.id]
    assert seen["locked"] == 1
    assert read(world, EVALUATOR, id_)["own"]["comment"] == "Only a draft."


def test_locked_scores_cannot_be_changed(world: World, id_: str) -> None:
    judge(world, OWNER, id_)
    judge(world, OWNER, id_, skills=5)
    first = lock(world, OWNER, id_)
    assert first["scores"]["skills"] == 5
    world.now.pass_(hours=1)
    assert lock(world, OWNER, id_) == first
    assert judge(world, OWNER, id_, skills=5) == first
    with pytest.raises(Conflict) as failure:
        judge(world, OWNER, id_, skills=1)
    assert failure.value.code == "scorecard-locked"
    assert world.types().count("scorecard.locked") == 1


def test_a_lock_needs_every_criterion(world: World, id_: str) -> None:
    world.call("put_scorecard", OWNER, application_id=id_, scores={"skills": 3})
    with pytest.raises(Invalid) as failure:
        lock(world, OWNER, id_)
    assert set(failure.value.errors) == set(FOURS) - {"skills"}
    with pytest.raises(Invalid):
        lock(world, RECRUITER, id_)
    assert read(world, OPERATOR, id_)["locked"] == 0


@pytest.mark.parametrize("scores", [{"skills": 0}, {"skills": 6}, {"looks": 3}, {"skills": "4"}])
def test_a_score_is_one_to_five_of_a_known_criterion(
    world: World, id_: str, scores: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        world.call("put_scorecard", OWNER, application_id=id_, scores=scores)


def test_scores_of_a_decided_application_come_too_late(world: World, id_: str) -> None:
    world.call("decline_application", OWNER, application_id=id_, reason="not-a-fit")
    with pytest.raises(Conflict) as failure:
        judge(world, OWNER, id_)
    assert failure.value.code == "application-declined"


def test_the_announcement_tells_who_has_judged_and_never_what(world: World, id_: str) -> None:
    judge(world, EVALUATOR, id_, "Thin.", skills=1)
    lock(world, EVALUATOR, id_)
    event = world.announced[-1]
    assert event.type == "scorecard.locked.v1"
    assert event.data == {
        "application_id": id_,
        "project_id": "prj-1",
        "org_id": "org-acme",
        "reviewer_id": EVALUATOR.id,
    }


def test_judging_is_for_the_company_and_candidates_see_nothing_of_it(
    world: World, id_: str
) -> None:
    for method, more in (
        ("put_scorecard", {"scores": FOURS}),
        ("lock_scorecard", {}),
        ("list_scorecards", {}),
    ):
        with pytest.raises(Forbidden):
            world.call(method, KIM, application_id=id_, **more)
        with pytest.raises(NotFound):
            world.call(method, STRANGER, application_id=id_, **more)
    judge(world, OWNER, id_, "Secret thought.")
    lock(world, OWNER, id_)
    assert "Secret thought." not in text(world.call("get_application", KIM, application_id=id_))
    assert read(world, OPERATOR, id_)["items"][0]["comment"] == "Secret thought."


def test_a_scorecard_tells_nothing_of_the_person_judged(world: World, id_: str) -> None:
    shown = [judge(world, OWNER, id_), lock(world, OWNER, id_), read(world, OWNER, id_)]
    assert KIM.id not in text(shown)
