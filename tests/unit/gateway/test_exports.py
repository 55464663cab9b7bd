"""Everything that is kept of somebody, in one file that only they fetch."""

import io
import zipfile
from typing import Any

import orjson

from shared.errors import Unavailable
from shared.principal import Principal
from tests.unit.gateway.conftest import World


def pages(**asked: Any) -> dict[str, Any]:
    """Two pages of one section."""
    assert asked["person_id"] == "acc-kim"
    first = {"section": "thing", "items": [{"id": "a"}], "next": "thing|a"}
    return {"section": "thing", "items": [{"id": "b"}], "next": None} if asked["after"] else first


def asked(world: World) -> str:
    answer = world.client("candidate").post("/v1/me/export")
    assert (answer.status_code, answer.get_json()["status"]) == (202, "collecting")
    return answer.headers["Location"]


def test_every_service_is_asked_as_the_person_and_all_pages_are_in_the_file(world: World) -> None:
    place = asked(world)
    world.rpc.answers["export_person"] = pages
    world.ports.privacy.exports.sweep(world.rpc)
    ready = world.client("candidate").get(place).get_json()
    assert ready["status"] == "ready"
    answer = world.client("candidate").get(ready["url"])
    assert len(answer.data) == ready["size"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names = set(archive.namelist())
        lines = [orjson.loads(line) for line in archive.read("projects.jsonl").splitlines()]
    assert lines == [{"kind": "thing", "id": "a"}, {"kind": "thing", "id": "b"}]
    services = ("account", "projects", "applications", "matching", "payments", "notifications")
    assert names == {"README.txt", *(f"{name}.jsonl" for name in services)}
    callers = {call.principal for call, _ in world.rpc.calls("export_person")}
    assert callers == {Principal("acc-kim", "candidate")}


def test_it_is_nobody_else_s(world: World) -> None:
    place = asked(world)
    for role in ("operator", "owner", "educator"):
        assert world.client(role).get(place).status_code == 404
        assert world.client(role).get(f"{place}/content").status_code == 404


def test_it_waits_for_a_service_that_is_away_and_then_begins_anew(world: World) -> None:
    place = asked(world)
    world.rpc.answers["export_person"] = Unavailable("service-unavailable", "Away.")
    world.ports.privacy.exports.sweep(world.rpc)
    assert world.client("candidate").get(place).get_json()["status"] == "collecting"
    assert world.client("candidate").get(f"{place}/content").status_code == 409
    again = world.client("candidate").post("/v1/me/export")
    assert (again.status_code, again.get_json()["code"]) == (409, "export-under-way")
    world.rpc.answers["export_person"] = pages
    world.clock.forward(minutes=3)
    world.ports.privacy.exports.sweep(world.rpc)
    assert world.client("candidate").get(place).get_json()["status"] == "ready"
    (told,) = world.ports.privacy.exports.kept.announced  # type: ignore[attr-defined]
    assert told.data["account_id"] == "acc-kim"


def test_after_a_week_it_is_gone(world: World) -> None:
    place = asked(world)
    world.rpc.answers["export_person"] = pages
    world.ports.privacy.exports.sweep(world.rpc)
    world.clock.forward(days=8)
    world.ports.privacy.exports.sweep(world.rpc)
    assert world.client("candidate").get(place).get_json()["status"] == "expired"
    assert world.client("candidate").get(f"{place}/content").status_code == 409
