"""Assessments: sent by an ATS to an address, taken up by its account, told when they are done."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from services.applications.domain import Told
from services.applications.domain.assessment import GIVE_UP_AFTER, MOST_CALLBACKS
from services.applications.domain.erasing import erase_assessment
from services.applications.domain.invitation import PER_PROJECT
from shared.envelope import Call
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.principal import Principal
from tests.unit.applications.test_applying import closed
from tests.unit.applications.test_following import cancelled
from tests.unit.applications.world import (
    EVALUATOR,
    KIM,
    LEE,
    OWNER,
    RECRUITER,
    STRANGER,
    World,
    about,
)

URL = "https://ats.example/take_home_tests/12345"
KEY = "stk_the-key-of-the-company"
ADDRESS = "Kim@Example.com"


def offered(world: World, **changes: Any) -> None:
    """A published project that the company's ATS may send people to."""
    world.publish(**{"blind_review": False, **changes})
    project_id = changes.get("project_id", "prj-1")
    world.call("mark_assessment", OWNER, project_id=project_id, usable=True)


def send(world: World, by: Principal = RECRUITER, **changes: Any) -> dict[str, Any]:
    wish = {"project_id": "prj-1", "email": ADDRESS, "url": URL, "key": KEY, **changes}
    sent: dict[str, Any] = world.call("send_assessment", by, **wish)
    return sent


def claim(world: World, who: Principal = KIM, email: str = "kim@example.com") -> Any:
    return world.call("claim_assessments", who, email=email)["items"]


def status(world: World, sent: dict[str, Any], by: Principal = RECRUITER) -> Any:
    id_ = sent["partner_interview_id"]
    return world.call("get_assessment_status", by, assessment_id=id_)


def word(world: World, sent: dict[str, Any]) -> str:
    return str(status(world, sent)["partner_status"])


def engaged(world: World) -> str:
    """Kim has taken it up, applied, and is doing the work; the application's id."""
    claim(world)
    id_ = world.apply()
    world.select(id_)
    world.accept(id_)
    world.settle()
    return id_


def complete(world: World, application_id: str) -> None:
    world.tell(
        "engagement.completed.v1",
        {
            **about(application_id),
            "automatic": False,
            "hours": 12,
            "skills": ["s1"],
            "files": [],
            "completed_at": world.now().isoformat(),
        },
    )


def test_only_projects_that_the_company_has_marked_and_that_take_people_are_tests(
    world: World,
) -> None:
    offered(world)
    offered(world, project_id="prj-2", title="a first one")
    offered(world, project_id="prj-3")
    world.publish(project_id="prj-4")
    offered(world, project_id="prj-5")
    world.call("mark_assessment", OWNER, project_id="prj-5", usable=False)
    offered(world, project_id="prj-6")
    world.tell("project.closed.v1", {**closed("company"), "project_id": "prj-6"})
    items = world.call("list_assessments", RECRUITER)
    assert [item["partner_test_id"] for item in items] == ["prj-2", "prj-1", "prj-3"]
    names = [item["partner_test_name"] for item in items]
    assert names[0] == "a first one"
    assert len(set(names)) == 3
    assert world.call("list_assessments", STRANGER) == []


def test_the_round_trip_ends_with_the_evaluation_in_the_ats(world: World) -> None:
    offered(world)
    sent = send(world)
    assert word(world, sent) == "sent"
    (taken,) = claim(world)
    assert taken["project_id"] == "prj-1"
    (seen,) = world.call("list_invitations", KIM)["items"]
    assert (seen["id"], seen["status"]) == (taken["invitation_id"], "sent")
    id_ = world.apply()
    assert word(world, sent) == "applied"
    world.select(id_)
    world.settle()
    assert word(world, sent) == "selected"
    world.accept(id_)
    world.settle()
    assert status(world, sent) == {"partner_status": "in_progress"}
    world.service.sweep_assessments()
    assert world.service.ats.heard == []
    world.evaluate(id_)
    world.service.sweep_assessments()
    world.service.sweep_assessments()
    assert world.service.ats.heard == [(URL, KEY)]
    told = status(world, sent)
    assert (told["partner_status"], told["partner_score"]) == ("complete", 82)
    page = f"/v1/ats/results/{sent['partner_interview_id']}"
    assert told["partner_profile_url"] == f"https://stint.example{page}"
    assert told["metadata"]["Communication (1-5)"] == 4
    assert told["metadata"]["Would hire"] is True
    assert all(isinstance(one, str | int | bool) for one in told["metadata"].values())


