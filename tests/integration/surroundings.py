"""What stands around a service process in a test: it tells events, asks, and listens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pika

from shared import topology
from shared.caller import Caller
from shared.envelope import CONTENT_TYPE, Call
from shared.principal import Principal
from tests.examples import example_of
from tests.servers import SHORT_LADDER, ServiceProcess, Vhost
from tests.waiting import wait_until

LADDER_SECONDS = (0.2, 0.5, 1.0)
Body = dict[str, Any]


@dataclass
class Surroundings:
    """`service` is whose events are heard and whom `ask` asks."""

    service: str
    vhost: Vhost
    caller: Caller
    connection: pika.BlockingConnection
    channel: Any
    listening: str
    heard: list[Body] = field(default_factory=list)
    told: list[Body] = field(default_factory=list)

    def ask(self, by: Principal, method: str, /, **arguments: Any) -> Any:
        return self.caller.call(self.service, method, Call(principal=by), **arguments)

    def tell(
        self, noun_and_verb: str, version: int = 1, at: datetime | None = None, **data: Any
    ) -> Body:
        """Publish an event of another service: its contract's first example, changed."""
        type_ = f"{noun_and_verb}.v1"
        example = example_of(type_)
        event = {
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": "elsewhere",
            "type": type_,
            "subject": "thing:1",
            "time": (at or datetime.now(UTC)).isoformat(timespec="milliseconds"),
            "aggregateversion": version,
            "data": {**example, **data},
        }
        self.told.append(event)
        self.publish(event)
        return event

    def publish(self, *events: Body) -> None:
        for event in events:
            about = pika.BasicProperties(
                content_type=CONTENT_TYPE, message_id=event["id"], delivery_mode=2
            )
            body = orjson.dumps(event)
            self.channel.basic_publish(topology.EVENTS, event["type"], body, about)

    def hear(self, noun_and_verb: str, count: int = 1, seconds: float = 15) -> list[Body]:
        """Wait until the service has announced so many; their data."""
        wait_until(lambda: len(self._drain(noun_and_verb)) >= count, seconds, noun_and_verb)
        return self._drain(noun_and_verb)

    def _drain(self, noun_and_verb: str) -> list[Body]:
        while (got := self.channel.basic_get(self.listening, auto_ack=True))[0]:
            event = orjson.loads(got[2])
            if event["source"] == self.service:
                self.heard.append(event)
        distinct = {event["id"]: event for event in self.heard}
        return [
            event["data"] for event in distinct.values() if event["type"] == f"{noun_and_verb}.v1"
        ]

    def wait_handled(self, process: ServiceProcess, *events: Body, times: int = 1) -> None:
        """Until the process has finished with each of the events so often."""

        def done() -> bool:
            ids = [
                line["event_id"]
                for line in process.lines()
                if line.get("event") == "handled" and line["outcome"] in ("ok", "duplicate")
            ]
            return all(ids.count(event["id"]) >= times for event in events)

        wait_until(done, 20, "handling")


@contextmanager
def surroundings(service: str, vhost: Vhost) -> Iterator[Surroundings]:
    """The topology is declared, and everything that is announced from now on is heard."""
    ladder = dict(zip(SHORT_LADDER.split(","), LADDER_SECONDS, strict=True))
    topology.apply(vhost.amqp_uri, topology.plan(topology.read_handlers(), ladder))
    connection = pika.BlockingConnection(pika.URLParameters(f"{vhost.amqp_uri}?heartbeat=0"))
    channel = connection.channel()
    listening = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(listening, topology.EVENTS, "#")
    caller = Caller(vhost.amqp_uri, limit=10)
    caller.start()
    try:
        yield Surroundings(service, vhost, caller, connection, channel, listening)
    finally:
        caller.stop()
        connection.close()
