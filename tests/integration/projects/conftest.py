"""The projects service as a process of its own, and what stands around it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pika
import pytest

from deploy.embedded.database import Database
from shared import topology
from shared.caller import Caller
from shared.envelope import CONTENT_TYPE, Call
from shared.principal import ANONYMOUS, Principal
from tests.examples import example_of
from tests.servers import SHORT_LADDER, ServiceProcess, Vhost
from tests.waiting import wait_until

LADDER_SECONDS = (0.2, 0.5, 1.0)
STOP_SECONDS = 15


@dataclass
class Around:
    """The rest of the platform: it calls, it tells, it listens, and it moves the clock.

    The tests share a service process, so each has people, ids and events of its own, by its tag.
    """

    caller: Caller
    channel: Any
    listening: str
    process: ServiceProcess
    clock: Path
    tag: str = field(default_factory=lambda: uuid4().hex[:8])
    told: list[dict[str, Any]] = field(default_factory=list)
    verified: set[str] = field(default_factory=set)

    def own(self, name: str) -> str:
        """This test's own id of that name."""
        return f"{name}-{self.tag}"

    def ask(self, by: Principal, method: str, /, **arguments: Any) -> Any:
        org_id = by.org_id and self.own(by.org_id)
        who = by if by is ANONYMOUS else Principal(self.own(by.id), by.role, org_id)
        return self.caller.call("projects", method, Call(principal=who), **arguments)

    def verify(self, org: str = "org-acme") -> None:
        """An operator verifies the organisation; returns when the service has heard of it."""
        if org not in self.verified:
            told = self.tell("organisation.verified", org_id=self.own(org), level="verified")
            wait_until(lambda: self.handled(told), 10, "hearing of the level")
            self.verified.add(org)

    def tell(self, noun_and_verb: str, **data: Any) -> dict[str, Any]:
        """Publish an event of another service: its contract's first example, changed."""
        type_ = f"{noun_and_verb}.v1"
        example = example_of(type_)
        event = {
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": "elsewhere",
            "type": type_,
            "subject": "thing:1",
            "time": self.now().isoformat(timespec="milliseconds"),
            "data": {**example, **data},
        }
        self.publish(event)
        return event

    def publish(self, event: dict[str, Any]) -> None:
        properties = pika.BasicProperties(
            content_type=CONTENT_TYPE, message_id=event["id"], delivery_mode=2
        )
        body = orjson.dumps(event)
        self.channel.basic_publish(topology.EVENTS, event["type"], body, properties)

    def hear(self, noun_and_verb: str, times: int = 1) -> dict[str, Any]:
        """Wait until the service has announced this so often; the data of the last one."""
        found = wait_until(lambda: self._announced(noun_and_verb, times), 20, noun_and_verb)
        return dict(found[times - 1]["data"])

    def _announced(self, noun_and_verb: str, times: int) -> list[dict[str, Any]]:
        while (got := self.channel.basic_get(self.listening, auto_ack=True))[0]:
            event = orjson.loads(got[2])
            if event["source"] == "projects" and event["data"]["org_id"].endswith(self.tag):
                self.told.append(event)
        found = [event for event in self.told if event["type"] == f"{noun_and_verb}.v1"]
        return found if len(found) >= times else []

    def handled(self, event: dict[str, Any]) -> int:
        """How often the process has finished with this event."""
        lines = [line for line in self.process.lines() if line.get("event") == "handled"]
        return sum(line["event_id"] == event["id"] for line in lines)

    def now(self) -> datetime:
        """The service's time."""
        return datetime.now(UTC) + timedelta(seconds=self._offset())

    def later(self, **time: float) -> None:
        """Move the service's clock on."""
        self.clock.write_text(str(self._offset() + timedelta(**time).total_seconds()))

    def _offset(self) -> float:
        return float(self.clock.read_text())


@pytest.fixture(scope="module")
def running(
    module_vhost: Vhost,
    database: Database,
    module_database_prefix: str,
    servers_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[ServiceProcess, Path]]:
    """One process for the tests of a module, and the file that moves its clock."""
    clock = tmp_path_factory.mktemp("clock") / "offset"
    clock.write_text("0")
    env = {
        "STINT_ENV": "development",
        "AMQP_URI": module_vhost.amqp_uri,
        "MONGO_URI": database.uri,
        "DATABASE_PREFIX": module_database_prefix,
        "RETRY_LADDER": SHORT_LADDER,
        "CLOCK_OFFSET_FILE": str(clock),
    }
    ladder = dict(zip(SHORT_LADDER.split(","), LADDER_SECONDS, strict=True))
    topology.apply(module_vhost.amqp_uri, topology.plan(topology.read_handlers(), ladder))
    process = ServiceProcess("projects", env, servers_folder)
    process.start()
    try:
        process.wait_ready()
        yield process, clock
    finally:
        process.terminate(STOP_SECONDS)


@pytest.fixture
def around(module_vhost: Vhost, running: tuple[ServiceProcess, Path]) -> Iterator[Around]:
    connection = pika.BlockingConnection(pika.URLParameters(module_vhost.amqp_uri))
    channel = connection.channel()
    listening = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(listening, topology.EVENTS, "#")
    caller = Caller(module_vhost.amqp_uri, limit=10)
    caller.start()
    yield Around(caller, channel, listening, *running)
    caller.stop()
    connection.close()
