"""What a client sees of services: their answers, their absence, and crashes in between."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.integration.gateway.conftest import STUBS, Databases, Gateway, House
from tests.integration.gateway.stub_projects import SLOW
from tests.servers import ServiceProcess
from tests.unit.gateway.test_http import BRIEF
from tests.waiting import wait_until

KEY = {"Idempotency-Key": "0b1f3c9e-6f0c-4a53-9d6e-4f6f2a1d7c55"}
Start = Callable[[str], ServiceProcess]


@pytest.fixture(scope="module")
def projects(house: House, gateway: Gateway) -> ServiceProcess:
    """Stands in for the service, for the tests that leave it alone."""
    return house.start(f"{STUBS}projects")


def test_a_service_that_is_away_is_a_problem_within_its_deadline(
    fresh_gateway: Gateway, start_stub: Start
) -> None:
    started = time.monotonic()
    absent = fresh_gateway.client().get("/v1/projects/prj-1")
    assert (absent.status_code, absent.json()["code"]) == (503, "service-unavailable")
    assert absent.headers["Retry-After"] == "2"
    stub = start_stub("projects")
    assert fresh_gateway.client().get("/v1/projects/prj-1").status_code == 404
    stub.freeze()
    silent = fresh_gateway.client().get("/v1/projects/prj-1")
    stub.thaw()
    assert silent.status_code == 503
    assert time.monotonic() - started < 20


def test_a_version_that_is_gone_is_refused_by_the_service(
    gateway: Gateway, projects: ServiceProcess
) -> None:
    owner = gateway.client().owner()
    made = owner.post("/v1/projects", BRIEF)
    path = made.headers["Location"]
    read = owner.get(path)
    assert read.headers["ETag"] == made.headers["ETag"] == '"1"'
    assert owner.get(path, headers={"If-None-Match": '"1"'}).status_code == 304
    body, version = {"title": "Another title"}, {"If-Match": read.headers["ETag"]}
    assert owner("PATCH", path, json=body, headers=version).json()["version"] == 2
    late = owner("PATCH", path, json={"title": "Too late"}, headers=version)
    assert (late.status_code, late.json()["code"]) == (412, "version-changed")


def test_the_todo_list_names_the_services_that_are_away(
    gateway: Gateway, projects: ServiceProcess
) -> None:
    answer = gateway.client().register().get("/v1/todo")
    assert answer.status_code == 200
    assert [item["id"] for item in answer.json()["items"]] == ["prj-1"]
    assert sorted(answer.json()["incomplete"]) == ["applications", "payments"]


def test_a_repeat_while_the_first_is_under_way_has_no_second_effect(
    gateway: Gateway, projects: ServiceProcess, databases: Databases
) -> None:
    owner = gateway.client().owner()
    headers = {**dict(owner.session.headers), **KEY}

    def send(_: int) -> requests.Response:
        body = {**BRIEF, "title": SLOW}
        return requests.post(f"{gateway.base}/v1/projects", json=body, headers=headers, timeout=20)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    slow = databases(gateway, "projects")["drafts"].count_documents({"title": SLOW})
    assert slow == 1
    assert send(0).headers["Idempotent-Replayed"] == "true"


def test_a_gateway_killed_between_effect_and_answer_gives_the_first_answer_on_the_retry(
    fresh_gateway: Gateway, start_stub: Start, databases: Databases, start_gateway: Any
) -> None:
    start_stub("projects")
    owner = fresh_gateway.client().owner()
    drafts = databases(fresh_gateway, "projects")["drafts"]
    body = {**BRIEF, "title": SLOW}
    with ThreadPoolExecutor(1) as pool:
        lost = pool.submit(owner.post, "/v1/projects", body, headers=KEY)
        wait_until(lambda: drafts.count_documents({}), 10, "the effect")
        fresh_gateway.process.kill()
        assert isinstance(lost.exception(), requests.ConnectionError)
    start_gateway()
    answer = owner.post("/v1/projects", body, headers=KEY)
    assert answer.status_code == 201
    [draft] = drafts.find()
    assert (answer.json()["id"], draft["version"]) == (draft["_id"], 1)
    replayed = owner.post("/v1/projects", body, headers=KEY)
    assert replayed.headers["Idempotent-Replayed"] == "true"
    assert replayed.content == answer.content
    other = owner.post("/v1/projects", BRIEF, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")


def test_a_service_killed_between_effect_and_answer_gives_the_first_answer_on_the_retry(
    gateway: Gateway, projects: ServiceProcess, databases: Databases
) -> None:
    owner, key = gateway.client().owner(), {"Idempotency-Key": "killed-service"}
    drafts, title = databases(gateway, "projects")["drafts"], f"{SLOW}, killed"
    with ThreadPoolExecutor(1) as pool:
        lost = pool.submit(owner.post, "/v1/projects", {**BRIEF, "title": title}, headers=key)
        wait_until(lambda: drafts.count_documents({"title": title}), 10, "the effect")
        projects.kill()
        projects.start()
        projects.wait_ready()
        # The broker may bring the request again while its caller still waits.
        assert lost.result(20).status_code in (201, 503)
    answer = owner.post("/v1/projects", {**BRIEF, "title": title}, headers=key)
    assert answer.status_code == 201
    [draft] = drafts.find({"title": title})
    assert (answer.json()["id"], draft["version"]) == (draft["_id"], 1)
    replayed = owner.post("/v1/projects", {**BRIEF, "title": title}, headers=key)
    assert replayed.headers["Idempotent-Replayed"] == "true"
    assert replayed.content == answer.content


def test_the_database_away_is_a_problem_and_its_return_is_the_end_of_it(
    fresh_gateway: Gateway, database: Any
) -> None:
    client = fresh_gateway.client().register()
    database.kill()
    answer = client.get("/v1/me", timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
    assert client.get("/health").status_code == 200
    database.restart()
    wait_until(lambda: client.get("/v1/me", timeout=30).status_code == 200, 30, "its return")
