"""Blind review: what reviewers read instead, and how they learn who it is."""

from dataclasses import replace
from typing import Any

import pytest

from shared.errors import Conflict, Forbidden, NotFound
from shared.principal import Principal
from tests.unit.applications.test_scorecards import judge, lock
from tests.unit.applications.world import (
    EVALUATOR,
    KIM,
    LEE,
    OPERATOR,
    OWNER,
    PROFILE,
    RECRUITER,
    STRANGER,
    World,
)

PERSON = {"name": "Zoë Müller", "email": "zoe@example.org"}
SKILLS = [
    {"skill_id": "s1", "label": "manage data like Zoë", "level": 4},
    {"skill_id": "zoe-was-here", "label": "zoe@example.org", "level": 5},
]
ANSWER = "OpenRefine. Zoe Mueller, IOCT, zoe@example.org"
RESUME = {
    "file_id": "fil-1",
    "name": "Zoe.pdf",
    "sha256": "0" * 64,
    "size": 9,
    "media_type": "application/pdf",
}
COMPANY = (OWNER, RECRUITER, EVALUATOR)


def apply(world: World, by: Principal = KIM, **changes: Any) -> str:
    profile = {**PROFILE, "skills": SKILLS, "schools": ["Institute of Careful Testing (IOCT)"]}
    world.call("put_profile", by, profile=profile)
    sent = {"answers": [{"question_id": "q1", "text": ANSWER}], "person": PERSON}
    sent |= {"portfolio": [0], "resume": RESUME, "project_id": "prj-1"}
    return str(world.call("submit_application", by, **sent | changes)["id"])


def read(world: World, by: Principal, id_: str) -> Any:
    return world.call("get_application", by, application_id=id_)


def reveal(world: World, by: Principal, id_: str) -> Any:
    return world.call("reveal_application", by, application_id=id_)


@pytest.fixture
def id_(world: World) -> str:
    world.publish()
    return apply(world)


@pytest.mark.parametrize("by", COMPANY)
def test_a_reviewer_reads_a_pseudonym_and_cleaned_answers(
    world: World, id_: str, by: Principal
) -> None:
    listed = world.call("list_project_applications", by, project_id="prj-1")["items"][0]
    for view in (read(world, by, id_), listed):
        assert view["pseudonym"].startswith("Candidate ")
        assert view["answers"][0]["text"] == "OpenRefine. [name], [school], [e-mail]"
        assert view["skills"] == [{"skill_id": "s1", "label": "manage data", "level": 4}]
        assert view["withheld"].startswith("A resume and 1 work sample: shown once")
        assert not {"candidate_id", "portfolio", "resume", "reveals"} & set(view)
        assert not any(
            word in str(view).lower() for word in ("zoe", "zoë", "fil-1", "ioct", "muller")
        )


def test_a_candidate_reads_their_own_words_and_no_pseudonym(world: World, id_: str) -> None:
    view = read(world, KIM, id_)
    assert view["answers"][0]["text"] == ANSWER
    assert view["resume"]["name"] == "Zoe.pdf"
    assert not {"pseudonym", "withheld"} & set(view)


def test_no_name_is_kept_for_the_redaction(world: World, id_: str) -> None:
    own = ("answers", "skills", "resume")
    kept = {k: v for k, v in world.states()["applications"][id_].items() if k not in own}
    assert not any(word in str(kept).lower() for word in ("zoë", "zoe@", "müller", "mueller"))


def test_each_application_of_a_project_has_a_pseudonym_of_its_own(world: World) -> None:
    world.publish()
    people = [Principal(f"acc-{number}", "candidate") for number in range(12)]
    ids = [apply(world, by) for by in people]
    assert len({read(world, OWNER, id_)["pseudonym"] for id_ in ids}) == len(ids)
    assert len(world.service.pseudonyms.owners) == len(ids)


