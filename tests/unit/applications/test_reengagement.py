"""Taking somebody on again: no second application, the same way from the yes on."""

from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.applications.domain import Status
from shared.envelope import Call
from shared.errors import Conflict, Forbidden, NotFound
from shared.principal import Principal
from tests.unit.applications.test_credentials import completed
from tests.unit.applications.world import (
    EVALUATOR,
    KIM,
    LEE,
    OPERATOR,
    OWNER,
    PROFILE,
    STRANGER,
    World,
)

NEW = {"project_id": "prj-new", "blind_review": True}


def finished(world: World) -> str:
    """The engagement that Kim has finished; the company's next project is open."""
    id_ = world.accepted()
    world.tell("engagement.completed.v1", completed(id_))
    world.publish(**NEW)
    return id_.replace("app-", "eng-")


@pytest.fixture
def former(world: World) -> str:
    return finished(world)


def reengage(world: World, engagement_id: str, by: Principal = OWNER) -> Any:
    arguments = {"project_id": "prj-new", "engagement_id": engagement_id}
    return world.call("reengage_candidate", by, **arguments)


def accept(world: World, id_: str, by: Principal = KIM) -> Any:
    return world.call("accept_reengagement", by, reengagement_id=id_)


def test_who_finished_work_is_offered_the_next_position_and_takes_it_without_applying(
    world: World, former: str
) -> None:
    offered = reengage(world, former)
    assert offered["status"] == "offered"
    assert world.types()[-1] == "reengagement.offered"
    assert [item["kind"] for item in world.call("list_todo", KIM)["items"]] == [
        "answer-reengagement"
    ]
    for _ in range(2):
        taken = accept(world, offered["id"])
    world.settle()
    application = world.application(taken["application_id"])
    assert (application.status, application.answers) == (Status.ACCEPTED, [])
    assert application.engagement_id == taken["engagement_id"]
    accepted = [event for event in world.announced if event.type == "application.accepted.v1"]
    assert accepted[-1].data["project_id"] == "prj-new"
    assert accepted[-1].data["fee_amount"] == 26400  # Which is what payments charges.
    assert len(accepted) == 2
    slots = world.card("prj-new").slots
    assert {id_: slot.filled for id_, slot in slots.items()} == {application.id: True}


def test_nobody_is_asked_whose_work_is_not_finished_or_another_companys(world: World) -> None:
    id_ = world.accepted()
    world.publish(**NEW)
    engagement_id = id_.replace("app-", "eng-")
    with pytest.raises(NotFound):
        reengage(world, engagement_id)
    world.tell("engagement.completed.v1", completed(id_))
    world.publish(project_id="prj-umbra", org_id="org-umbra")
    arguments = {"project_id": "prj-umbra", "engagement_id": engagement_id}
    with pytest.raises(NotFound):
        world.call("reengage_candidate", STRANGER, **arguments)
    assert reengage(world, engagement_id)["status"] == "offered"


def test_a_repeated_offer_is_the_same_and_one_that_was_answered_stays_so(
    world: World, former: str
) -> None:
    first = reengage(world, former)
    assert reengage(world, former) == first
    assert world.types().count("reengagement.offered") == 1
    arguments = {"reengagement_id": first["id"], "reason": "timing"}
    declined = world.call("decline_reengagement", KIM, **arguments)
    assert (declined["status"], declined["decline_reason"]) == ("declined", "timing")
    with pytest.raises(Conflict):
        reengage(world, former)
    with pytest.raises(Conflict):
        accept(world, first["id"])
    world.settle()
    assert world.card("prj-new").slots == {}


def test_the_position_is_held_until_the_offer_expires(world: World, former: str) -> None:
    offered = reengage(world, former)
    other = world.apply(LEE, "prj-new")
    with pytest.raises(Conflict, match="Every position"):
        world.select(other)
    world.now.pass_(hours=72)
    with pytest.raises(Conflict, match="over"):
        accept(world, offered["id"])
    world.sweep()
    world.settle()
    assert world.call("get_reengagement", KIM, reengagement_id=offered["id"])["status"] == "expired"
    assert world.select(other)["status"] == "selected"


def test_no_more_are_asked_than_there_are_positions(world: World, former: str) -> None:
    other = world.apply(LEE, "prj-new")
    world.select(other)
    with pytest.raises(Conflict, match="Every position"):
        reengage(world, former)


def test_the_company_does_not_learn_whether_they_have_applied(world: World, former: str) -> None:
    """Blind: the offer, the list and the slots look the same with an application and without."""
    applied = world.apply(KIM, "prj-new")

    def seen() -> list[str]:
        page = world.call("list_project_applications", OWNER, project_id="prj-new")
        return [str(item["status"]) for item in page["items"]]

    before = seen()
    offered = reengage(world, former)
    world.settle()
    assert seen() == before == ["submitted"]
    assert applied not in str([offered, vars(world.card("prj-new"))])
    assert applied.removeprefix("app-") not in offered["id"]
    taken = accept(world, offered["id"])
    assert taken["application_id"] == applied
    assert world.application(applied).status is Status.ACCEPTED


