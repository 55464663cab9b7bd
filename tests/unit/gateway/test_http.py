"""What surrounds every operation: problems, versions, headers, pages."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from shared.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from tests.unit.gateway.conftest import World, make_world

PROBLEM = "application/problem+json"
BRIEF = {
    "title": "Clean contacts",
    "summary": "Merge duplicates and bring every column to one format.",
    "deliverables": [{"title": "Clean CSV", "acceptance_criteria": []}],
    "skills": [{"skill_id": "s-1", "label": "cleaning", "required": True}],
    "hours": 12,
    "weeks": 1,
    "fee_amount": 26_400,
    "fee_currency": "USD",
}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid("hours-wrong", "No.", {"hours": "Too many."}), 422),
        (Forbidden("not-allowed", "No."), 403),
        (NotFound("project-not-found", "No."), 404),
        (Conflict("project-closed", "No."), 409),
        (Conflict("version-changed", "No."), 412),
        (Unavailable("service-unavailable", "No."), 503),
        (AutoReconnect("gone"), 503),
        (ZeroDivisionError("secret"), 500),
    ],
)
def test_every_error_is_a_problem_with_its_code_and_the_request_s_id(
    world: World, error: Exception, status: int
) -> None:
    world.rpc.answers["get_project"] = error
    answer = world.client().get("/v1/projects/prj-1", headers={"X-Request-Id": "request-1"})
    told = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (status, PROBLEM)
    assert told["status"] == status
    assert told["request_id"] == "request-1"
    assert told["type"] == f"/problems#{told['code']}"
    assert "secret" not in answer.text
    assert answer.headers.get("Retry-After") == ("2" if status == 503 else None)


def test_a_stranger_cannot_tell_what_is_missing_from_what_is_another_s(world: World) -> None:
    answers = []
    for error in (
        NotFound("not-found", "There is no such thing, or it is not yours."),
        NotFound("engagement-not-found", "There is no such engagement."),
    ):
        world.rpc.answers["get_engagement"] = error
        answer = world.client("owner").get("/v1/engagements/eng-1").get_json()
        answers.append({name: answer[name] for name in answer if name != "request_id"})
    assert answers[0] == answers[1]


def test_what_is_one_s_own_is_missing_by_its_name(world: World) -> None:
    world.rpc.answers["get_profile"] = NotFound("profile-not-found", "Write one.")
    assert world.client("candidate").get("/v1/profile").get_json()["code"] == "profile-not-found"


def test_a_service_s_field_errors_become_pointers(world: World) -> None:
    errors = {"skills.0.level": "Too high.", "hours": "Too many."}
    world.rpc.answers["create_project"] = Invalid("brief-invalid", "No.", errors)
    answer = world.client("owner").post("/v1/projects", BRIEF)
    assert answer.get_json()["errors"] == [
        {"pointer": "#/skills/0/level", "detail": "Too high."},
        {"pointer": "#/hours", "detail": "Too many."},
    ]


def test_a_body_that_breaks_rules_is_told_field_by_field(world: World) -> None:
    body = {**BRIEF, "hours": 4, "skills": [{"label": "x"}], "surprise": 1}
    answer = world.client("owner").post("/v1/projects", body)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.get_json()["errors"]} == {
        "#/hours",
        "#/skills/0/skill_id",
        "#/surprise",
    }
    assert world.rpc.asked == []


@pytest.mark.parametrize(
    "change",
    [
        {"hours": "12"},
        {"hours": 12.5},
        {"hours": True},
        {"hours": 10**30},
        {"title": "bell \x07 in it"},
        {"title": "nul \x00 in it"},
        {"fee_currency": "usd"},
        {"apply_by": "2026-09-14T16:00:00"},
        {"blind_review": "yes"},
        {"blind_review": 1},
        {"blind_review": 0.0},
        {"time_zone": "Mars/Olympus"},
        {"deliverables": []},
        {"skills": None},
        {"fee_amount": 0},
    ],
)
def test_a_field_of_the_wrong_kind_is_refused(world: World, change: dict[str, Any]) -> None:
    answer = world.client("owner").post("/v1/projects", {**BRIEF, **change})
    assert answer.status_code == 422, answer.text
    assert answer.get_json()["errors"]


def test_a_query_that_breaks_rules_is_told_by_parameter(world: World) -> None:
    answer = world.client().get("/v1/projects?limit=0&max_hours=x&what=1")
    assert answer.status_code == 422
    parameters = {error["parameter"] for error in answer.get_json()["errors"]}
    assert parameters == {"limit", "max_hours", "what"}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1,",
        b'{"a": NaN}',
        b"\xff\xfe",
        b'"\xed\xa0\x80"',
        b"[" * 100_000,
        b'{"hours": ' + b"9" * 100_000 + b"}",
    ],
)
def test_malformed_json_is_a_bad_request(world: World, body: bytes) -> None:
    answer = world.client("owner").post("/v1/projects", data=body, content_type="application/json")
    assert answer.status_code in (400, 422), answer.text
    assert answer.mimetype == PROBLEM


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"7", b"null"])
def test_json_that_is_no_object_is_refused(world: World, body: bytes) -> None:
    answer = world.client("owner").post("/v1/projects", data=body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.mimetype == PROBLEM


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data"])
def test_a_body_of_another_media_type_is_told_which_to_send(world: World, kind: str) -> None:
    answer = world.client("owner").post("/v1/projects", data=b"a=1", content_type=kind)
    assert answer.status_code == 415
    assert "application/json" in answer.get_json()["detail"]


def test_a_body_that_got_lost_does_not_mean_the_defaults(world: World) -> None:
    answer = world.client("candidate")("PUT", "/v1/portfolio")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "body-missing")
    assert world.rpc.asked == []


def test_a_body_over_the_limit_is_refused(world: World) -> None:
    body = json.dumps({**BRIEF, "summary": "x" * 1_100_000})
    answer = world.client("owner").post("/v1/projects", data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (413, "body-too-large")


@pytest.mark.parametrize("path", ["/nothing", "/v1/nothing", "/v1//projects", "/v1/projects/"])
def test_an_unknown_path_is_a_problem_too(world: World, path: str) -> None:
    answer = world.client().get(path)
    assert (answer.status_code, answer.mimetype) == (404, PROBLEM)


@pytest.mark.parametrize("id_", ["a b", "ä", "x" * 101, "<script>", "%00"])
def test_an_id_that_can_be_none_reaches_no_service(world: World, id_: str) -> None:
    answer = world.client().get(f"/v1/projects/{id_}")
    assert answer.status_code == 404
    assert world.rpc.asked == []


def test_another_method_is_told_which_there_are(world: World) -> None:
    answer = world.client().post("/v1/me")
    assert (answer.status_code, answer.mimetype) == (405, PROBLEM)
    assert {"GET", "PATCH"} <= set(answer.headers["Allow"].split(", "))


def test_an_answer_carries_its_version_and_is_not_sent_twice(world: World) -> None:
    world.rpc.answers["get_project"] = {"id": "prj-1", "version": 7}
    first = world.client().get("/v1/projects/prj-1")
    assert first.headers["ETag"] == '"7"'
    assert first.headers["Cache-Control"] == "private, no-cache"
    second = world.client().get("/v1/projects/prj-1", headers={"If-None-Match": '"7"'})
    assert (second.status_code, second.data) == (304, b"")
    third = world.client().get("/v1/projects/prj-1", headers={"If-None-Match": '"6"'})
    assert third.status_code == 200


def test_if_match_travels_inwards_as_the_expected_version(world: World) -> None:
    world.client("owner").post("/v1/projects/prj-1/publish", headers={"If-Match": '"3"'})
    world.client("owner").post("/v1/projects/prj-1/publish", headers={"If-Match": "*"})
    world.client("owner").post("/v1/projects/prj-1/publish")
    versions = [call.expected_version for call, _ in world.rpc.calls("publish_project")]
    assert versions == [3, None, None]


@pytest.mark.parametrize("given", ['W/"3"', '"3", "4"', "3", '"three"', ""])
def test_an_if_match_that_no_version_equals_fails_before_anything_is_done(
    world: World, given: str
) -> None:
    answer = world.client("owner").post("/v1/projects/prj-1/publish", headers={"If-Match": given})
    assert (answer.status_code, answer.get_json()["code"]) == (412, "version-changed")
    assert world.rpc.asked == []


def test_changing_a_draft_needs_the_version_that_was_read(world: World) -> None:
    answer = world.client("owner")("PATCH", "/v1/projects/prj-1", json={"hours": 10})
    assert (answer.status_code, answer.get_json()["code"]) == (428, "if-match-required")
    changed = world.client("owner")(
        "PATCH", "/v1/projects/prj-1", json={"hours": 10}, headers={"If-Match": '"2"'}
    )
    assert changed.status_code == 200
    [(_, arguments)] = world.rpc.calls("update_project")
    assert arguments == {"project_id": "prj-1", "changes": {"hours": 10}}


@pytest.mark.parametrize("changes", [{}, {"deliverables": [{}]}, {"hours": 41}])
def test_changes_keep_the_rules_of_a_brief(world: World, changes: dict[str, Any]) -> None:
    answer = world.client("owner")(
        "PATCH", "/v1/projects/prj-1", json=changes, headers={"If-Match": '"2"'}
    )
    assert answer.status_code == 422


def test_head_is_get_without_the_body(world: World) -> None:
    world.rpc.answers["get_project"] = {"id": "prj-1", "version": 7}
    answer = world.client()("HEAD", "/v1/projects/prj-1")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["ETag"] == '"7"'


def test_options_tells_the_methods(world: World) -> None:
    answer = world.client()("OPTIONS", "/v1/projects")
    assert answer.status_code == 204
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert "Content-Type" not in answer.headers


def test_every_answer_has_the_security_headers(world: World) -> None:
    for path in ("/", "/v1/projects", "/nothing"):
        headers = world.client().get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Request-Id"]
        assert "Strict-Transport-Security" not in headers


def test_only_production_insists_on_https(tmp_path: Path) -> None:
    answer = make_world(tmp_path, environment="production").client().get("/")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_only_listed_origins_may_read_answers(tmp_path: Path) -> None:
    world = make_world(tmp_path, cors_origins=("https://app.example",))
    ours = world.client().get("/v1/projects", headers={"Origin": "https://app.example"})
    assert ours.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "ETag" in ours.headers["Access-Control-Expose-Headers"]
    theirs = world.client().get("/v1/projects", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in theirs.headers
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    preflight = world.client()("OPTIONS", "/v1/projects", headers=asked)
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]


def test_addresses_of_trusted_proxies_are_seen_through(tmp_path: Path) -> None:
    world = make_world(tmp_path, proxy_hops=1, sign_in_limit="1/minute")
    body = {"email": "ada@example.com", "password": "wrong wrong wrong"}
    statuses = [
        world.client()
        .post("/v1/sessions", body, headers={"X-Forwarded-For": f"198.51.100.{n}"})
        .status_code
        for n in (1, 2, 1)
    ]
    assert statuses == [401, 401, 429]


def test_the_index_and_the_health_page_are_small_json(world: World) -> None:
    assert world.client().get("/").get_json()["openapi"] == "/openapi.json"
    assert world.client().get("/health").get_json() == {"status": "ok"}


def test_the_docs_page_needs_nobody_else(world: World) -> None:
    page = world.client().get("/docs")
    assert page.mimetype == "text/html"
    assert "://" not in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    for asset in ("docs.js", "swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"):
        assert f"/docs/{asset}" in page.text
        assert world.client().get(f"/docs/{asset}").status_code == 200
    for other in ("LICENSE", "..%2Fapp.py", "app.py"):
        assert world.client().get(f"/docs/{other}").status_code == 404


def test_the_page_of_events_needs_nobody_else_and_shows_the_committed_document(
    world: World,
) -> None:
    page = world.client().get("/docs/events")
    assert page.mimetype == "text/html"
    assert "://" not in page.text
    for asset in ("asyncapi-react.min.css", "asyncapi-react.min.js", "events.js"):
        assert f"/docs/events/{asset}" in page.text
        assert world.client().get(f"/docs/events/{asset}").status_code == 200
    document = world.client().get("/docs/events/asyncapi.json")
    assert document.get_json()["asyncapi"] == "3.0.0"
    for other in ("LICENSE", "..%2F..%2Fapp.py", "README.md"):
        assert world.client().get(f"/docs/events/{other}").status_code == 404


def test_only_the_page_of_events_may_compile(world: World) -> None:
    policies = [
        world.client().get(path).headers["Content-Security-Policy"]
        for path in ("/docs/events", "/docs/events/events.js", "/docs", "/")
    ]
    assert ["unsafe-eval" in policy for policy in policies] == [True, False, False, False]
    assert all("default-src 'none'" in policy for policy in policies)


@pytest.mark.parametrize("coding", ["gzip", "br", "GZIP, identity"])
@pytest.mark.parametrize("path", ["/v1/sessions", "/v1/files?name=a.csv"])
def test_a_body_that_is_packed_is_not_taken(world: World, path: str, coding: str) -> None:
    """Neither unpacked, which has no bounds, nor kept as something that it is not."""
    headers = {"Content-Encoding": coding, "Content-Type": "application/json"}
    packed = gzip.compress(b"{}")
    answer = world.client("candidate")("POST", path, data=packed, headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (415, "media-type")
