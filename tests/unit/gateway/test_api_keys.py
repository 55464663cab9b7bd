"""API keys: whom they stand for, what for, and until when."""

from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.gateway.api_keys import MOST, NEVER
from shared.principal import permissions
from tests.unit.gateway.conftest import World, make_world, sign_in_all

SCOPES = ["list_events", "get_engagement"]


def make(world: World, role: str = "recruiter", **changes: Any) -> TestResponse:
    headers = changes.pop("headers", {})
    if not world.accounts.documents:
        sign_in_all(world)
    body = {"name": "Export", "scopes": SCOPES, **changes}
    return world.client(role).post("/v1/api-keys", body, headers=headers)


def ask(world: World, key: str, method: str, path: str, **options: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {key}", **options.pop("headers", {})}
    return world.client()(method, path, headers=headers, **options)


def test_a_key_is_shown_once_and_kept_as_a_hash(world: World) -> None:
    answer = make(world, headers={"Idempotency-Key": "key-1"})
    made = answer.get_json()
    assert (answer.status_code, made["key"][:4], len(made["key"])) == (201, "stk_", 47)
    kept = world.ports.api_keys.page(world.client("owner").principal, 10, None)  # type: ignore[arg-type]
    assert made["key"] not in str(kept)
    assert made["key"] not in str(vars(world.ports.api_keys._records))
    again = make(world, headers={"Idempotency-Key": "key-1"})
    assert again.get_json() == made
    assert make(world).get_json()["key"] != made["key"]


def test_a_key_is_who_made_it_for_its_scopes_alone(world: World) -> None:
    key = make(world).get_json()["key"]
    assert ask(world, key, "GET", "/v1/engagements/eng-1").status_code == 200
    [(call, _)] = world.rpc.calls("get_engagement")
    assert (call.principal.id, call.principal.role, call.principal.org_id) == (
        "acc-rae",
        "recruiter",
        "org-north",
    )
    for method, path in (
        ("GET", "/v1/me"),
        ("GET", "/v1/projects"),
        ("POST", "/v1/api-keys"),
        ("DELETE", "/v1/sessions/current"),
    ):
        refused = ask(world, key, method, path)
        assert (refused.status_code, refused.get_json()["code"]) == (403, "scope-missing"), path
    stream = ask(world, key, "GET", "/v1/events", headers={"Accept": "text/event-stream"})
    assert stream.status_code == 200


@pytest.mark.parametrize("scope", [*sorted(NEVER), "refund_engagement", "put_contact", "no_such"])
def test_no_key_may_more_than_who_makes_it_nor_make_others(world: World, scope: str) -> None:
    answer = make(world, "owner", scopes=["list_projects", scope])
    assert (answer.status_code, answer.get_json()["code"]) == (422, "scope-refused")
    assert [error["pointer"] for error in answer.get_json()["errors"]] == ["#/scopes/1"]


def test_what_no_key_may_ever_do_is_in_the_table() -> None:
    assert permissions().keys() >= NEVER


def test_a_revoked_key_is_refused_at_once(world: World) -> None:
    made = make(world).get_json()
    path = f"/v1/api-keys/{made['id']}"
    for role in ("evaluator", "partner"):
        assert world.client(role)("DELETE", path).status_code == 404, role
    assert ask(world, made["key"], "GET", "/v1/events").status_code == 200
    for _ in range(2):
        assert world.client("owner")("DELETE", path).status_code == 204
    for method, where in (("GET", "/v1/events"), ("GET", "/v1/projects")):
        refused = ask(world, made["key"], method, where)
        assert (refused.status_code, refused.get_json()["code"]) == (401, "key-refused")


@pytest.mark.parametrize("key", ["stk_", "stk_nonsense", "stk_" + "a" * 43, "stk_" + "a" * 10_000])
def test_what_is_no_key_is_refused(world: World, key: str) -> None:
    make(world)
    assert ask(world, key, "GET", "/v1/events").get_json()["code"] == "key-refused"


def test_keys_are_listed_with_their_last_use_to_their_maker_and_the_owner(world: World) -> None:
    made = make(world).get_json()
    ask(world, made["key"], "GET", "/v1/events")
    for role, count in (("recruiter", 1), ("owner", 1), ("evaluator", 0), ("partner", 0)):
        items = world.client(role).get("/v1/api-keys").get_json()["items"]
        assert len(items) == count, role
        assert all("key" not in item and "secret_hash" not in item for item in items)
    [item] = world.client("owner").get("/v1/api-keys").get_json()["items"]
    assert (item["id"], item["account_id"]) == (made["id"], "acc-rae")
    assert item["last_used_at"].startswith("2026-09-14T12:00")


def test_a_key_is_counted_by_itself(tmp_path: Path) -> None:
    world = make_world(tmp_path, rate_limit="2/minute")
    key = make(world).get_json()["key"]
    assert [ask(world, key, "GET", "/v1/events").status_code for _ in range(3)] == [200, 200, 429]
    assert world.client("recruiter").get("/v1/events").status_code == 200


def test_nobody_has_more_than_so_many_keys(world: World) -> None:
    first, *_ = [make(world).get_json() for _ in range(MOST)]
    assert make(world).get_json()["code"] == "too-many-keys"
    world.client("recruiter")("DELETE", f"/v1/api-keys/{first['id']}")
    assert make(world).status_code == 201


def test_a_key_whose_answer_was_lost_in_a_crash_is_not_shown_wrong(
    world: World,
) -> None:
    headers = {"Idempotency-Key": "key-1"}
    make(world, headers=headers)
    world.keys.kept.clear()  # As if it had died before it kept the answer.
    again = make(world, headers=headers)
    assert (again.status_code, again.get_json()["code"]) == (409, "key-not-shown")


def test_a_key_is_sent_as_a_bearer_and_in_no_other_way(world: World) -> None:
    key = make(world).get_json()["key"]
    for header in (f"Basic {key}", key, f"bearer  {key} x"):
        refused = world.client().get("/v1/events", headers={"Authorization": header})
        assert refused.status_code == 401, header


def test_a_key_ends_when_it_is_said_to_and_after_a_year_at_the_latest(world: World) -> None:
    short = make(world, expires_at="2026-09-15T12:00:00Z").get_json()
    long = make(world).get_json()
    assert short["expires_at"] == "2026-09-15T12:00:00+00:00"
    for wrong in ("2026-09-14T12:00:00Z", "2027-09-16T12:00:00Z"):
        assert make(world, expires_at=wrong).get_json()["code"] == "expiry-refused"
    world.clock.forward(days=1)
    assert ask(world, short["key"], "GET", "/v1/events").get_json()["code"] == "key-expired"
    assert ask(world, long["key"], "GET", "/v1/events").status_code == 200
    world.clock.forward(days=365)
    assert ask(world, long["key"], "GET", "/v1/events").status_code == 401


def test_a_key_is_told_by_how_it_begins(world: World) -> None:
    made = make(world).get_json()
    [item] = world.client("owner").get("/v1/api-keys").get_json()["items"]
    assert item["prefix"] == made["prefix"] == made["key"][:10]


def test_a_key_is_made_only_while_the_session_goes_on(world: World) -> None:
    sign_in_all(world)
    world.sessions.alter("ses-recruiter", ended="signed-out")
    assert make(world).get_json()["code"] == "session-over"
    world.accounts.alter("acc-dana", org_id="org-another")
    assert make(world, "owner").get_json()["code"] == "session-over"


def test_a_new_operation_of_the_gateway_is_nothing_for_keys_unless_it_is_named() -> None:
    own = {name for name, row in permissions().items() if row["service"] == "gateway"}
    places = {"upload_file", "download_file", "list_todo", "list_members"}
    assert own - NEVER == {*places, "report_assessment_error"}
