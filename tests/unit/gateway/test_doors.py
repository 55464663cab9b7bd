"""What every path has: compression, HEAD and OPTIONS, a page of problems, notice of what goes."""

import gzip
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deploy import problem_pages
from services.gateway import versioning
from services.gateway.compression import LEAST
from shared.principal import permissions
from tests.unit.gateway.conftest import World

LONG = {"id": "prj-1", "version": 7, "summary": "words " * LEAST}


@pytest.fixture
def long(world: World) -> World:
    world.rpc.answers["get_project"] = LONG
    return world


def read(world: World, coding: str, **headers: str) -> Any:
    headers["Accept-Encoding"] = coding
    return world.client().get("/v1/projects/prj-1", headers=headers)


def test_a_long_answer_travels_short(long: World) -> None:
    plain = long.client().get("/v1/projects/prj-1")
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    short = read(long, "gzip")
    assert short.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(short.data) == plain.data
    assert int(short.headers["Content-Length"]) == len(short.data) < len(plain.data) / 10
    assert read(long, "gzip, br").headers["Content-Encoding"] == "br"
    assert "Content-Encoding" not in read(long, "identity").headers


def test_its_version_is_told_apart_and_understood_all_the_same(long: World) -> None:
    short = read(long, "gzip")
    assert short.headers["ETag"] == '"7:gzip"'
    again = read(long, "gzip", **{"If-None-Match": '"7:gzip"'})
    assert (again.status_code, again.data) == (304, b"")
    changed = long.client("owner")(
        "PATCH", "/v1/projects/prj-1", json={"hours": 10}, headers={"If-Match": '"7:gzip"'}
    )
    assert changed.status_code == 200
    [(call, _)] = long.rpc.calls("update_project")
    assert call.expected_version == 7


def test_short_answers_and_answers_that_may_hold_secrets_are_sent_as_they_are(long: World) -> None:
    long.rpc.answers["get_project"] = {"id": "prj-1", "version": 7}
    assert "Content-Encoding" not in read(long, "gzip").headers
    long.rpc.answers["publish_project"] = LONG
    answer = long.client("owner").post(
        "/v1/projects/prj-1/publish", headers={"Accept-Encoding": "gzip"}
    )
    assert "Content-Encoding" not in answer.headers


def test_a_stream_is_not_held_up_by_a_compressor(world: World) -> None:
    headers = {"Accept": "text/event-stream", "Accept-Encoding": "gzip, br"}
    answer = world.client("candidate").get("/v1/events", headers=headers)
    assert "Content-Encoding" not in answer.headers


def rules(world: World) -> Iterator[tuple[str, set[str]]]:
    """Every path of the application with names filled in, and its methods."""
    paths: dict[str, set[str]] = {}
    for rule in world.app.url_map.iter_rules():
        path = "".join("x" if dynamic else part for dynamic, part in rule._trace).lstrip("|")
        paths.setdefault(path, set()).update(rule.methods or ())
    yield from paths.items()


def test_every_path_tells_its_methods_and_answers_head_where_it_answers_get(world: World) -> None:
    checked = 0
    for path, methods in rules(world):
        told = world.client()("OPTIONS", path)
        assert told.status_code == 204, path
        assert methods <= set(told.headers["Allow"].split(", ")), path
        if "GET" in methods:
            get, head = (world.client()(method, path) for method in ("GET", "HEAD"))
            assert (head.status_code, head.data) == (get.status_code, b""), path
            checked += 1
    assert checked > 60


def test_an_unknown_filter_is_told_which_there_are(world: World) -> None:
    answer = world.client().get("/v1/projects?colour=red&sort=price")
    told = {error["parameter"]: error["detail"] for error in answer.get_json()["errors"]}
    assert answer.status_code == 422
    assert "location_mode" in told["colour"]
    assert "sort" in told["colour"]
    assert "newest, oldest" in told["sort"]


def test_the_page_of_problems_explains_each_code_where_its_type_points(world: World) -> None:
    problem = world.client().get("/v1/me").get_json()
    page, _, code = problem["type"].partition("#")
    answer = world.client().get(page)
    assert answer.mimetype == "text/html"
    assert f'id="{code}"' in answer.text
    assert "script" not in answer.text


def test_the_page_of_problems_finds_codes_however_they_are_written() -> None:
    page = (Path(problem_pages.ROOT) / "docs" / "problems.md").read_text()  # `make check` keeps it.
    found = dict(re.findall(r"^\| `([^`]+)` \| ([0-9, ]+) \|", page, re.MULTILINE))
    assert found["version-changed"] == "409"
    assert found["engagement-*"] == "409"  # Put together while it runs.
    assert found["malformed-json"] == "400"  # One of two, in an expression.
    assert found["no-payment-method"] == "409"  # A name of its own.
    assert found["body-too-large"] == "413"  # In a table.
    assert found["too-many-requests"] == "429"
    assert len(found) > 200


@pytest.fixture
def going(monkeypatch: pytest.MonkeyPatch) -> None:
    about = {"since": date(2026, 11, 1), "sunset": date(2027, 5, 1), "instead": "get_project"}
    monkeypatch.setitem(permissions(), "list_brief_versions", _with(about))


def _with(about: dict[str, Any]) -> dict[str, Any]:
    return {**permissions()["list_brief_versions"], "deprecated": about}


@pytest.mark.usefixtures("going")
def test_what_is_to_go_says_so_on_every_answer(world: World) -> None:
    world.rpc.answers["list_brief_versions"] = {"items": []}
    for path in ("/v1/projects/prj-1/versions", "/v1/projects/prj-1/versions?what=1"):
        headers = world.client().get(path).headers
        assert headers["Deprecation"] == "@1793491200"
        assert headers["Sunset"] == "Sat, 01 May 2027 00:00:00 GMT"
        links = headers.getlist("Link")
        assert '</v1/projects/prj-1>; rel="successor-version"' in links
        assert any('rel="deprecation"' in link for link in links)
    assert "Deprecation" not in world.client().get("/v1/projects/prj-1").headers
    assert versioning.note("list_brief_versions") == (
        "Deprecated since 2026-11-01, gone after 2027-05-01. Use `get_project`."
    )


def test_nothing_is_announced_to_go_sooner_than_the_policy_allows() -> None:
    for operation, row in permissions().items():
        about = row.get("deprecated")
        if about:
            assert (about["sunset"] - about["since"]).days >= 180, operation
            assert about.get("instead") in (None, *permissions()), operation
