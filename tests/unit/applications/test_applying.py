"""Applying: once per candidate and project, with answers that fit the questions."""

from datetime import timedelta

import pytest

from services.applications.domain import application_id
from shared.envelope import Call
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from tests.unit.applications.world import (
    ANSWERS,
    KEY,
    KIM,
    LEE,
    OWNER,
    PROFILE,
    START,
    STRANGER,
    World,
)


def test_an_application_carries_the_answers_and_the_skills_of_that_moment(world: World) -> None:
    world.publish()
    id_ = world.apply()
    world.call("put_profile", KIM, profile={**PROFILE, "skills": []})
    view = world.call("get_application", KIM, application_id=id_)
    assert view["status"] == "submitted"
    assert view["answers"] == ANSWERS
    assert view["skills"] == PROFILE["skills"]
    assert (view["project_title"], view["candidate_id"]) == (world.card().terms.title, KIM.id)
    assert view["score"] is None
    submitted = world.announced[1]
    assert submitted.type == "application.submitted.v1"
    assert submitted.data["skills"] == [{"skill_id": "s1", "level": 4}]


def test_the_id_is_a_keyed_hash_of_candidate_and_project(world: World) -> None:
    world.publish()
    id_ = world.apply()
    assert id_ == application_id(KEY, KIM.id, "prj-1")
    assert len(id_) == len("app-") + 26
    assert id_ == id_.lower()
    assert id_ != application_id("another key", KIM.id, "prj-1")
    assert id_ != application_id(KEY, LEE.id, "prj-1")


def test_a_repeated_call_finds_its_application_even_after_the_project_closed(world: World) -> None:
    world.publish()
    world.call("put_profile", KIM, profile=PROFILE)
    call = Call(principal=KIM)
    first = world.repeat("submit_application", call, project_id="prj-1", answers=ANSWERS)
    again = world.repeat("submit_application", call, project_id="prj-1", answers=ANSWERS)
    assert first == again
    world.tell("project.closed.v1", closed())
    late = world.repeat("submit_application", call, project_id="prj-1", answers=ANSWERS)
    assert late["id"] == first["id"]
    assert world.types().count("application.submitted") == 1


def test_a_second_application_to_the_same_project_is_a_conflict(world: World) -> None:
    world.publish()
    id_ = world.apply()
    with pytest.raises(Conflict) as failure:
        world.apply()
    assert failure.value.code == "already-applied"
    world.call("withdraw_application", KIM, application_id=id_)
    with pytest.raises(Conflict) as failure:
        world.apply()
    assert failure.value.code == "already-applied"


def test_answers_are_kept_in_the_order_of_the_questions(world: World) -> None:
    world.publish()
    answers = [{"question_id": "q2", "text": "No."}, {"question_id": "q1", "text": "Excel."}]
    view = world.call("get_application", KIM, application_id=world.apply(answers=answers))
    assert [answer["question_id"] for answer in view["answers"]] == ["q1", "q2"]


@pytest.mark.parametrize(
    ("answers", "errors"),
    [
        ([], {"q1": "This question needs an answer."}),
        ([{"question_id": "q1", "text": "  "}], {"q1": "This question needs an answer."}),
        ([*ANSWERS, {"question_id": "q9", "text": "?"}], {"q9": "The project does not ask this."}),
        ([*ANSWERS, *ANSWERS], {"q1": "This question is answered twice."}),
    ],
)
def test_answers_that_do_not_fit_the_questions_are_named(
    world: World, answers: list[dict[str, str]], errors: dict[str, str]
) -> None:
    world.publish()
    with pytest.raises(Invalid) as failure:
        world.apply(answers=answers)
    assert (failure.value.code, failure.value.errors) == ("answers-invalid", errors)
    assert "application.submitted" not in world.types()


@pytest.mark.parametrize("nonsense", [None, "text", [7], [{"question_id": "q1", "name": "Kim"}]])
def test_answers_of_another_shape_are_invalid(world: World, nonsense: object) -> None:
    world.publish()
    with pytest.raises(Invalid):
        world.apply(answers=nonsense)


def test_a_project_that_is_not_published_cannot_be_applied_for(world: World) -> None:
    with pytest.raises(NotFound) as failure:
        world.apply()
    assert failure.value.code == "project-not-found"


def test_who_has_no_profile_writes_one_first(world: World) -> None:
    world.publish()
    with pytest.raises(Conflict) as failure:
        world.call("submit_application", KIM, project_id="prj-1", answers=ANSWERS)
    assert failure.value.code == "profile-missing"


def test_a_company_cannot_apply(world: World) -> None:
    world.publish()
    with pytest.raises(Forbidden):
        world.call("submit_application", OWNER, project_id="prj-1", answers=ANSWERS)


def test_a_closed_project_takes_no_applications(world: World) -> None:
    world.publish()
    world.tell("project.closed.v1", closed())
    with pytest.raises(Conflict) as failure:
        world.apply()
    assert failure.value.code == "project-closed"


def test_after_the_last_day_nobody_can_apply(world: World) -> None:
    world.publish(apply_by=(START + timedelta(days=3)).isoformat())
    world.now.pass_(days=3)
    world.apply()
    world.now.pass_(seconds=1)
    with pytest.raises(Conflict) as failure:
        world.apply(LEE)
    assert failure.value.code == "applications-closed"


def test_an_application_is_there_for_its_candidate_and_its_company_only(world: World) -> None:
    world.publish()
    id_ = world.apply()
    for stranger in (LEE, STRANGER):
        with pytest.raises(NotFound):
            world.call("get_application", stranger, application_id=id_)
    with pytest.raises(NotFound):
        world.call("get_application", KIM, application_id="app-unknown")


def test_an_old_or_repeated_publication_changes_nothing_and_a_newer_one_the_terms(
    world: World,
) -> None:
    world.publish(version=2)
    world.publish(version=5, title="The new title", positions=3)
    world.publish(version=2)
    card = world.card()
    assert (card.terms.title, card.terms.positions) == ("The new title", 3)


def closed(reason: str = "company") -> dict[str, str]:
    return {"project_id": "prj-1", "org_id": "org-acme", "title": "Title", "reason": reason}