def test_a_pseudonym_that_is_taken_leads_to_the_next_one(world: World) -> None:
    world.publish()
    first = read(world, OWNER, apply(world))["pseudonym"]
    again = World()
    again.publish()
    again.service.pseudonyms.take(f"prj-1|{first}", "app-somebody-else")
    assert read(again, OWNER, apply(again))["pseudonym"] != first


def test_two_applications_of_one_person_share_nothing(world: World) -> None:
    world.publish()
    world.publish(project_id="prj-2")
    one, other = apply(world), apply(world, project_id="prj-2")
    assert one != other
    assert read(world, OWNER, one)["pseudonym"] != read(world, OWNER, other)["pseudonym"]


def test_the_text_of_a_withdrawal_stays_with_the_candidate(world: World, id_: str) -> None:
    world.call("withdraw_application", KIM, application_id=id_, reason="Zoë got a job.")
    assert read(world, OWNER, id_)["withdraw_reason"] is None
    assert read(world, KIM, id_)["withdraw_reason"] == "Zoë got a job."


def test_nobody_learns_who_it_is_before_their_own_scores_are_locked(world: World, id_: str) -> None:
    for by in COMPANY:
        with pytest.raises(Conflict) as failure:
            reveal(world, by, id_)
        assert failure.value.code == "scorecard-not-locked"
    judge(world, EVALUATOR, id_)
    with pytest.raises(Conflict):
        reveal(world, EVALUATOR, id_)
    lock(world, EVALUATOR, id_)
    assert "candidate_id" not in read(world, EVALUATOR, id_)
    seen = reveal(world, EVALUATOR, id_)
    assert (seen["candidate_id"], seen["resume"]["file_id"]) == (KIM.id, "fil-1")
    assert seen["answers"][0]["text"] == ANSWER
    assert read(world, EVALUATOR, id_)["candidate_id"] == KIM.id


def test_a_reveal_is_for_one_reviewer_and_one_application(world: World, id_: str) -> None:
    other = apply(world, LEE)
    judge(world, EVALUATOR, id_)
    lock(world, EVALUATOR, id_)
    reveal(world, EVALUATOR, id_)
    for by, which in ((OWNER, id_), (RECRUITER, id_), (EVALUATOR, other)):
        assert "candidate_id" not in read(world, by, which)
        with pytest.raises(Conflict):
            reveal(world, by, which)


def test_a_reveal_is_recorded_once_and_the_candidate_reads_it(world: World, id_: str) -> None:
    judge(world, EVALUATOR, id_)
    lock(world, EVALUATOR, id_)
    reveal(world, EVALUATOR, id_)
    at = world.now()
    world.now.pass_(hours=1)
    reveal(world, EVALUATOR, id_)
    assert read(world, KIM, id_)["reveals"] == [{"reviewer_id": EVALUATOR.id, "at": at}]
    (event,) = (one for one in world.announced if one.type == "identity.revealed.v1")
    expected = {"application_id": id_, "project_id": "prj-1", "org_id": "org-acme"}
    assert event.data == {**expected, "candidate_id": KIM.id, "reviewer_id": EVALUATOR.id}


def test_only_the_company_reveals_and_only_where_it_is_blind(world: World, id_: str) -> None:
    with pytest.raises(NotFound):
        reveal(world, STRANGER, id_)
    for by in (KIM, OPERATOR, replace(KIM, role="partner")):
        with pytest.raises(Forbidden):
            reveal(world, by, id_)
    world.publish(project_id="prj-2", blind_review=False)
    seen = apply(world, project_id="prj-2")
    assert "blind" not in world.states()["applications"][seen]
    with pytest.raises(Conflict) as failure:
        reveal(world, OWNER, seen)
    assert failure.value.code == "review-not-blind"


def test_an_application_without_a_disguise_shows_nothing_that_was_written(
    world: World, id_: str
) -> None:
    """From before there were any: nothing is shown rather than too much."""
    del world.service.applications.documents[id_]["blind"]
    view = read(world, OWNER, id_)
    assert (view["answers"], view["skills"], view["pseudonym"]) == ([], [], "Candidate")
