"""The events that documents hold until the broker has them."""

import logging
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from shared.batch import AT_ONCE, SAVED_IN, Batch, ref_of
from shared.batches import Batches
from shared.clock import Clock
from shared.errors import Unavailable
from shared.records import Record
from shared.relay import Pending, Relay

log = logging.getLogger(__name__)

MOST, MOST_BYTES = 500, 4 * 1024 * 1024
REMEMBERED = 50_000  # Ids of confirmed events, so that an older copy of a document repeats none.
TRIMMED_AT_ONCE = 100  # More may take a busy database longer than a request may take.
OLD_INDEX = "outbox.at_1"  # By which releases before the batches found what waits.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # A range with two ends can use a sparse index.


class Outbox:
    """The outboxes of one collection: offered to the relay, and through once all is confirmed."""

    def __init__(
        self,
        service: str,
        collection: Collection[dict[str, Any]],
        records: Collection[dict[str, Any]],
        relay: Relay,
        now: Clock,
    ) -> None:
        self.service, self._collection, self._relay, self._now = service, collection, relay, now
        self._batches = Batches(collection.name, records, now)
        self._confirmed = _Recent(REMEMBERED)
        self._untrimmed: defaultdict[str, set[str]] = defaultdict(set)

    def pending(self, document: Mapping[str, Any]) -> list[Pending]:
        """What the broker does not have yet as far as this process knows, in order."""
        events = document.get("outbox") or ()
        if not events or self._batches.is_through(document):
            return []
        return [event for event in events if event["id"] not in self._confirmed]

    def learn(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Ask what became of the events in documents that other processes have saved."""
        self._batches.learn(document for document in documents if document.get("outbox"))

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

    def begin(self, records: Sequence[Record]) -> Batch | None:
        """Write down that these are about to be saved, if any of them announces something."""
        if not any(record.pending for record in records):
            return None
        return self._batches.begin(
            (
                each.id,
                each.version,
                {e["id"] for e in each.pending if e["id"] not in self._confirmed},
                bool(each.pending),
            )
            for each in records
        )

    def end(self, batch: Batch, failed: Iterable[int]) -> None:
        """All that can be known of the saves is known: these have failed."""
        self._batches.end(batch, [batch.entries[at] for at in failed])

    def saved(self, record: Record) -> None:
        """Called after each save: what it holds is offered."""
        self.offer(record.id, record.pending)

    def settle(self, id_: str, event_id: str) -> None:
        """The broker has this event. One that another process saved has to be taken out."""
        self._confirmed.add(event_id)
        if not self._batches.confirmed(id_, event_id):
            self._untrimmed[id_].add(event_id)

    def trim(self) -> None:
        """Mark the batches that are through, and take out what was confirmed for others.

        A save under way may bring an event back; it is then a matter of that save's own batch.
        """
        waiting = [(id_, frozenset(ids)) for id_, ids in self._untrimmed.items()]
        for at in range(0, len(waiting), TRIMMED_AT_ONCE):
            part = waiting[at : at + TRIMMED_AT_ONCE]
            self._collection.bulk_write([_pull(*each) for each in part], ordered=False)
            for id_, events in part:
                self._trimmed(id_, events)
        self._batches.tidy()

    def sweep(self, age: float) -> Iterator[tuple[str, list[Pending]]]:
        """Each document that still holds events of a batch from over `age` seconds ago."""
        for batches in self._batches.overdue(self._now() - timedelta(seconds=age)):
            wanted = {entry.id for batch in batches for entry in batch.entries if entry.events}
            found = self._collection.find(
                {"_id": {"$in": sorted(wanted)}}, {"version": 1, "outbox": 1, SAVED_IN: 1}
            )
            documents = {document["_id"]: document for document in found}
            for batch in batches:
                for id_ in self._batches.examine(batch, documents):
                    self._take_back(id_, documents[id_])
                    yield id_, self.pending(documents[id_])

    def prepare(self) -> None:
        """Set up the index of the records, and adopt what a release without them has left."""
        self._batches.prepare()
        self._adopt()

    def _adopt(self) -> None:
        """Once per upgrade: what waits in documents of that release gets its records."""
        if OLD_INDEX not in self._collection.index_information():
            return
        wanted = {"outbox.at": {"$gt": EARLIEST, "$lt": self._now() + timedelta(days=1)}}
        found = self._collection.find(wanted, {"version": 1, SAVED_IN: 1})
        waiting = [(each["_id"], each["version"]) for each in found if ref_of(each) is None]
        for at in range(0, len(waiting), AT_ONCE):
            self._batches.write_down(waiting[at : at + AT_ONCE])
        try:
            self._collection.drop_index(OLD_INDEX)
        except OperationFailure as exc:  # Another process was faster.
            log.info("index dropped already: %s", exc)

    def _take_back(self, id_: str, document: Mapping[str, Any]) -> None:
        """What was confirmed here, and another process's document still holds, has to go again."""
        ids = {event["id"] for event in document["outbox"]}
        self._untrimmed[id_] |= ids & self._confirmed
        if not self._untrimmed[id_]:
            del self._untrimmed[id_]

    def _trimmed(self, id_: str, events: frozenset[str]) -> None:
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
