"""Who applies is told inwards to be taken out, and outwards to who may know it."""

import pytest

from tests.unit.gateway.conftest import World, kim

BLIND = {"id": "app-1", "version": 2, "pseudonym": "Candidate Teal Heron"}
SEEN = {**BLIND, "candidate_id": "acc-kim"}


def test_an_application_goes_with_the_name_that_must_not_be_read_in_it(world: World) -> None:
    kim(world)
    world.rpc.answers["submit_application"] = BLIND
    world.client("candidate").post("/v1/projects/prj-1/applications", {"answers": []})
    [(_, arguments)] = world.rpc.calls("submit_application")
    assert arguments["person"] == {"name": "Kim Li", "email": "kim@example.com"}


def test_nobody_sends_another_name_along(world: World) -> None:
    kim(world)
    body = {"answers": [], "person": {"name": "Lee", "email": "lee@example.com"}}
    answer = world.client("candidate").post("/v1/projects/prj-1/applications", body)
    assert answer.status_code == 422
    assert world.rpc.asked == []


@pytest.mark.parametrize(("view", "name"), [(BLIND, None), (SEEN, "Kim Li")])
@pytest.mark.parametrize("role", ["owner", "evaluator", "operator"])
def test_the_name_is_told_where_the_service_tells_who_it_is(
    world: World, view: dict[str, object], name: str | None, role: str
) -> None:
    kim(world)
    world.rpc.answers["get_application"] = view
    answer = world.client(role).get("/v1/applications/app-1").get_json()
    assert answer.get("candidate_name") == name


def test_the_name_is_told_with_the_reveal(world: World) -> None:
    kim(world)
    world.rpc.answers["reveal_application"] = SEEN
    answer = world.client("evaluator").post("/v1/applications/app-1/reveal").get_json()
    assert answer["candidate_name"] == "Kim Li"


def test_candidates_are_not_told_their_own_name(world: World) -> None:
    kim(world)
    world.rpc.answers["get_application"] = SEEN
    assert (
        "candidate_name" not in world.client("candidate").get("/v1/applications/app-1").get_json()
    )
