"""The events that documents hold until the broker has them."""

import logging
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.collection import Collection

from shared.clock import Clock
from shared.errors import Unavailable
from shared.records import Record
from shared.relay import Pending, Relay

log = logging.getLogger(__name__)

MOST, MOST_BYTES = 500, 4 * 1024 * 1024
REMEMBERED = 50_000  # Ids of confirmed events, so that an older copy of a document repeats none.
TRIMMED_AT_ONCE, SWEPT_AT_ONCE = 500, 100
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # A range with two ends can use a sparse index.


class Outbox:
    """The outboxes of one collection: offered to the relay, trimmed once confirmed, swept."""

    def __init__(
        self, service: str, collection: Collection[dict[str, Any]], relay: Relay, now: Clock
    ) -> None:
        self.service, self._collection, self._relay, self._now = service, collection, relay, now
        self._confirmed = _Recent(REMEMBERED)
        self._untrimmed: defaultdict[str, set[str]] = defaultdict(set)

    def pending(self, document: Mapping[str, Any]) -> list[Pending]:
        """What the broker does not have yet as far as this process knows, in order."""
        return [e for e in document.get("outbox", ()) if e["id"] not in self._confirmed]

    def extended(self, document: Mapping[str, Any], new: Sequence[Pending]) -> list[Pending]:
        """The pending events and the new ones; raises Unavailable where they would be too many."""
        events = [*self.pending(document), *new]
        size = sum(len(event["body"]) for event in events)
        if new and (len(events) > MOST or size > MOST_BYTES):
            detail = f"{len(events)} events ({size} bytes) wait for the broker; try again later."
            raise Unavailable("outbox-full", detail)
        return events

    def offer(self, id_: str, events: Sequence[Pending]) -> None:
        """Hand an aggregate's whole pending outbox to the relay.

        What was confirmed since the outbox was read must not be sent again.
        """
        if waiting := [event for event in events if event["id"] not in self._confirmed]:
            self._relay.offer(self, id_, waiting)

    def saved(self, record: Record) -> None:
        """Called after each save: what it left out needs no trimming, what it holds is offered."""
        self._trimmed(record.id, record.dropped)
        self._brought_back(record.id, record.pending)
        self.offer(record.id, record.pending)

    def settle(self, id_: str, event_id: str) -> None:
        """The broker has this event: the next save leaves it out, or the next trim takes it out."""
        self._confirmed.add(event_id)
        self._untrimmed[id_].add(event_id)

    def trim(self) -> None:
        """Take confirmed events out, many documents per write.

        A save under way may bring one back; it is then taken out again.
        """
        waiting = [(id_, frozenset(ids)) for id_, ids in self._untrimmed.items()]
        for at in range(0, len(waiting), TRIMMED_AT_ONCE):
            part = waiting[at : at + TRIMMED_AT_ONCE]
            self._collection.bulk_write([_pull(*each) for each in part], ordered=False)
            for id_, events in part:
                self._trimmed(id_, events)

    def sweep(self, age: float) -> Iterator[tuple[str, list[Pending]]]:
        """Each document whose oldest event has been pending for over `age` seconds."""
        horizon = self._now() - timedelta(seconds=age)
        overdue = {"outbox.at": {"$gt": EARLIEST, "$lt": horizon}}
        for document in self._collection.find(overdue, {"outbox": 1}).batch_size(SWEPT_AT_ONCE):
            self._brought_back(document["_id"], document.get("outbox", ()))
            yield document["_id"], self.pending(document)

    def _brought_back(self, id_: str, events: Sequence[Pending]) -> None:
        """What was confirmed, and is there again by a save from before that, has to go again."""
        if back := {event["id"] for event in events} & self._confirmed:
            self._untrimmed[id_] |= back

    def _trimmed(self, id_: str, events: frozenset[str]) -> None:
        if not events or id_ not in self._untrimmed:
            return
        self._untrimmed[id_] -= events
        if not self._untrimmed[id_]:
            del self._untrimmed[id_]


class _Recent:
    """A set that forgets its oldest members."""

    def __init__(self, size: int) -> None:
        self._order: deque[str] = deque()
        self._members: set[str] = set()
        self._size = size

    def __contains__(self, member: str) -> bool:
        return member in self._members

    def __rand__(self, others: set[str]) -> set[str]:
        return others & self._members

    def add(self, member: str) -> None:
        if member in self._members:
            return
        self._members.add(member)
        self._order.append(member)
        if len(self._order) > self._size:
            self._members.discard(self._order.popleft())


def _pull(id_: str, events: frozenset[str]) -> UpdateOne:
    return UpdateOne({"_id": id_}, {"$pull": {"outbox": {"id": {"$in": list(events)}}}})
