"""The sample service's broker and database, as the tests see them from outside."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pika
import pymongo
import pytest

from deploy.cli.parked_queue import Parked, ParkedQueue
from deploy.embedded.database import Database
from shared.envelope import CONTENT_TYPE
from shared.topology import apply, parked_name, plan, read_handlers
from tests.integration.conftest import StartService
from tests.servers import SHORT_LADDER, ServiceProcess, Vhost
from tests.waiting import wait_until

HERE = Path(__file__).parent
SAMPLE = "tests.integration.messaging.sample"
HANDLERS = read_handlers(HERE / "contracts", HERE / "services.yml")
LADDER = {"200ms": 0.2, "500ms": 0.5, "1s": 1.0}
SOON = 3  # seconds: a second, and what a busy machine adds
DONE, SEEN, CALLS = "sample.on_thing_done", "sample.on_thing_seen", "rpc-sample"


class Wire:
    """Publishes and looks at queues, each time over a new connection: it survives any broker."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def apply_topology(self) -> None:
        apply(self.uri, plan(HANDLERS, LADDER))

    def announce(self, do: str, *, type_: str = "thing.done.v1", **data: Any) -> str:
        """Publish an event of ours; returns its id."""
        id_ = str(uuid4())
        self.publish(envelope(id_, type_, {"do": do, **data}), type_, message_id=id_)
        return id_

    def publish(
        self,
        body: bytes,
        key: str = "thing.done.v1",
        *,
        exchange: str = "stint.events",
        content_type: str | None = CONTENT_TYPE,
        **properties: Any,
    ) -> None:
        with self.channel() as channel:
            about = pika.BasicProperties(content_type=content_type, **properties)
            channel.basic_publish(exchange, key, body, about, mandatory=True)

    def count(self, queue: str) -> int:
        """Messages that wait; those that a consumer holds do not count."""
        with self.channel() as channel:
            declared = channel.queue_declare(queue, passive=True)
            return int(declared.method.message_count)

    def parked(self, queue: str = DONE) -> list[Parked]:
        with self.channel() as channel:
            return list(ParkedQueue.open(channel, parked_name(queue)).peek())

    def empty_parked(self, queue: str = DONE) -> None:
        with self.channel() as channel:
            channel.queue_purge(parked_name(queue))

    def wait_parked(self, count: int = 1, queue: str = DONE, seconds: float = 10) -> list[Parked]:
        wait_until(
            lambda: self.count(parked_name(queue)) >= count,
            seconds,
            lambda: f"{count} in {parked_name(queue)}",
        )
        return self.parked(queue)

    @contextmanager
    def channel(self) -> Iterator[Any]:
        with pika.BlockingConnection(pika.URLParameters(self.uri)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel


class Runs:
    """What the sample has noted in its database."""

    def __init__(self, collection: Any) -> None:
        self.collection = collection

    def began(self, id_: str) -> list[float]:
        """When the handler began with this message, in seconds since the epoch."""
        return [run["at"] for run in self.collection.find({"message": id_}).sort("at")]

    def ended(self, *ids: str) -> int:
        """How often it got through to the end."""
        return int(self.collection.count_documents({"ended": {"$in": list(ids)}}))

    def wait_began(self, id_: str, times: int = 1, seconds: float = 10) -> None:
        wait_until(lambda: len(self.began(id_)) >= times, seconds, lambda: f"run {times} of {id_}")

    def wait_ended(self, *ids: str, seconds: float = 10) -> None:
        wait_until(lambda: self.ended(*ids) >= len(ids), seconds, lambda: f"the end of {ids}")


@pytest.fixture
def wire(vhost: Vhost) -> Wire:
    wire = Wire(vhost.amqp_uri)
    wire.apply_topology()
    return wire


@pytest.fixture
def runs(database: Database, database_prefix: str) -> Iterator[Runs]:
    with pymongo.MongoClient(database.uri, serverSelectionTimeoutMS=5000) as client:
        yield Runs(client[f"{database_prefix}_sample"]["runs"])


@pytest.fixture
def sample(wire: Wire, start_service: StartService) -> ServiceProcess:
    return start_service(SAMPLE)


def envelope(id_: str, type_: str, data: dict[str, Any]) -> bytes:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": id_,
            "source": "tests",
            "type": type_,
            "subject": f"thing:{id_}",
            "time": "2030-01-02T03:04:05.678+00:00",
            "data": data,
        }
    ).encode()


def handled(service: ServiceProcess, id_: str) -> list[dict[str, Any]]:
    """The log lines about one event, in order."""
    return [
        line
        for line in service.lines()
        if line.get("event") == "handled" and line.get("event_id") == id_
    ]


@pytest.fixture(scope="module")
def module_wire(module_vhost: Vhost) -> Wire:
    wire = Wire(module_vhost.amqp_uri)
    wire.apply_topology()
    return wire


@pytest.fixture(scope="module")
def module_runs(database: Database, module_database_prefix: str) -> Iterator[Runs]:
    with pymongo.MongoClient(database.uri, serverSelectionTimeoutMS=5000) as client:
        yield Runs(client[f"{module_database_prefix}_sample"]["runs"])


@pytest.fixture(scope="module")
def module_sample(
    module_wire: Wire, database: Database, module_database_prefix: str, servers_folder: Path
) -> Iterator[ServiceProcess]:
    """One sample for the tests of a file that leave it as they found it."""
    env = {
        "STINT_ENV": "development",
        "AMQP_URI": module_wire.uri,
        "MONGO_URI": database.uri,
        "DATABASE_PREFIX": module_database_prefix,
        "RETRY_LADDER": SHORT_LADDER,
    }
    process = ServiceProcess(SAMPLE, env, servers_folder)
    process.start()
    process.wait_ready()
    yield process
    process.terminate(10)