def test_sent_again_it_is_the_same_whoever_sends_it_and_however_the_address_is_written(
    world: World,
) -> None:
    offered(world)
    offered(world, project_id="prj-2")
    first = send(world)
    for again in (send(world), send(world, OWNER, email=" kim@EXAMPLE.com ".strip())):
        assert again == first
    assert send(world, project_id="prj-2") != first
    assert send(world, email="lee@example.com") != first
    assert len(world.service.assessments.documents) == 3


def test_nothing_tells_whether_the_address_has_an_account(world: World) -> None:
    offered(world)
    known, unknown = send(world), send(world, email="nobody@example.com")
    claim(world)
    assert status(world, known) == status(world, unknown) == {"partner_status": "sent"}


def test_the_address_and_the_key_are_kept_by_nobody_in_the_clear(world: World) -> None:
    offered(world)
    send(world)
    kept = str(world.service.assessments.documents).lower()
    assert "example.com" not in kept
    assert KEY not in kept
    assert world.types() == []


def test_only_who_has_the_address_takes_it_up_and_only_once(world: World) -> None:
    offered(world)
    sent = send(world)
    assert claim(world, LEE, "lee@example.com") == []
    assert claim(world) == claim(world)
    assert claim(world, LEE) == []
    with pytest.raises(Forbidden):
        claim(world, OWNER)
    with pytest.raises(Conflict):
        world.call("claim_assessments", KIM, email=None)
    assert world.types().count("invitation.sent") == 1
    assert word(world, sent) == "sent"


def test_a_repeat_of_the_claim_after_a_crash_ends_the_same(world: World) -> None:
    offered(world)
    send(world)
    call = Call(principal=KIM)
    first = world.repeat("claim_assessments", call, email="kim@example.com")
    assert world.repeat("claim_assessments", call, email="kim@example.com") == first


def test_what_nobody_takes_up_expires_and_may_be_sent_anew(world: World) -> None:
    offered(world)
    first = send(world)
    world.now.pass_(days=14)
    world.service.sweep_assessments()
    assert word(world, first) == "expired"
    assert claim(world) == []
    again = send(world)
    assert again["partner_interview_id"] == first["partner_interview_id"]
    assert again["letter_id"] != first["letter_id"]
    assert len(claim(world)) == 1


@pytest.mark.parametrize(
    ("method", "who", "reason", "expected"),
    [
        ("decline_application", OWNER, "requirements", "not_selected"),
        ("withdraw_application", KIM, None, "withdrawn"),
    ],
)
def test_the_status_tells_how_it_ended_without_a_result(
    world: World, method: str, who: Principal, reason: str | None, expected: str
) -> None:
    offered(world)
    sent = send(world)
    claim(world)
    id_ = world.apply()
    world.call(method, who, application_id=id_, reason=reason)
    assert status(world, sent) == {"partner_status": expected}


def test_the_status_tells_a_declined_and_an_unanswered_invitation(world: World) -> None:
    offered(world)
    sent = send(world)
    (taken,) = claim(world)
    id_ = taken["invitation_id"]
    world.call("decline_invitation", KIM, invitation_id=id_, reason="timing")
    assert word(world, sent) == "declined"
    other = send(world, email="lee@example.com")
    claim(world, LEE, "lee@example.com")
    world.now.pass_(days=14)
    world.sweep()
    assert word(world, other) == "expired"


def test_the_status_tells_an_engagement_that_was_cancelled_or_waits_for_its_rating(
    world: World,
) -> None:
    offered(world)
    sent = send(world)
    id_ = engaged(world)
    complete(world, id_)
    assert word(world, sent) == "in_review"
    other = World()
    offered(other)
    sent = send(other)
    other.tell("engagement.cancelled.v1", cancelled(engaged(other)))
    assert word(other, sent) == "cancelled"


