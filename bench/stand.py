"""Servers of a measurement's own, and one side of the flow at work on them."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pika
import psutil
import pymongo

from bench.journey import stored
from bench.sides import SINK, Setting, Side
from deploy.embedded.broker import Broker
from deploy.embedded.database import Database
from deploy.embedded.processes import Child
from tests.servers import new_prefix, new_vhost, run_folder

WARM_UP = 200  # Engagements that are not counted.
LONGEST = 300  # seconds
STATES = {
    "e": ("engagements", "evaluated", 2),
    "escrow-e": ("escrows", "paid", 2),
    "offer-e": ("offers", "offered", 1),
}


class Wrong(Exception):
    """A side lost or doubled something, or did not end."""


@dataclass(frozen=True)
class Servers:
    folder: Path
    broker: Broker
    database: Database


@dataclass
class Run:
    """What one run of one side measured; CPU seconds by process."""

    rate: float
    seconds: float
    cpu: dict[str, float] = field(default_factory=dict)
    repeats: int = 0


@contextmanager
def servers() -> Iterator[Servers]:
    """A broker and a database, started for this and removed afterwards."""
    with run_folder() as folder:
        broker = Broker(folder / "broker", folder)
        database = Database(folder / "database", folder)
        broker.start()
        database.start()
        yield Servers(folder, broker, database)


@dataclass
class Stage:
    """A side with its queues and its processes, ready for work."""

    here: Servers
    side: Side
    way: Any
    database: Any
    children: list[Child]
    fed: int = 0  # Engagements that were announced so far.

    def fill(self, numbers: range) -> None:
        """Store what is there beforehand, many documents per write."""
        for start in range(numbers.start, numbers.stop, 2_000):
            for name, documents in stored(range(start, min(start + 2_000, numbers.stop))):
                rows = [self.side.document(one) for one in documents]
                self.database[name].insert_many(rows, ordered=False)

    def feed(self, numbers: range) -> None:
        """Announce the work of these engagements, all at once."""
        for number in numbers:
            body, about = self.side.message(number)
            self.way.basic_publish(self.side.exchange, self.side.key, body, about)
        self.fed += len(numbers)

    def offered(self) -> int:
        """Offers that were announced so far, repeats included."""
        return int(self.way.queue_declare(SINK, passive=True).method.message_count)

    def wait(self, count: int) -> None:
        """Until so many offers were announced."""
        until = time.monotonic() + LONGEST
        while (found := self.offered()) < count:
            first = self.children[0]
            if time.monotonic() > until:
                raise Wrong(f"{first.name}: {found} of {count}\n{first.last_lines()}")
            if not all(child.alive for child in self.children):
                raise Wrong(f"{first.name} has ended:\n{first.last_lines()}")
            time.sleep(0.02)

    def measure(self, numbers: range, kill: int = 0) -> Run:
        """From the first announcement of work to the last of an offer; `kill -9` now and then."""
        before, fed, began = self._cpu(), self.fed, time.perf_counter()
        self.feed(numbers)
        for number in range(kill):
            self.wait(fed + len(numbers) * (number + 1) // (kill + 2))
            child = self.children[number % len(self.children)]
            child.kill()
            child.start()
        self.wait(fed + len(numbers))
        seconds, after = time.perf_counter() - began, self._cpu()
        cpu = {} if kill else {name: round(after[name] - before[name], 2) for name in after}
        return Run(round(len(numbers) / seconds, 1), round(seconds, 3), cpu)

    def verify(self, numbers: range) -> int:
        """How many offers came again; raises Wrong where one is missing, or a change came twice."""
        repeats = self._repeats(len(numbers))
        for prefix, (name, status, version) in STATES.items():
            for start in range(numbers.start, numbers.stop, 500):
                part = range(start, min(start + 500, numbers.stop))
                ids = [f"{prefix}{number}" for number in part]
                rows = self.database[name].find({"_id": {"$in": ids}}, {"status": 1, "version": 1})
                if sum((r["status"], r["version"]) == (status, version) for r in rows) < len(ids):
                    raise Wrong(f"{self.side.name}: not all {name} are {status}, once")
        return repeats

    def _repeats(self, count: int) -> int:
        """After a crash the last offers may take a while."""
        seen: set[bytes] = set()
        messages, until = 0, time.monotonic() + 60
        while time.monotonic() < until:
            method, _, body = self.way.basic_get(SINK, auto_ack=True)
            if method is not None:
                messages += 1
                seen.add(body[body.index(b"offer-") :].split(b'"')[0])
            elif len(seen) == count:
                return messages - count
            else:
                time.sleep(0.05)
        raise Wrong(f"{self.side.name}: {len(seen)} of {count} offers were announced")

    def _cpu(self) -> dict[str, float]:
        pids = {
            "side": [child.pid for child in self.children],
            "database": [self.here.database.server.pid],
            "broker": [self.here.broker.node.pid],
        }
        return {name: sum(seconds(pid) for pid in found) for name, found in pids.items()}


@contextmanager
def stage(
    here: Servers, side: Side, setting: Setting | None = None, prefix: str | None = None
) -> Iterator[Stage]:
    """Queues and a database of its own (or the one of that prefix), and the side's processes."""
    setting = setting or side.tried[0]
    Path(".stint/bench").mkdir(parents=True, exist_ok=True)
    with (
        new_vhost(here.broker) as vhost,
        nullcontext(prefix) if prefix else new_prefix(here.database) as named,
        pymongo.MongoClient[Any](here.database.uri) as client,
        _channel(vhost.amqp_uri) as way,
    ):
        side.declare(vhost.amqp_uri, way)
        env = environment(vhost.amqp_uri, here.database.uri, named, setting)
        with running(here, side, setting, env) as children:
            yield Stage(here, side, way, client[f"{named}_flow"], children)


