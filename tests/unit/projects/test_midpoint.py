"""The check-in half way: asked once, answered once by each side, never after the end."""

from dataclasses import replace
from typing import Any

import pytest

from services.projects.domain.midpoint import Answer, Midpoint
from services.projects.domain.work import Party
from services.projects.usecases.evaluations import plan_midpoint
from shared.envelope import Call
from shared.errors import Conflict
from tests.unit.projects.fakes import World
from tests.unit.projects.samples import ANNA, CARLA, DAY, NOW
from tests.unit.projects.test_service import start, submit

IDS = {"engagement_id": "eng-1", "project_id": "prj-1", "org_id": "org-acme"}
SAID = Answer(
    side=Party.CANDIDATE,
    person_id=CARLA.id,
    on_track=False,
    going_well="",
    to_change="The third file needs access.",
    answered_at=NOW,
)


def planned() -> Midpoint:
    return plan_midpoint(**IDS, candidate_id="acc-carla", started_at=NOW, due_at=NOW + 10 * DAY)


def told(midpoint: Midpoint) -> list[str]:
    return [event.type.removesuffix(".v1") for event in midpoint.events]


def test_both_are_asked_half_way_and_once() -> None:
    midpoint = planned()
    midpoint.settle(True, NOW + 4 * DAY)
    assert told(midpoint) == []
    for _ in range(2):
        midpoint.settle(True, NOW + 5 * DAY)
    assert told(midpoint) == ["midpoint.due"]


def test_nobody_is_asked_about_work_that_has_ended() -> None:
    midpoint = planned()
    midpoint.settle(False, NOW + 5 * DAY)
    assert told(midpoint) == []
    with pytest.raises(Conflict):
        midpoint.answer(SAID)


def test_each_side_answers_once_and_whoever_has_is_not_asked() -> None:
    midpoint = planned()
    midpoint.answer(SAID)
    with pytest.raises(Conflict):
        midpoint.answer(SAID)
    midpoint.settle(True, NOW + 5 * DAY)
    assert midpoint.waiting_for == ["company"]
    midpoint.answer(replace(SAID, side=Party.COMPANY))
    assert (midpoint.status, midpoint.waiting_for) == ("done", [])


def hear_own(world: World, type_: str) -> None:
    (event,) = [one for one in world.engagements.announced if one.type == type_]
    world.deliver(event)


def test_the_service_asks_half_way_and_opens_the_evaluation_at_the_end(world: World) -> None:
    call: Any = Call(principal=ANNA)
    start(world)
    hear_own(world, "engagement.started.v1")
    world.now += 4 * DAY
    world.service.sweep_midpoints()
    found = world.service.get_midpoint(Call(principal=CARLA), "eng-1")
    assert (found["status"], found["waiting_for"]) == ("due", ["company", "candidate"])
    answered = world.service.answer_midpoint(call, "eng-1", on_track=True)
    assert answered["waiting_for"] == ["candidate"]
    submit(world)
    world.service.accept_deliverable(call, "eng-1")
    hear_own(world, "engagement.completed.v1")
    view = world.service.get_evaluation(Call(principal=CARLA), "eng-1")
    assert (view["status"], view["waiting_for"]) == ("open", ["company", "candidate"])


@pytest.fixture
def world() -> World:
    return World()
