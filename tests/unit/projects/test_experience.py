"""What those who did the work say of its hours, and what a poster is told of it."""

from typing import Any

import pytest

from services.projects.domain.experience import FEWEST, experience
from tests.unit.projects.fakes import World
from tests.unit.projects.samples import ANNA, CARLA
from tests.unit.projects.test_service import IDS, call

TEMPLATE = "crm-cleaning"


def noted(world: World, number: int, hours: float) -> None:
    """Work of the template that somebody did in so many hours."""
    changes = {"supervisor": {"name": "Anna Owner", "role": "Operations"}}
    made = world.service.create_from_template(call(ANNA), TEMPLATE, changes)
    world.service.publish_project(call(ANNA), made["id"])
    who = {"org_id": "org-acme", "candidate_id": "acc-carla", "project_id": made["id"]}
    ids = {name: f"{id_[:-1]}{number}" for name, id_ in IDS.items()}
    world.hear("application.accepted", **ids, **who)
    world.hear("payment.funded", **ids, **who)
    for by in (ANNA, CARLA):
        read = world.service.get_kickoff(call(by), ids["engagement_id"])["to_sign"]
        world.service.sign_kickoff(
            call(by), ids["engagement_id"], **read, conflict={"declared": False}
        )
    world.service.put_time_note(call(CARLA), ids["engagement_id"], hours)


def advice(world: World, **brief: Any) -> dict[str, str]:
    """The sentences of the hints that others' hours give, by code."""
    given = {"hours": 12, "fee_amount": 26400, "fee_currency": "USD", **brief}
    found = world.service.advise_brief(call(ANNA), given, template_id=TEMPLATE)["hints"]
    return {one["code"]: one["sentence"] for one in found if one["code"].endswith("-short")}


@pytest.mark.parametrize("few", range(FEWEST))
def test_so_few_notes_would_tell_of_one_person(few: int) -> None:
    assert experience([10.0] * few) is None


def test_a_template_tells_the_median_of_what_was_noted_and_a_poster_is_warned() -> None:
    world = World()
    for number, hours in enumerate((40, 16, 18.5, 20), start=1):
        noted(world, number, hours)
    assert world.service.get_template(call(CARLA), TEMPLATE)["experience"] is None
    assert "hours-short" not in advice(world)
    noted(world, 5, 4)
    known = world.service.get_template(call(CARLA), TEMPLATE)["experience"]
    assert known == {"notes": 5, "median_hours": 18.5}
    told = advice(world)
    assert "18.5 hours" in told["hours-short"]
    assert "fee-short" in advice(world, fee_amount=18000)
    assert "fee-short" not in advice(world, fee_amount=100_000)
    assert "hours-short" not in advice(world, hours=19)
    assert "hours-short" not in {
        one["code"] for one in world.service.advise_brief(call(ANNA), {"hours": 12})["hints"]
    }


def test_a_later_note_replaces_the_one_before() -> None:
    world = World()
    for number in range(1, FEWEST + 1):
        noted(world, number, 10)
    world.service.put_time_note(call(CARLA), "eng-1", 30)
    world.service.put_time_note(call(CARLA), "eng-2", 30)
    known = world.service.get_template(call(CARLA), TEMPLATE)["experience"]
    assert known == {"notes": FEWEST, "median_hours": 10}
