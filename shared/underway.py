"""What the relay has taken on and the broker has not answered yet."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

Pending = dict[str, Any]  # An outbox entry: id, type, at, body; `key` where it is not the type.
Aggregate = tuple[int, str]

QUEUED, QUEUED_BYTES = 20_000, 64 * 1024 * 1024  # What is over stays in its outbox for the sweep.


class Source(Protocol):
    """The outboxes of one collection."""

    service: str

    def settle(self, id_: str, event_id: str) -> None: ...
    def trim(self) -> None: ...
    def sweep(self, age: float) -> Iterator[tuple[str, list[Pending]]]: ...


class Item(NamedTuple):
    """One event on its way."""

    source: Source
    id: str
    event: Pending

    @property
    def aggregate(self) -> Aggregate:
        return id(self.source), self.id


class UnderWay:
    """The events that wait for the broker or its answer, by aggregate, within a bound.

    Once an event of an aggregate is refused, the later ones that are under way no longer count:
    they are not confirmed, and nothing of it is taken on until the last of them is through.
    """

    def __init__(self) -> None:
        self._events: dict[Aggregate, set[str]] = {}
        self._held: set[Aggregate] = set()
        self._count = self._bytes = 0

    @property
    def full(self) -> bool:
        return self._count >= QUEUED or self._bytes >= QUEUED_BYTES

    def add(self, items: Sequence[Item]) -> list[Item]:
        """Those of one aggregate's items that are new; none of them where the aggregate is held."""
        if self.full or not items or items[0].aggregate in self._held:
            return []
        events = self._events.setdefault(items[0].aggregate, set())
        new = [item for item in items if item.event["id"] not in events]
        events.update(item.event["id"] for item in new)
        self._count += len(new)
        self._bytes += sum(len(item.event["body"]) for item in new)
        return new

    def is_held(self, item: Item) -> bool:
        return item.aggregate in self._held

    def refused(self, item: Item) -> None:
        self._held.add(item.aggregate)

    def remove(self, item: Item) -> None:
        events = self._events[item.aggregate]
        events.discard(item.event["id"])
        self._count -= 1
        self._bytes -= len(item.event["body"])
        if not events:
            del self._events[item.aggregate]
            self._held.discard(item.aggregate)
