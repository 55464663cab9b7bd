"""A service of one aggregate, counters, for the tests of the store and the relay."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

import pika
from mongoengine import DynamicDocument

from shared.config import Common
from shared.envelope import Event, parse
from shared.errors import Conflict
from shared.platform import Platform
from shared.relay import Relay
from shared.store import Store
from tests.memory_store import MemoryStore
from tests.servers import Vhost
from tests.waiting import wait_until

EXCHANGE = "stint.events"


@dataclass(frozen=True)
class CounterHit:
    type: ClassVar[str] = "counter.hit.v1"
    count: int
    by: str = ""


@dataclass
class Counter:
    """Counts; `status` is for handlers that find their work done already."""

    id: str
    count: int = 0
    status: str = "down"
    due_at: datetime | None = None
    version: int = 0
    events: list[CounterHit] = field(default_factory=list)

    def hit(self, by: str = "") -> None:
        self.count += 1
        self.events.append(CounterHit(self.count, by))

    def set(self, status: str) -> None:
        """Done already where it has that status."""
        self.status = status

    def require_down(self) -> None:
        if self.status != "down":
            raise Conflict("not-down", "It is not down.")
        self.hit()


class CounterDocument(DynamicDocument):
    meta = {
        "collection": "counters",
        "auto_create_index": False,
        "indexes": ["status", ("status", "-count")],
    }


def platform(environment: Mapping[str, str], relay: Relay | None = None, **more: Any) -> Platform:
    settings = Common(
        environment="development",
        amqp_uri=environment["AMQP_URI"],
        mongo_uri=environment["MONGO_URI"],
        database_prefix=environment["DATABASE_PREFIX"],
        **more,
    )
    return Platform(settings, "tally", relay=relay)


def counters(platform: Platform, **options: Any) -> Store[Counter]:
    return Store(platform, Counter, CounterDocument, **options)


Tally = Store[Counter] | MemoryStore[Counter]


def start(store: Tally, id: str = "c") -> Counter:
    return store.create(None, Counter(id))


class Spy:
    """A use case that counts its runs and sees which aggregate each was given."""

    def __init__(self, use_case: Callable[[Counter], object]) -> None:
        self._use_case, self.seen = use_case, list[Counter]()

    def __call__(self, counter: Counter) -> None:
        self.seen.append(replace(counter))
        self._use_case(counter)


class Worker:
    """`worker.py` in a process of its own, where everything is patched as in production."""

    def __init__(self, environment: Mapping[str, str], command: str, **arguments: Any) -> None:
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed by `end`)
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.worker", command, json.dumps(arguments)],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def said(self) -> str:
        self._output.seek(0)
        return self._output.read()

    def wait_for(self, text: str, seconds: float = 60) -> None:
        wait_until(lambda: text in self.said(), seconds, lambda: f"{text!r} in:\n{self.said()}")

    def finish(self, seconds: float = 60) -> dict[str, Any]:
        """Tell it to stop, and read its answer: the last line."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds} s:\n{self.said()}") from None
        assert code == 0, self.said()
        answer: dict[str, Any] = json.loads(self.said().strip().splitlines()[-1])
        return answer

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        self._output.close()


@contextmanager
def workers(environment: Mapping[str, str], *jobs: dict[str, Any]) -> Iterator[list[Worker]]:
    running: list[Worker] = []
    try:
        for job in jobs:
            running.append(Worker(environment, **job))
        yield running
    finally:
        for worker in running:
            worker.end()


class Inbox:
    """A queue that is bound to all events."""

    def __init__(self, vhost: Vhost, name: str = "inbox", **arguments: Any) -> None:
        self._uri, self._name = vhost.amqp_uri, name
        with self._channel() as channel:
            channel.exchange_declare(EXCHANGE, "topic", durable=True)
            kind = {"x-queue-type": "quorum", **arguments}
            channel.queue_declare(name, durable=True, arguments=kind)
            channel.queue_bind(name, EXCHANGE, "#")

    def take(self, distinct: int, seconds: float = 60) -> list[Event]:
        """All events in their order, repeats included, once so many different ones are there."""
        found: list[Event] = []
        ids: set[str] = set()
        with self._channel() as channel:

            def read() -> bool:
                while (answer := channel.basic_get(self._name, auto_ack=True))[0] is not None:
                    found.append(parse(answer[2]))
                    ids.add(found[-1].id)
                return len(ids) >= distinct

            wait_until(read, seconds, lambda: f"{distinct} events; {len(ids)} came")
        return found

    def take_raw(self) -> tuple[Any, bytes]:
        """Properties and body of the next message."""
        with self._channel() as channel:
            wait_until(lambda: self._count(channel) > 0)
            _, properties, body = channel.basic_get(self._name, auto_ack=True)
            return properties, body

    def unbind(self) -> None:
        with self._channel() as channel:
            channel.queue_unbind(self._name, EXCHANGE, "#")

    def bind(self) -> None:
        with self._channel() as channel:
            channel.queue_bind(self._name, EXCHANGE, "#")

    def count(self) -> int:
        with self._channel() as channel:
            return self._count(channel)

    def _count(self, channel: Any) -> int:
        declared = channel.queue_declare(self._name, passive=True)
        return int(declared.method.message_count)

    @contextmanager
    def _channel(self) -> Iterator[Any]:
        connection = pika.BlockingConnection(pika.URLParameters(self._uri))
        try:
            yield connection.channel()
        finally:
            connection.close()


def first_deliveries(events: list[Event]) -> dict[str, list[int]]:
    """What each counter announced, repeats left out, in the order in which it came."""
    seen: set[str] = set()
    counts: dict[str, list[int]] = {}
    for event in events:
        if event.id not in seen:
            seen.add(event.id)
            counts.setdefault(event.subject, []).append(event.data["count"])
    return counts