def test_a_blind_review_does_not_leak_who_has_answered(world: World) -> None:
    offered(world, blind_review=True)
    sent, silent = send(world), send(world, email="lee@example.com")
    claim(world)
    id_ = world.apply()
    assert word(world, sent) == word(world, silent) == "sent"
    world.now.pass_(days=14)
    world.service.sweep_assessments()
    world.service.sweep_invitations()
    assert word(world, sent) == word(world, silent) == "sent"
    world.select(id_)
    world.settle()
    assert word(world, sent) == "sent"
    world.accept(id_)
    world.settle()
    assert word(world, sent) == "in_progress"
    world.now.pass_(weeks=8)
    assert word(world, silent) == "expired"


def test_who_did_the_project_before_is_complete_at_once(world: World) -> None:
    offered(world)
    id_ = world.apply()
    world.select(id_)
    world.accept(id_)
    world.settle()
    complete(world, id_)
    world.evaluate(id_)
    world.tell("project.closed.v1", closed("filled"))
    with pytest.raises(Conflict):
        send(world, email="lee@example.com")
    sent = late(world)
    claim(world)
    assert status(world, sent)["partner_score"] == 82
    world.service.sweep_assessments()
    assert world.service.ats.heard == [(URL, KEY)]


def late(world: World) -> dict[str, Any]:
    """Sent while the project took people, and taken up now."""
    card = world.service.cards.documents["prj-1"]
    reason = card.pop("close_reason", None)
    sent = send(world)
    card["close_reason"] = reason
    return sent


def test_an_ats_that_is_away_is_told_later_with_growing_waits_for_three_days(world: World) -> None:
    offered(world)
    sent = send(world)
    world.evaluate(engaged(world))
    world.service.ats.answer = None
    tries, began = [], world.now()
    while (due := world.service.assessments.load(sent["partner_interview_id"]).due_at) is not None:
        world.now.moment = max(due, world.now())
        world.service.sweep_assessments()
        tries.append(world.now())
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=1)
    assert GIVE_UP_AFTER - timedelta(hours=7) < tries[-1] - began <= GIVE_UP_AFTER
    assert world.service.ats.heard == []
    assert "stk_" not in str(world.service.assessments.documents)
    assert "'sealed': 'ey" not in str(world.service.assessments.documents)
    assert word(world, sent) == "complete"


def test_an_ats_that_was_away_for_a_while_hears_once(world: World) -> None:
    offered(world)
    send(world)
    world.evaluate(engaged(world))
    world.service.ats.answer = None
    world.service.sweep_assessments()
    world.service.ats.answer = Told.DONE
    world.service.sweep_assessments()
    assert world.service.ats.heard == []
    for _ in range(3):
        world.now.pass_(minutes=2)
        world.service.sweep_assessments()
    assert world.service.ats.heard == [(URL, KEY)]


def test_a_release_that_says_something_else_is_told_again_and_then_the_key_is_forgotten(
    world: World,
) -> None:
    offered(world)
    sent = send(world)
    id_ = engaged(world)
    complete(world, id_)
    world.evaluate(id_, score=80, released=False)
    world.service.sweep_assessments()
    world.release(id_, 75)
    world.service.sweep_assessments()
    assert world.service.ats.heard == [(URL, KEY)] * 2
    told = status(world, sent)
    assert (told["partner_score"], told["metadata"]["Would hire"]) == (75, True)
    kept = world.service.assessments.load(sent["partner_interview_id"])
    assert [one.sealed for one in kept.callbacks] == [None]
    world.evaluate(id_, score=10, released=False)
    assert status(world, sent)["partner_score"] == 75


def test_work_that_nobody_rated_in_time_is_complete_without_a_score(world: World) -> None:
    offered(world)
    sent = send(world)
    id_ = engaged(world)
    complete(world, id_)
    world.release(id_, None, None)
    world.service.sweep_assessments()
    assert world.service.ats.heard == [(URL, KEY)]
    told = status(world, sent)
    assert (told["partner_status"], "partner_score" in told) == ("complete", False)


