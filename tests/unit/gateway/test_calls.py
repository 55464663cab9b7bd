"""Every operation reaches its service, with arguments that the service takes."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.errors import Forbidden, Unavailable
from shared.principal import permissions
from tests.unit.gateway.conftest import PEOPLE, World, kim, make_world

SERVICES = Path(__file__).parents[3] / "services"
TABLE = permissions()
CARRY_FILES = (
    *("put_profile", "submit_application", "submit_deliverable"),
    *("post_message", "raise_flag"),
)
FORWARDED = [name for name, row in TABLE.items() if row["service"] != "gateway" and "http" in row]
OFFERED = [name for name, row in TABLE.items() if "http" in row]
ROLES = ["", *PEOPLE]


def signatures(service: str) -> Iterator[tuple[str, set[str] | None, set[str]]]:
    """(method, all arguments, those without a default) of every `@rpc`, read without running it.

    Of a method that takes any, all arguments are None.
    """
    folder = SERVICES / service  # Whose manifest is a file or a package, or of a part of it.
    sources = [*folder.rglob("service.py"), *folder.glob("service/*.py")]
    for node in (node for source in sources for node in ast.walk(ast.parse(source.read_text()))):
        names = [getattr(each, "id", "") for each in getattr(node, "decorator_list", ())]
        if isinstance(node, ast.FunctionDef) and "rpc" in names:
            everything = [arg.arg for arg in node.args.args[2:]]
            required = everything[: len(everything) - len(node.args.defaults)]
            yield node.name, None if node.args.kwarg else {*everything}, {*required}


def request_of(world: World, operation: str) -> tuple[str, str, dict[str, Any]]:
    """Method, path and options of the documented example of an operation."""
    document = world.client().get("/openapi.json").get_json()
    method, path = TABLE[operation]["http"].split(" ")
    told = document["paths"][path][method.lower()]
    example = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    options: dict[str, Any] = {"json": example["example"]} if "example" in example else {}
    query = {
        parameter["name"]: parameter["schema"]["example"]
        for parameter in told.get("parameters", [])
        if parameter["in"] == "query" and parameter.get("required")
    }
    if method == "PATCH":
        options["headers"] = {"If-Match": '"1"'}
    if "fil-0199" in str(options):
        role = next(role for role in TABLE[operation]["allow"] if role != "anonymous")
        owner = "acc-kim" if role == "candidate" else "acc-dana"
        record = {"file_id": "fil-0199", "owner_id": owner, "name": "a.csv", "sha256": "0"}
        world.files.add({**record, "size": 1, "media_type": "text/csv", "org_id": None})
    path = re.sub(r"\{\w+\}", "any-1", path)
    return method, path, {**options, "query_string": query}


@pytest.mark.parametrize("operation", FORWARDED)
def test_an_operation_is_forwarded_with_the_arguments_that_its_service_takes(
    world: World, operation: str
) -> None:
    row = TABLE[operation]
    method, path, options = request_of(world, operation)
    role = next(role for role in row["allow"] if role != "anonymous")
    kim(world)
    world.accounts.alter("acc-kim", email_verified_at=world.clock())
    world.accounts.put(replace(world.accounts.load("acc-kim"), id="acc-dana"))
    answer = {"id": "x-1", "version": 3, "engagement_id": "eng-1", "credential": "x.y.z"}
    answer |= {"partner_id": "par-1", "candidate_id": "acc-kim", "sha256": "0"}
    world.rpc.answers[operation] = answer
    answer = world.client(role)(method, path, **options)
    nothing_uploaded = operation == "get_shown_file" and answer.status_code == 404
    assert answer.status_code in (200, 201, 204) or nothing_uploaded, answer.text
    *_, (service, name, call, arguments) = world.rpc.asked
    assert (service, name, call.principal.role) == (row["service"], operation, role)
    known = {method: rest for method, *rest in signatures(service)}
    everything, required = known[operation]
    assert required <= arguments.keys()
    assert everything is None or arguments.keys() <= everything


@pytest.mark.parametrize("operation", OFFERED)
def test_a_role_that_the_table_does_not_name_is_refused_before_anything_is_asked(
    world: World, operation: str
) -> None:
    method, path, options = request_of(world, operation)
    for role in ROLES:
        if (role or "anonymous") in TABLE[operation]["allow"]:
            continue
        answer = world.client(role)(method, path, **options)
        assert answer.status_code == (403 if role else 401), role
        assert answer.get_json()["code"] == ("operation-forbidden" if role else "sign-in-required")
    assert world.rpc.asked == []


def test_a_request_carries_its_id_and_its_trace_inwards(world: World) -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    headers = {"X-Request-Id": "web-1234567", "Traceparent": trace}
    answer = world.client("candidate").get("/v1/profile", headers=headers)
    [(call, _)] = world.rpc.calls("get_profile")
    assert (call.correlation_id, call.traceparent) == ("web-1234567", trace)
    assert answer.headers["X-Request-Id"] == "web-1234567"


@pytest.mark.parametrize("given", ["short", "with space here", "x" * 129, "new\tline-here"])
def test_a_request_id_of_another_kind_is_replaced(world: World, given: str) -> None:
    answer = world.client("candidate").get("/v1/profile", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] != given
    assert len(answer.headers["X-Request-Id"]) == 36


def test_the_todo_list_is_merged_by_due_time(world: World) -> None:
    parts = iter(
        [
            {"items": [{"id": "b", "due_at": "2026-09-16"}, {"id": "c", "due_at": None}]},
            {"items": [{"id": "a", "due_at": "2026-09-15"}]},
            {"items": []},
        ]
    )
    world.rpc.answers["list_todo"] = lambda: next(parts)
    answer = world.client("candidate").get("/v1/todo").get_json()
    assert [item["id"] for item in answer["items"]] == ["a", "b", "c"]
    assert answer["incomplete"] == []
    assert {call.principal.id for call, _ in world.rpc.calls("list_todo")} == {"acc-kim"}


def test_a_service_that_is_down_leaves_its_part_of_the_todo_list_out(world: World) -> None:
    away = Unavailable("service-unavailable", "Away.")
    parts = iter([{"items": [{"id": "a"}]}, away, away])
    world.rpc.answers["list_todo"] = lambda: next(parts)
    answer = world.client("candidate").get("/v1/todo")
    assert answer.status_code == 200
    assert answer.get_json()["incomplete"] == ["applications", "payments"]


def test_a_todo_list_of_nothing_but_absent_services_is_unavailable(world: World) -> None:
    world.rpc.answers["list_todo"] = Unavailable("service-unavailable", "Away.")
    answer = world.client("candidate").get("/v1/todo")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"


def test_a_part_that_refuses_refuses_the_whole_todo_list(world: World) -> None:
    world.rpc.answers["list_todo"] = Forbidden("operation-forbidden", "No.")
    assert world.client("candidate").get("/v1/todo").status_code == 403


def test_a_page_links_to_the_next_one(world: World) -> None:
    world.rpc.answers["list_projects"] = {"items": [], "next": "abc="}
    answer = world.client().get("/v1/projects?q=data+clean&limit=5")
    assert answer.headers["Link"] == (
        '</v1/projects?q=data+clean&limit=5&after=abc%3D>; rel="next"'
    )
    [(_, arguments)] = world.rpc.calls("list_projects")
    assert arguments == {"filters": {"q": "data clean"}, "limit": 5, "after": None}


def test_what_is_made_says_where_it_is(world: World) -> None:
    world.rpc.answers["create_project"] = {"id": "prj-9", "version": 1}
    method, path, options = request_of(world, "create_project")
    answer = world.client("owner")(method, path, **options)
    assert answer.headers["Location"] == "/v1/projects/prj-9"
    assert answer.headers["ETag"] == '"1"'


def test_a_rate_that_is_used_up_is_told_with_the_time_to_wait(tmp_path: Path) -> None:
    world = make_world(tmp_path, rate_limit="2/minute")
    client = world.client("candidate")
    answers = [client.get("/v1/profile") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["RateLimit-Remaining"] == "1"
    assert answers[2].get_json()["code"] == "too-many-requests"
    assert int(answers[2].headers["Retry-After"]) > 0
    assert answers[2].headers["RateLimit-Remaining"] == "0"
    assert world.client("owner").get("/v1/projects").status_code == 200


def test_sign_ins_registrations_and_refreshes_have_a_stricter_limit_each_of_their_address(
    tmp_path: Path,
) -> None:
    world = make_world(tmp_path, sign_in_limit="2/minute")
    body = {"email": "ada@example.com", "password": "wrong wrong wrong"}
    statuses = [world.client().post("/v1/sessions", body).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]
    for path in ("/v1/accounts", "/v1/sessions/refresh"):
        assert [world.client().post(path, {}).status_code for _ in range(3)] == [422, 422, 429]
    assert world.client().get("/v1/projects").status_code == 200


def test_preferences_can_be_sent_back_as_they_were_read(world: World) -> None:
    read = {"application.selected": {"email": False, "in_app": True, "required": False}}
    answer = world.client("candidate")("PUT", "/v1/preferences", json={"preferences": read})
    assert answer.status_code == 200, answer.text
    [(_, arguments)] = world.rpc.calls("put_preferences")
    assert arguments == {"preferences": {"application.selected": {"email": False, "in_app": True}}}
