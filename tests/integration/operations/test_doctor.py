"""`stint doctor`: one line for each thing, and exit code 1 when one of them is wrong."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pymongo
import pytest

from deploy.cli.consistency import lasting_complaints
from deploy.cli.databases import Databases
from shared.platform import Platform
from shared.topology import queue_name, read_handlers
from tests.integration.messaging.stage import Wire
from tests.integration.operations.conftest import Stint
from tests.integration.store.tally import Counter, counters
from tests.servers import Vhost
from tests.waiting import wait_until

FUNDED = "projects.on_payment_funded"


@contextmanager
def health_server(status: int, body: bytes) -> Iterator[str]:
    """The address of a service that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def readers(bus: Wire) -> Iterator[None]:
    """Somebody reads every handler's queue, and never gets beyond the first message."""
    with bus.channel() as channel:
        channel.basic_qos(prefetch_count=1)
        for service, heard in read_handlers().items():
            for handler in heard:
                channel.basic_consume(queue_name(service, handler), lambda *_: None)
        yield


def examined(stint: Stint, *arguments: str) -> dict[str, dict[str, str]]:
    found = json.loads(stint("doctor", "--json", *arguments).stdout)
    return {finding["name"]: finding for finding in found}


def test_all_is_well_in_one_line_each(stint: Stint, bus: Wire) -> None:
    with readers(bus), health_server(200, b"{}") as address:
        result = stint("doctor", "--service", f"payments={address}", "--data")

    assert result.exit_code == 0, result.output
    lines = [line.split()[:2] for line in result.stdout.splitlines()]
    names = ["broker", "topology", "leaders", "queues", "retries", "parked", "unrouted"]
    names += ["partners"]
    names += ["database", "clock", "outboxes", "data", "payments"]
    assert lines == [["ok", name] for name in names]


def test_each_thing_that_is_wrong_is_named_with_its_runbook(
    stint: Stint, bus: Wire, tally: Platform
) -> None:
    counters(tally).change("c-1", None, Counter.hit, new=lambda: Counter("c-1"))
    bus.publish(b"{}", FUNDED, exchange="stint.parked")
    bus.publish(b"{}", "nobody", exchange="stint.parked")
    with bus.channel() as channel:
        channel.queue_delete("projects.on_payout_paid")
    with health_server(503, b'{"broker": true, "database": false}') as sick:
        found = examined(
            stint, "--outbox-age", "0s", "--service", f"a={sick}", "--service", "b=http://[::1]:1"
        )

    wrong = {name: one for name, one in found.items() if one["state"] == "wrong"}
    assert set(wrong) == {"topology", "queues", "parked", "unrouted", "outboxes", "a", "b"}
    assert wrong["topology"]["text"].startswith("missing queue projects.on_payout_paid")
    assert wrong["queues"]["text"].startswith("nobody reads ")
    assert wrong["parked"]["text"] == f"1 in {FUNDED}.parked"
    assert wrong["outboxes"]["text"].endswith("tally c-1")
    assert wrong["a"]["text"] == "not ready: database"
    assert wrong["b"]["text"].startswith("does not answer at http://[::1]:1")
    assert {one["runbook"] for one in wrong.values()} == {
        "", "queue-growing", "parked-messages", "old-outbox",
    }  # fmt: skip


def test_a_long_queue_is_wrong(stint: Stint, bus: Wire) -> None:
    with readers(bus):
        for _ in range(7):
            bus.publish(b"{}", FUNDED, exchange="stint.redeliver")
        wait_until(lambda: bus.count(FUNDED) == 6)
        assert examined(stint, "--lag", "6")["queues"]["state"] == "ok"
        found = examined(stint, "--lag", "5")["queues"]

    assert found["state"] == "wrong"
    assert found["text"] == f"{FUNDED} has 6 messages waiting"
    assert found["runbook"] == "queue-growing"


def test_without_a_management_api_missing_queues_are_found_all_the_same(
    stint: Stint, bus: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MANAGEMENT_URI")
    assert examined(stint)["topology"]["state"] == "ok"
    with bus.channel() as channel:
        channel.queue_delete(FUNDED)

    assert examined(stint)["topology"]["text"].startswith(f"missing queue {FUNDED}")


def test_what_is_away_is_told_and_the_rest_is_looked_at(
    stint: Stint, vhost: Vhost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMQP_URI", "amqp://127.0.0.1:1")
    monkeypatch.setenv("MONGO_URI", "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200")

    result = stint("doctor")

    assert result.exit_code == 1
    states = {line.split()[1]: line.split()[0] for line in result.stdout.splitlines()}
    assert (states["broker"], states["database"]) == ("wrong", "wrong")
    assert {states[name] for name in ("topology", "leaders", "queues", "partners", "outboxes")} == {
        "unknown"
    }
    assert "deploy/runbooks/broker-down.md" in result.stdout


def test_a_clock_that_is_off_is_wrong(stint: Stint, bus: Wire) -> None:
    assert examined(stint, "--skew", "0s")["clock"]["state"] == "wrong"


def test_data_that_does_not_fit_is_told_only_where_it_stays_so(
    stint: Stint, bus: Wire, service_env: dict[str, str]
) -> None:
    """An engagement whose escrow is a moment late is no fault; one without an escrow is."""
    with pymongo.MongoClient(service_env["MONGO_URI"]) as client:
        prefix = service_env["DATABASE_PREFIX"]
        engagements = client[f"{prefix}_projects"]["engagements"]
        engagements.insert_many([{"_id": "eng-1"}, {"_id": "eng-2"}])
        client[f"{prefix}_payments"]["escrows"].insert_one({"_id": "eng-3"})
        databases = Databases(client, prefix)

        def arrive(_seconds: float) -> None:
            client[f"{prefix}_payments"]["escrows"].insert_one({"_id": "eng-1"})
            engagements.insert_one({"_id": "eng-3"})

        assert lasting_complaints(databases, arrive) == ["engagement eng-2 has no escrow"]
    assert examined(stint, "--data")["data"]["text"] == "engagement eng-2 has no escrow"


def test_the_environment_may_name_the_health_addresses(
    stint: Stint, bus: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    with health_server(200, b"{}") as address:
        monkeypatch.setenv("STINT_HEALTH", f"payments={address} projects={address}")
        found = examined(stint)

    assert (found["payments"]["state"], found["projects"]["state"]) == ("ok", "ok")
    assert stint("doctor", "--service", "payments").exit_code == 2
