"""Briefs as callers, operators and the events of others meet them, on stores in memory."""

from typing import Any

import pytest

from services.projects.domain.organisation import Level
from services.projects.schemas import OrganisationVerified
from services.projects.schemas.inputs import load
from shared.envelope import Call
from shared.errors import Conflict, Invalid, NotFound
from shared.principal import ANONYMOUS, Principal
from tests.unit.projects.fakes import World
from tests.unit.projects.samples import ANNA, CARLA, DAY, OTTO, STRANGERS, brief_input

MALLORY = STRANGERS[0]  # Of an organisation that nobody has verified.
WHY = [{"field": "summary", "reason": "Say which systems they come from."}]


def call(by: Principal, **options: Any) -> Call:
    return Call(principal=by, **options)


def published(world: World, by: Principal = ANNA, **changes: Any) -> Any:
    draft = world.service.create_project(call(by), brief_input(**changes))
    return world.service.publish_project(call(by), draft["id"])


def test_a_brief_of_an_unverified_organisation_goes_out_when_an_operator_lets_it() -> None:
    world = World()
    waiting = published(world, MALLORY)
    assert (waiting["status"], waiting["organisation_level"]) == ("in_review", "unverified")
    with pytest.raises(NotFound):
        world.service.get_project(call(CARLA), waiting["id"])
    returned = world.service.request_project_changes(call(OTTO), waiting["id"], WHY)
    assert returned["review"]["reasons"] == WHY
    world.service.update_project(call(MALLORY), waiting["id"], {"hours": 9})
    world.service.publish_project(call(MALLORY), waiting["id"])
    assert world.service.approve_project(call(OTTO), waiting["id"])["status"] == "published"
    assert world.service.get_project(call(CARLA), waiting["id"])["hours"] == 9
    assert world.told() == [
        "project.submitted",
        "project.returned",
        "project.submitted",
        "project.approved",
        "project.published",
    ]


def test_the_level_that_an_operator_sets_decides_and_is_shown() -> None:
    world = World()
    world.hear("organisation.verified", org_id="org-umbra", level="trusted")
    seen = published(world, MALLORY)
    assert (seen["status"], seen["organisation_level"]) == ("published", "trusted")
    assert world.organisations.load("org-umbra").level is Level.TRUSTED
    with pytest.raises(Invalid):
        load(OrganisationVerified(), {"org_id": "org-umbra", "level": "superb"})


def test_a_reason_is_words() -> None:
    world = World()
    waiting = published(world, MALLORY)
    for reasons in ([], [{"field": "title"}], "no"):
        with pytest.raises(Invalid):
            world.service.request_project_changes(call(OTTO), waiting["id"], reasons)


def test_a_fee_below_the_floor_needs_an_operator_s_reason_that_everybody_reads() -> None:
    world = World()
    draft = world.service.create_project(call(ANNA), brief_input(fee_amount=12_000))
    with pytest.raises(Invalid) as refused:
        world.service.publish_project(call(ANNA), draft["id"])
    assert set(refused.value.errors) == {"fee_amount"}
    with pytest.raises(Invalid):
        world.service.grant_pay_exception(call(OTTO), draft["id"], "Because")
    world.service.grant_pay_exception(call(OTTO), draft["id"], "A charity of the town.")
    world.service.publish_project(call(ANNA), draft["id"])
    shown = world.service.get_project(call(ANONYMOUS), draft["id"])
    assert shown["pay_exception"]["reason"] == "A charity of the town."


def test_applicants_are_told_of_a_change_until_their_application_ends() -> None:
    world = World()
    project = published(world)
    about = {"org_id": "org-acme", "project_id": project["id"]}
    for number in (1, 2, 3):
        ids = {"application_id": f"app-{number}", "candidate_id": f"acc-{number}"}
        world.hear("application.submitted", **about, **ids, brief_version=None)
    world.hear("application.declined", **about, application_id="app-2")
    world.hear("application.withdrawn", **about, application_id="app-3", engagement_id=None)
    changed = world.service.update_project(call(ANNA), project["id"], {"fee_amount": 30_000})
    assert (changed["brief_version"], changed["fee_amount"]) == (2, 30_000)
    (told,) = [e for e in world.projects.announced if e.type == "project.revised.v1"]
    assert told.data["candidates"] == [{"candidate_id": "acc-1"}]
    versions = world.service.list_brief_versions(call(CARLA), project["id"])["items"]
    assert [one["brief"]["fee_amount"] for one in versions] == [30_000, 26_400]