def test_an_application_that_has_ended_is_not_revived(world: World, former: str) -> None:
    applied = world.apply(KIM, "prj-new")
    world.call("decline_application", OWNER, application_id=applied, reason="not-a-fit")
    offered = reengage(world, former)
    with pytest.raises(Conflict, match="has ended"):
        accept(world, offered["id"])
    assert world.application(applied).status is Status.DECLINED


def test_the_rules_of_the_project_hold_for_them_too(world: World, former: str) -> None:
    world.publish(version=2, **NEW, eligibility={"minimum_age": 18})
    offered = reengage(world, former)
    with pytest.raises(Conflict, match="minimum_age"):
        accept(world, offered["id"])
    world.call("put_profile", KIM, profile={**PROFILE, "eligibility": {"adult": True}})
    assert accept(world, offered["id"])["status"] == "accepted"


def test_a_crash_after_the_slot_leaves_nothing_half_done(world: World, former: str) -> None:
    offered = reengage(world, former)
    del world.service.reengagements.documents[offered["id"]]
    world.settle()
    assert accept(world, offered["id"])["status"] == "accepted"


def test_a_crash_after_the_yes_is_made_good_when_it_is_heard(world: World, former: str) -> None:
    offered = reengage(world, former)
    applications = dict(world.service.applications.documents)
    taken = accept(world, offered["id"])
    world.service.applications.documents = applications
    world.settle()
    assert world.application(taken["application_id"]).status is Status.ACCEPTED


def test_only_the_company_offers_and_only_whom_it_asks_answers(world: World, former: str) -> None:
    for by, error in ((STRANGER, NotFound), (EVALUATOR, Forbidden), (KIM, Forbidden)):
        with pytest.raises(error):
            reengage(world, former, by)
    id_ = reengage(world, former)["id"]
    for by, error in ((LEE, NotFound), (OWNER, Forbidden), (OPERATOR, Forbidden)):
        with pytest.raises(error):
            accept(world, id_, by)
        with pytest.raises(error):
            world.call("decline_reengagement", by, reengagement_id=id_, reason="pay")
    for by in (LEE, STRANGER):
        with pytest.raises(NotFound):
            world.call("get_reengagement", by, reengagement_id=id_)
        assert world.call("list_reengagements", by)["items"] == []
    for by in (KIM, OWNER):
        assert [one["id"] for one in world.call("list_reengagements", by)["items"]] == [id_]


STEPS = st.lists(
    st.sampled_from(
        ["offer", "accept", "decline", "apply", "withdraw", "select", "wait", "hear", "hear again"]
    ),
    max_size=14,
)


def step(world: World, name: str, former: str, offer: str, applied: str) -> None:
    if name == "offer":
        reengage(world, former)
    elif name in ("accept", "decline"):
        more = {"reason": "timing"} if name == "decline" else {}
        world.call(f"{name}_reengagement", KIM, reengagement_id=offer, **more)
    elif name == "apply":
        world.apply(KIM, "prj-new")
    elif name == "withdraw":
        world.call("withdraw_application", KIM, application_id=applied)
    elif name == "select":
        world.select(world.call("list_applications", LEE)["items"][0]["id"])
    elif name == "wait":
        world.now.pass_(hours=40)
        world.sweep()
    elif name == "hear":
        world.settle()
    else:
        for event in world.announced[::-1]:
            world.handle(replace(event, id=str(uuid4())))


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_no_steps_in_any_order_give_a_position_away_twice_or_lose_one(names: list[str]) -> None:
    world = World()
    former = finished(world)
    world.apply(LEE, "prj-new")
    probe = World()
    known = reengage(probe, finished(probe))["id"], probe.apply(KIM, "prj-new")
    for name in names:
        with suppress(Conflict, NotFound):
            step(world, name, former, *known)
        assert len(world.card("prj-new").slots) <= 1
    world.settle()
    slots = world.card("prj-new").slots
    offer = world.service.reengagements.find(known[0])
    application = world.service.applications.find(known[1])
    if offer and offer.status == "offered":
        assert known[0] in slots
    elif offer and offer.status == "accepted":
        assert application is not None
        assert application.is_over or known[1] in slots
    else:
        assert known[0] not in slots


def test_a_call_that_is_repeated_offers_once(world: World, former: str) -> None:
    call = Call(principal=OWNER)
    arguments = {"project_id": "prj-new", "engagement_id": former}
    first = world.repeat("reengage_candidate", call, **arguments)
    assert world.repeat("reengage_candidate", call, **arguments) == first
