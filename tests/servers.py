"""The private servers of a test run, and what they look like when a test fails."""

import http.client
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pymongo

from deploy.embedded import state
from deploy.embedded.broker import Broker
from deploy.embedded.database import Database
from deploy.embedded.processes import Child, Watchdog, free_ports, members, sweep
from tests.outboxes import waiting
from tests.waiting import wait_until

SHORT_LADDER = "200ms,500ms,1s"
READY_SECONDS = 30


@contextmanager
def run_folder() -> Iterator[Path]:
    """A folder for the servers of this process, which are ended and removed at its end."""
    _remove_left_overs()
    root = state.TESTS / str(os.getpid())
    lock = state.Lock(root)
    lock.take()
    watchdog = Watchdog(root)
    try:
        yield root
    finally:
        sweep(root, grace=0)  # The data is thrown away, so nobody needs time to save it.
        watchdog.dismiss()
        shutil.rmtree(root, ignore_errors=True)
        lock.release()


def _remove_left_overs() -> None:
    for lock in state.TESTS.glob(f"*/{state.Lock.NAME}"):
        if state.owner(lock.parent) is None and not any(members(lock.parent)):
            shutil.rmtree(lock.parent, ignore_errors=True)


@dataclass
class Vhost:
    """A vhost of its own on the shared node."""

    broker: Broker
    name: str

    @property
    def amqp_uri(self) -> str:
        return self.broker.amqp_uri(self.name)

    @property
    def management_uri(self) -> str:
        return self.broker.management_uri

    def queues(self) -> dict[str, int]:
        """Messages per queue, as management counts them: up to a second behind."""
        return {row["name"]: row.get("messages", 0) for row in self._queue_rows()}

    def peek(self, queue: str, count: int = 10) -> list[dict[str, Any]]:
        """The first messages of a queue, left where they are."""
        body = {"count": count, "ackmode": "ack_requeue_true", "encoding": "auto"}
        path = f"queues/{quote(self.name, safe='')}/{quote(queue, safe='')}/get"
        found: list[dict[str, Any]] = self.broker.api("POST", path, body)
        return found

    def wait_registered(self) -> None:
        """Until each quorum queue survives `kill -9` of its node.

        RabbitMQ notes such queues in a dets file, which is written seconds after the declaration
        was answered. A node that dies before makes the queue anew and never elects its leader.
        """
        (names,) = self.broker.folder.glob("data/*/quorum/*/names.dets")
        queues = [row["name"] for row in self._queue_rows() if row["type"] == "quorum"]
        members = [f"{self.name}_{queue}".encode() for queue in queues]
        wait_until(lambda: all(member in names.read_bytes() for member in members), 30)

    def _queue_rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.broker.api("GET", f"queues/{quote(self.name, safe='')}")
        return rows

    def drop_connections(self) -> None:
        """Close every client's connection, as a broker does that lost its network."""
        for row in self.broker.api("GET", f"vhosts/{quote(self.name, safe='')}/connections"):
            with suppress(OSError):  # It went by itself meanwhile.
                self.broker.api("DELETE", f"connections/{quote(row['name'], safe='')}")


@contextmanager
def new_vhost(broker: Broker) -> Iterator[Vhost]:
    name = f"test-{uuid4().hex[:12]}"
    broker.add_vhost(name)
    try:
        yield Vhost(broker, name)
    finally:
        with suppress(OSError):  # The test may have left the broker dead.
            broker.drop_vhost(name)


@contextmanager
def new_prefix(database: Database) -> Iterator[str]:
    """A prefix for the names of databases, which are dropped afterwards."""
    prefix = f"t{uuid4().hex[:10]}"
    try:
        yield prefix
    finally:
        with suppress(pymongo.errors.PyMongoError), pymongo.MongoClient(database.uri) as client:
            for name in client.list_database_names():
                if name.startswith(prefix):
                    client.drop_database(name)


class ServiceProcess(Child):
    """`python -m shared.run` of a service's name, or of a dotted module with a test service."""

    def __init__(self, what: str, env: Mapping[str, str], folder: Path) -> None:
        self.what = what
        (self.health_port,) = free_ports(1)
        arguments = ["--module", what] if "." in what else [what]
        super().__init__(
            what,
            [sys.executable, "-m", "shared.run", *arguments],
            stack=folder,
            log=folder / "logs" / f"{what}-{uuid4().hex[:6]}.log",
            env={**env, "HEALTH_PORT": str(self.health_port)},
        )

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Until it is ready; EmbeddedError with the end of its log when it dies or is late."""
        self.wait_until(lambda: health(self.health_port), seconds)

    def wait_exit(self, seconds: float = 10) -> int:
        """The code that it ends with by itself."""
        wait_until(lambda: not self.alive, seconds, lambda: f"{self.name} goes on")
        return self.exit_code or 0

    def lines(self) -> list[dict[str, Any]]:
        """Its log, decoded; lines that are no JSON (the interpreter's own) are left out."""
        found = []
        for line in self.log.read_text(errors="replace").splitlines():
            with suppress(ValueError):
                found.append(json.loads(line))
        return [line for line in found if isinstance(line, dict)]


def health(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def diagnose(vhost: Vhost | None, database: Database | None, prefix: str) -> str:
    """What is stuck where: messages in queues, parked ones, events not yet confirmed."""
    parts = []
    if vhost:
        parts.append(_safely(_describe_queues, vhost))
    if database:
        parts.append(_safely(_describe_outboxes, database, prefix))
    return "\n".join(parts)


def _safely(describe: Any, *arguments: Any) -> str:
    try:
        return str(describe(*arguments))
    except Exception as exc:  # noqa: BLE001 (a report about a failure must not hide it)
        return f"{describe.__name__}: {exc!r}"


def _describe_queues(vhost: Vhost) -> str:
    lines = []
    for name, count in sorted(vhost.queues().items()):
        if not count:
            continue
        lines.append(f"queue {name}: {count}")
        if name.endswith(".parked"):
            for message in vhost.peek(name, 3):
                headers = message["properties"].get("headers", {})
                lines.append(f"  {json.dumps(headers, default=str)} {message['payload'][:300]}")
    return "\n".join(lines) or "every queue is empty"


def _describe_outboxes(database: Database, prefix: str) -> str:
    lines = []
    with pymongo.MongoClient(database.uri, serverSelectionTimeoutMS=1000) as client:
        for name in client.list_database_names():
            if not name.startswith(prefix):
                continue
            for collection, id_, events in islice(waiting(client[name]), 20):
                types = [event.get("type") for event in events]
                lines.append(f"outbox of {name}.{collection} {id_}: {types}")
    return "\n".join(lines) or "every outbox is empty"