def test_a_quiet_project_is_asked_about_and_work_on_applications_is_no_silence() -> None:
    world = World()
    project = published(world)
    about = {"org_id": "org-acme", "project_id": project["id"]}
    for noun_and_verb in ("application.shortlisted", "application.selected"):
        world.now += 20 * DAY
        world.hear(noun_and_verb, **about)
        world.service.sweep_projects()
    assert "project.reminded" not in world.told()
    world.now += 21 * DAY
    world.service.sweep_projects()
    asked = world.service.get_project(call(ANNA), project["id"])
    assert (world.told()[-1], asked["still_open_by"]) == ("project.reminded", world.now + 9 * DAY)
    confirmed = world.service.confirm_project(call(ANNA), project["id"])
    assert confirmed["still_open_by"] is None


def test_an_invited_candidate_reads_what_others_do_not_find() -> None:
    world = World()
    project = published(world, visibility="invite_only")
    about = {"org_id": "org-acme", "project_id": project["id"]}
    with pytest.raises(NotFound):
        world.service.get_project(call(CARLA), project["id"])
    for _ in range(2):
        world.hear("invitation.sent", **about, candidate_id=CARLA.id)
    assert world.service.get_project(call(CARLA), project["id"])["id"] == project["id"]
    with pytest.raises(NotFound):
        world.service.ask_inquiry(call(STRANGERS[3]), project["id"], "What is it about?")


def test_a_link_is_made_once_and_lets_people_read_and_ask() -> None:
    world = World()
    project = published(world, visibility="link_only")
    token = project["link_token"]
    assert len(token) >= 32
    again = world.service.publish_project(call(ANNA), project["id"])
    assert again["link_token"] == token
    seen = world.service.get_project(call(CARLA), project["id"], link_token=token)
    assert "link_token" not in seen
    asked = world.service.ask_inquiry(call(CARLA), project["id"], "Which tool is it?", token)
    answered = world.service.answer_inquiry(call(ANNA), project["id"], asked["id"], "OpenRefine.")
    assert answered["answer"] == "OpenRefine."
    listed = world.service.list_inquiries(call(CARLA), project["id"], link_token=token)
    assert [one["answer"] for one in listed["items"]] == ["OpenRefine."]
    assert all(token not in str(event) for event in world.projects.announced)


def test_a_question_does_not_say_who_asks() -> None:
    world = World()
    project = published(world)
    person = {"name": "Carla Kowalska", "email": "carla@example.org"}
    text = "Carla K. here, of Kowalska University: which tool is it?"
    asked = world.service.ask_inquiry(call(CARLA), project["id"], text, person=person)
    assert asked["text"] == "[name]. here, of [school]: which tool is it?"


def test_a_copy_and_a_repost_are_made_once_however_often_they_are_asked_for() -> None:
    world = World()
    project = published(world)
    world.service.close_project(call(ANNA), project["id"])
    request = call(ANNA, id="0196")
    copies = [world.service.copy_project(request, project["id"]) for _ in range(2)]
    assert [one["id"] for one in copies] == ["prj-0196"] * 2
    request = call(ANNA, id="0197")
    posts = [world.service.repost_project(request, project["id"], {"hours": 9}) for _ in range(2)]
    assert [(one["status"], one["hours"]) for one in posts] == [("published", 9)] * 2
    assert world.told().count("project.published") == 2
    with pytest.raises(Conflict):
        world.service.publish_project(call(ANNA), project["id"])


def test_advice_keeps_nothing() -> None:
    world = World()
    told = world.service.advise_brief(call(ANNA), {"title": "Clean our contacts", "hours": 12})
    assert "objective-missing" in [hint["code"] for hint in told["hints"]]
    assert world.projects.documents == {}
    with pytest.raises(Invalid):
        world.service.advise_brief(call(ANNA), {"hours": 99})
