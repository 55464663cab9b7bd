"""Two replicas of the counting service over one database and one broker, all in memory."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import eventlet

from shared.batch import ref_of
from shared.batches import RECORDS
from shared.envelope import pack, parse
from shared.topology import EVENTS
from tests.chaos.model.broker import Broker
from tests.chaos.model.counting import NOTED, TOLD, Told
from tests.chaos.model.memory import decode_
from tests.chaos.model.replica import Parts, Replica

SWITCHES = 8  # Turns of the event loop after which nothing moves by itself any more.


class World:
    """All there is, and the time."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.rows: dict[str, dict[str, bytes]] = {"counters": {}, "mirrors": {}, RECORDS: {}}
        self.broker = Broker()
        self.replicas = [Replica(self), Replica(self)]
        self.dead: list[Replica] = []  # Kept, so that no greenlet of theirs ends in between.

    def tell(self, counter: str) -> None:
        """A new message from outside: this counter is hit once more."""
        packed = pack(Told(counter), source="tests", subject="test:1", version=1, now=self.now)
        self.publish(TOLD, packed["body"], packed["id"])

    def publish(self, type_: str, body: bytes, id_: str) -> None:
        about = parse(body)
        self.broker.first.setdefault(id_, (type_, about.subject, about.aggregate_version))
        if type_ != NOTED:
            self.broker.route(EVENTS, type_, body, id_, {})

    def replace(self, at: int) -> None:
        """Another process starts where one has died."""
        self.dead.append(self.replicas[at])
        self.replicas[at].crash()
        self.replicas[at] = Replica(self)

    def settle(self) -> None:
        """Let everybody run until all wait."""
        for _ in range(SWITCHES):
            eventlet.sleep(0)

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def documents(self, name: str) -> dict[str, dict[str, Any]]:
        return {id_: decode_(body) for id_, body in self.rows[name].items()}

    def pending(self) -> Iterator[str]:
        """Events that nobody knows to be confirmed, and records of batches that are not through."""
        notes = self.documents(RECORDS)
        yield from (key for key in notes if not key.startswith("~"))
        for name in ("counters", "mirrors"):
            for document in self.documents(name).values():
                if not _is_marked(document, notes):
                    yield from (event["id"] for event in document.get("outbox", ()))


def _is_marked(document: dict[str, Any], notes: dict[str, dict[str, Any]]) -> bool:
    ref = ref_of(document)
    mark = notes.get(f"~{ref.writer}") if ref else None
    return bool(ref and mark and ref.number <= mark["done"] and ref.number not in mark["open"])