def test_work_that_nobody_says_a_word_of_is_complete_after_the_time_to_rate(world: World) -> None:
    offered(world)
    sent = send(world)
    complete(world, engaged(world))
    world.now.pass_(days=14)
    world.service.sweep_assessments()
    assert word(world, sent) == "in_review"
    world.now.pass_(days=1)
    world.service.sweep_assessments()
    world.service.sweep_assessments()
    assert word(world, sent) == "complete"
    assert world.service.ats.heard == [(URL, KEY)]


def test_a_second_application_in_the_ats_hears_of_the_result_that_there_is(world: World) -> None:
    offered(world)
    first = send(world)
    world.evaluate(engaged(world))
    world.service.sweep_assessments()
    assert send(world, url=f"{URL}6")["partner_interview_id"] == first["partner_interview_id"]
    send(world)
    world.service.sweep_assessments()
    assert [url for url, _ in world.service.ats.heard] == [URL, f"{URL}6"]
    for number in range(MOST_CALLBACKS - 2):
        send(world, url=f"{URL}-{number}")
    with pytest.raises(Conflict):
        send(world, url=f"{URL}-more")


def test_an_erased_person_leaves_no_address_and_nothing_to_tell(world: World) -> None:
    offered(world)
    sent = send(world)
    world.evaluate(engaged(world))
    id_ = sent["partner_interview_id"]
    world.service.assessments.change(id_, None, erase_assessment)
    world.service.sweep_assessments()
    kept = world.service.assessments.load(id_)
    assert (kept.addressee, kept.callbacks, world.service.ats.heard) == ("", [], [])
    assert word(world, sent) == "complete"


def test_an_ats_without_a_place_to_call_only_asks(world: World) -> None:
    offered(world)
    sent = send(world, url=None, key=None)
    world.evaluate(engaged(world))
    world.service.sweep_assessments()
    assert world.service.ats.heard == []
    assert word(world, sent) == "complete"


def test_another_company_reads_and_sends_nothing_of_it(world: World) -> None:
    offered(world)
    sent = send(world)
    for method, more in (
        ("get_assessment_status", {"assessment_id": sent["partner_interview_id"]}),
        ("get_assessment_status", {"assessment_id": "asm-none"}),
        ("send_assessment", {"project_id": "prj-1", "email": ADDRESS}),
        ("send_assessment", {"project_id": "prj-none", "email": ADDRESS}),
        ("mark_assessment", {"project_id": "prj-1", "usable": False}),
    ):
        with pytest.raises(NotFound) as failure:
            world.call(method, STRANGER, **more)
        assert failure.value.code in ("not-found", "project-not-found")
        with pytest.raises((Forbidden, NotFound)):
            world.call(method, EVALUATOR, **more)


def test_what_is_no_test_or_no_address_is_refused(world: World) -> None:
    world.publish(blind_review=False)
    with pytest.raises(NotFound):
        send(world)
    offered(world)
    for wrong in ({"email": "no address"}, {"url": "http://169.254.169.254/"}, {"email": None}):
        with pytest.raises(Invalid):
            send(world, **wrong)
    assert world.service.assessments.documents == {}


def test_the_public_page_is_there_with_the_result_and_names_nobody(world: World) -> None:
    offered(world)
    anybody = Principal("anonymous", "anonymous")
    id_ = send(world)["partner_interview_id"]
    with pytest.raises(NotFound):
        world.call("get_assessment_result", anybody, assessment_id=id_)
    world.evaluate(engaged(world))
    page = world.call("get_assessment_result", anybody, assessment_id=id_)
    assert set(page) == {"id", "project_title", "completed_at"}


def test_who_comes_from_the_ats_takes_no_place_of_the_companys_own_invitations(
    world: World,
) -> None:
    offered(world)
    for number in range(PER_PROJECT + 1):
        send(world, email=f"p{number}@example.com")
        who = Principal(f"acc-{number}", "candidate")
        assert len(claim(world, who, f"p{number}@example.com")) == 1
    card = world.card()
    assert len(card.invited) == PER_PROJECT + 1
    card.invite("inv-x", world.now())