def play(here: Servers, side: Side, setting: Setting, flows: int, *, kill: int = 0) -> Run:
    """One side from its start to its end; raises Wrong."""
    with stage(here, side, setting) as on:
        numbers = range(WARM_UP + flows)
        on.fill(numbers)
        on.feed(numbers[:WARM_UP])
        on.wait(WARM_UP)
        run = on.measure(numbers[WARM_UP:], kill)
        run.repeats = on.verify(numbers)
    return run


def environment(amqp_uri: str, mongo_uri: str, prefix: str, setting: Setting) -> dict[str, str]:
    return {
        "AMQP_URI": amqp_uri,
        "MONGO_URI": mongo_uri,
        "DATABASE_PREFIX": prefix,
        "FLOW_DATABASE": f"{prefix}_flow",
        "FLOW_CONCURRENCY": str(setting.concurrency),
        "STINT_ENV": "development",
        "RETRY_LADDER": "5s",
        "REPLICAS": str(setting.processes),
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": os.getcwd(),
        "PYTHONWARNINGS": "ignore",
    }


@contextmanager
def running(
    here: Servers, side: Side, setting: Setting, env: Mapping[str, str]
) -> Iterator[list[Child]]:
    log = here.folder / "logs" / f"{side.name.replace(' ', '-')}-{uuid4().hex[:6]}.log"
    command = side.command(setting)
    children = [
        Child(side.name, command, stack=here.folder, log=log, env=env)
        for _ in range(setting.processes)
    ]
    for child in children:
        child.start()
    try:
        yield children
    finally:
        for child in children:
            child.terminate(10)


def seconds(pid: int) -> float:
    """Of processor time that it and its children have used."""
    parent = psutil.Process(pid)
    used = [each.cpu_times() for each in (parent, *parent.children(recursive=True))]
    return float(sum(times.user + times.system for times in used))


@contextmanager
def _channel(uri: str) -> Iterator[Any]:
    with pika.BlockingConnection(pika.URLParameters(uri)) as connection:
        yield connection.channel()
