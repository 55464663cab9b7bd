"""A company's other system hears of what happens, by webhook and by polling, and no more."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook

from deploy.embedded.stack import Stack
from tests.e2e.accounts import add_account
from tests.e2e.journey import Api, Journey, People, Problem
from tests.waiting import wait_until

Hook = tuple[dict[str, str], str]


class Receiver(HTTPServer):
    """A partner's server; `status` is what it answers."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.hooks: list[Hook] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hooks"

    def of(self, type_: str) -> list[Hook]:
        return [hook for hook in self.hooks if json.loads(hook[1])["type"] == type_]


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.hooks.append((headers, body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def people(stack: Stack) -> People:
    return People(stack.url)


def events(api: Api, partner_id: str, **query: Any) -> Any:
    return api.get(f"/v1/partners/{partner_id}/events", **query)


def with_key(owner: Api, *scopes: str) -> Api:
    """A machine that signs in by an API key with these scopes."""
    key = owner.post("/v1/api-keys", {"name": "Poller", "scopes": list(scopes)})["key"]
    machine = Api(owner.base)
    machine.session.headers["Authorization"] = f"Bearer {key}"
    return machine


def verified(secret: str, hook: Hook) -> bool:
    """Whether it is signed with this secret; the stack's clock may have moved, ours has not."""
    headers, body = hook
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signature = Webhook(secret).sign(headers["webhook-id"], at, body)
    return signature in headers["webhook-signature"].split(" ")


def test_what_happens_is_posted_and_can_be_polled_under_the_same_ids(
    people: People, receiver: Receiver
) -> None:
    owner, candidate = people.owner(), people.candidate()
    partner = owner.post("/v1/partners", {"name": "Tracking"})
    path = f"/v1/partners/{partner['id']}"
    kinds = ["project.published.v1", "application.submitted.v1"]
    endpoint = owner.post(f"{path}/endpoints", {"url": receiver.url, "kinds": kinds})
    journey = Journey(people, owner, candidate).publish().apply()
    Journey.of(people).publish()  # Another company's, which is none of theirs.
    wait_until(lambda: len(receiver.hooks) == 2, 30, "the webhooks")
    machine = with_key(owner, "list_partner_events")
    first = events(machine, partner["id"], limit=1)
    rest = events(machine, partner["id"], after=first["next"])
    told = [*first["items"], *rest["items"]]
    assert first["more"]
    assert [one["type"] for one in told] == kinds
    assert [one["sequence"] for one in told] == ["000000000001", "000000000002"]
    assert told[0]["data"]["project_id"] == journey.project_id
    assert not any(id_ in json.dumps(told) for id_ in _hidden(journey))
    assert {headers["webhook-id"] for headers, _ in receiver.hooks} == {one["id"] for one in told}
    assert all(verified(endpoint["secret"], hook) for hook in receiver.hooks)
    assert events(machine, partner["id"], after=rest["next"])["items"] == []
    with pytest.raises(Problem) as refused:
        machine.get(path)
    assert refused.value.code == "scope-missing"


def _hidden(journey: Journey) -> list[str]:
    """Who applied, and which application it is: reviewers are blind."""
    return [journey.candidate.account["id"], journey.application_id]


def test_an_endpoint_is_tested_rotated_replayed_and_its_log_tells(
    people: People, receiver: Receiver
) -> None:
    owner = people.owner()
    partner = owner.post("/v1/partners", {"name": "Tracking"})
    endpoints = f"/v1/partners/{partner['id']}/endpoints"
    endpoint = owner.post(endpoints, {"url": receiver.url})
    path = f"{endpoints}/{endpoint['id']}"
    Journey(people, owner, people.candidate(account=False)).publish()
    wait_until(lambda: receiver.of("project.published.v1"), 30, "the webhook")
    rotated = owner.post(f"{path}/rotate-secret", {"overlap_hours": 1})
    assert len(rotated["secrets"]) == 2
    owner.post(f"{path}/ping")
    (test,) = wait_until(lambda: receiver.of("endpoint.pinged.v1"), 30, "the test")
    assert verified(rotated["secret"], test)
    assert verified(endpoint["secret"], test)
    again = owner.post(f"{path}/replay", {"from_sequence": 1, "to_sequence": 1})
    assert again == {"scheduled": 1, "next_sequence": None}
    first, second = wait_until(
        lambda: receiver.of("project.published.v1")[1:] and receiver.of("project.published.v1"),
        30,
        "the replay",
    )
    assert (first[1], second[0]["webhook-replay"]) == (second[1], "true")
    done = owner.until(f"{path}/deliveries", _all_delivered, "the log")["items"]
    assert [line["type"] for line in done] == ["endpoint.pinged.v1", "project.published.v1"]
    assert [one["status"] for one in done[1]["log"]] == [200, 200]
    assert "whsec_" not in json.dumps([done, owner.get(path), owner.get("/v1/partners")])


def _all_delivered(page: Any) -> bool:
    return all(line["status"] == "delivered" for line in page["items"])


def test_an_endpoint_that_is_gone_is_turned_off_and_its_owner_reads_of_it(
    stack: Stack, receiver: Receiver
) -> None:
    receiver.status = 410
    account = add_account(stack, "partner")
    account.until("/v1/notifications", lambda page: page["items"], "being known")
    partner = account.post("/v1/partners", {"name": "Job board"})
    endpoints = f"/v1/partners/{partner['id']}/endpoints"
    endpoint = account.post(endpoints, {"url": receiver.url})
    account.post(f"{endpoints}/{endpoint['id']}/ping")
    path = f"{endpoints}/{endpoint['id']}"
    account.until(path, lambda view: view["status"] == "disabled", "being turned off")
    account.until(
        "/v1/notifications",
        lambda page: [one for one in page["items"] if one["kind"] == "endpoint.disabled"],
        "the notice",
    )
    told = events(account, partner["id"], type="endpoint.disabled.v1")["items"]
    assert told[0]["data"] == {
        "endpoint_id": endpoint["id"],
        "partner_id": partner["id"],
        "reason": "gone",
    }
    assert account.patch(path, {"status": "active"})["status"] == "active"
