"""Every applicant has an answer by a day that is known, and who does not answer is known too."""

from typing import Any

import pytest

from services.applications.domain import Application, Status, decide_by
from shared.errors import Conflict, Invalid
from shared.principal import ANONYMOUS, Principal
from tests.unit.applications.test_following import closed
from tests.unit.applications.test_reading import todo
from tests.unit.applications.world import KIM, LEE, OWNER, START, STRANGER, World

PEOPLE = [Principal(f"acc-{number}", "candidate") for number in range(4)]


def rate(world: World, by: Principal = ANONYMOUS) -> Any:
    return world.call("get_response_rate", by, org_id="org-acme")


def reminders(world: World) -> list[dict[str, Any]]:
    return [event.data for event in world.announced if event.type == "decision.due.v1"]


@pytest.mark.parametrize(
    ("project", "day"),
    [
        ({}, "2026-03-17"),
        ({"decision_days": 5}, "2026-03-08"),
        ({"apply_by": "2026-03-20T17:00:00.000+00:00"}, "2026-04-04"),
        ({"apply_by": "2026-03-20T17:00:00.000+00:00", "decision_days": 1}, "2026-03-22"),
    ],
)
def test_a_decision_is_due_so_many_days_after_the_time_to_apply_or_the_application(
    world: World, project: dict[str, Any], day: str
) -> None:
    world.publish(**project)
    view = world.call("get_application", KIM, application_id=world.apply())
    assert view["decide_by"].isoformat() == f"{day}T00:00:00+00:00"
    (item,) = todo(world, OWNER)
    assert item["due_at"] == view["decide_by"]


@pytest.mark.parametrize("shortlisted", [False, True])
def test_without_an_answer_it_is_declined_for_the_candidate_with_a_reason(
    world: World, shortlisted: bool
) -> None:
    world.publish()
    id_ = world.apply()
    if shortlisted:
        world.call("shortlist_application", OWNER, application_id=id_)
    world.now.moment = decide_by(None, START, 14)
    world.now.pass_(seconds=-1)
    world.sweep()
    assert world.application(id_).status in ("submitted", "shortlisted")
    world.now.pass_(seconds=1)
    for _ in range(2):
        world.sweep()
    view = world.call("get_application", KIM, application_id=id_)
    assert (view["status"], view["decline_reason"]) == ("declined", "no-decision")
    assert world.types().count("application.declined") == 1


def test_who_is_selected_keeps_the_offer_over_the_day_of_decision(world: World) -> None:
    world.publish(selection_hours=24 * 30)
    id_ = world.apply()
    world.select(id_)
    world.now.pass_(days=20)
    world.sweep()
    assert world.application(id_).status == "selected"


def test_the_company_is_reminded_once_for_all_that_is_due_on_a_day(world: World) -> None:
    world.publish()
    for person in PEOPLE[:2]:
        world.apply(person)
    world.now.pass_(days=1)
    third = world.apply(PEOPLE[2])
    world.now.pass_(days=10)
    world.sweep()
    assert reminders(world) == []
    world.now.pass_(days=1)
    for _ in range(2):
        world.sweep()
    (first,) = reminders(world)
    assert first == {
        "project_id": "prj-1",
        "org_id": "org-acme",
        "due_at": "2026-03-17T00:00:00+00:00",
    }
    world.now.pass_(days=1)
    world.sweep()
    assert [one["due_at"][:10] for one in reminders(world)] == ["2026-03-17", "2026-03-18"]
    assert world.application(third).status == "submitted"


def test_who_has_decided_is_not_reminded(world: World) -> None:
    world.publish()
    world.call("decline_application", OWNER, application_id=world.apply(), reason="not-a-fit")
    world.now.pass_(days=30)
    world.sweep()
    assert reminders(world) == []


# The end of the time to apply is the beginning of the time to decide


@pytest.mark.parametrize("reason", ["expired", "idle"])
def test_a_project_whose_time_to_apply_is_over_still_chooses(world: World, reason: str) -> None:
    world.publish()
    id_, other = world.apply(), world.apply(LEE)
    world.tell("project.closed.v1", closed(reason))
    world.now.pass_(minutes=2)
    world.sweep()
    assert world.application(id_).status == "submitted"
    with pytest.raises(Conflict):
        world.apply(PEOPLE[0])
    world.select(id_)
    world.accept(id_)
    world.settle()
    world.sweep()
    assert world.application(other).decline_reason == "position-filled"
    assert rate(world)["answered"] == 2


def test_what_nobody_decides_after_the_time_to_apply_ends_on_its_day(world: World) -> None:
    world.publish()
    id_ = world.apply()
    world.tell("project.closed.v1", closed("expired"))
    world.now.pass_(days=15)
    world.sweep()
    assert world.application(id_).decline_reason == "no-decision"


# The response rate


def test_the_rate_counts_answers_in_time_among_all_that_were_due(world: World) -> None:
    assert rate(world) == {"id": "org-acme", "answered": 0, "unanswered": 0, "rate": None}
    world.publish(positions=2)
    ids = [world.apply(person) for person in PEOPLE]
    late = world.apply(KIM)
    assert rate(world)["rate"] is None
    world.call("decline_application", OWNER, application_id=ids[0], reason="not-a-fit")
    world.select(ids[1])
    world.call("withdraw_application", PEOPLE[2], application_id=ids[2])
    world.call("reserve_application", OWNER, application_id=ids[3])
    assert rate(world) == {"id": "org-acme", "answered": 3, "unanswered": 0, "rate": 100.0}
    world.now.pass_(days=15)
    world.sweep()
    assert world.application(late).decline_reason == "no-decision"
    for by in (ANONYMOUS, KIM, STRANGER):
        assert rate(world, by) == {"id": "org-acme", "answered": 3, "unanswered": 1, "rate": 75.0}


def test_a_shortlist_is_no_answer_and_a_late_answer_is_none_either(world: World) -> None:
    world.publish()
    id_ = world.apply()
    world.call("shortlist_application", OWNER, application_id=id_)
    assert rate(world)["answered"] == 0
    world.now.pass_(days=15)
    world.call("decline_application", OWNER, application_id=id_, reason="not-a-fit")
    assert rate(world) == {"id": "org-acme", "answered": 0, "unanswered": 1, "rate": 0.0}


def test_the_first_answer_counts_and_closing_the_project_is_one(world: World) -> None:
    world.publish()
    id_, other = world.apply(), world.apply(LEE)
    world.select(id_)
    world.now.pass_(days=20)
    world.call("decline_application", OWNER, application_id=id_, reason="withdrawn-project")
    world.sweep()
    assert rate(world) == {"id": "org-acme", "answered": 1, "unanswered": 1, "rate": 50.0}
    assert world.application(other).decline_reason == "no-decision"
    world.publish(project_id="prj-2")
    world.apply(PEOPLE[0], project_id="prj-2")
    world.tell("project.closed.v1", {**closed(), "project_id": "prj-2"})
    assert rate(world)["answered"] == 2


# Declining with courtesy


def test_feedback_reaches_the_candidate_and_no_event(world: World) -> None:
    world.publish()
    id_ = world.apply()
    remark = {"criterion": "skills", "level": "below", "comment": "Name a tool."}
    world.call(
        "decline_application",
        OWNER,
        application_id=id_,
        reason="requirements",
        feedback=[remark],
    )
    assert world.call("get_application", KIM, application_id=id_)["feedback"] == [remark]
    assert "Name a tool." not in str([event.data for event in world.announced])


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"reason": "ugly"}, "reason"),
        ({"reason": None}, "reason"),
        ({"reason": "not-a-fit", "feedback": [{"criterion": "looks"}]}, "feedback.0.criterion"),
        (
            {
                "reason": "not-a-fit",
                "feedback": [{"criterion": "skills", "level": "meets"}] * 4,
            },
            "feedback",
        ),
    ],
)
def test_every_decline_has_a_reason_code_and_at_most_three_lines(
    world: World, said: dict[str, Any], field: str
) -> None:
    world.publish()
    with pytest.raises(Invalid) as failure:
        world.call("decline_application", OWNER, application_id=world.apply(), **said)
    assert field in failure.value.errors


def decline_all(world: World, ids: list[str], project_id: str = "prj-1") -> Any:
    return world.call(
        "decline_applications",
        OWNER,
        project_id=project_id,
        application_ids=ids,
        reason="other-candidate",
    )


def test_many_are_declined_with_one_reason_or_none_of_them(world: World) -> None:
    world.publish()
    ids = [world.apply(person) for person in PEOPLE]
    world.call("withdraw_application", PEOPLE[3], application_id=ids[3])
    with pytest.raises(Conflict):
        decline_all(world, ids)
    assert world.application(ids[0]).status == "submitted"
    for _ in range(2):
        items = decline_all(world, ids[:3])["items"]
    assert {item["decline_reason"] for item in items} == {"other-candidate"}
    assert world.types().count("application.declined") == 3
    world.publish(project_id="prj-2")
    elsewhere = world.apply(project_id="prj-2")
    with pytest.raises(Exception, match="no such application"):
        decline_all(world, [elsewhere])


def test_an_application_from_before_the_deadlines_waits_for_ever(world: World) -> None:
    world.publish()
    id_ = world.apply()
    document = world.service.applications.documents[id_]
    for name in ("decide_by", "due_at", "history"):
        del document[name]
    world.now.pass_(days=100)
    world.sweep()
    old: Application = world.application(id_)
    assert (old.status, old.history) == (Status.SUBMITTED, [])
    assert todo(world, OWNER)[0]["kind"] == "review-applications"
    assert world.select(id_)["status"] == "selected"
