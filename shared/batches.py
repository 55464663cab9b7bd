"""Which documents may hold events that the broker does not have, without an index over all of them.

An index costs a third of every save. Instead each batch of saves is written down first, in one
small record: the ids and versions of its documents. The record goes when the broker has their
events. Each document names its batch, and one mark per process tells which of its batches are
through; so nothing has to be taken out of the documents, and whoever loads one knows what waits.

Whatever fails in between errs on the safe side: a record without its documents is looked at and
removed, and a document whose batch is not marked holds pending events, which are sent once more.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pymongo import DeleteMany, InsertOne, ReplaceOne
from pymongo.collection import Collection
from uuid_utils import uuid7

from shared.batch import AT_ONCE, SINCE, Batch, Entry, Ref, Row, held, parts, read, ref_of
from shared.clock import Clock

# One collection per service: the records of all its aggregates, and the marks.
RECORDS = "outboxes"
MOST_OPEN = 200  # Numbers that a mark may name; what comes after them is marked later.
MOST_MARKS = 10_000  # Of other processes, remembered here.
# A write whose connection broke may still arrive; after a day it does not.
LATE = timedelta(days=1)


class Mark(NamedTuple):
    """The batches of one writer up to `done`, except those in `open`, are through."""

    done: int = 0
    open: frozenset[int] = frozenset()

    def covers(self, number: int) -> bool:
        return number <= self.done and number not in self.open


class Batches:
    """The batches of one collection: those of this process, and what others have left."""

    def __init__(self, name: str, records: Collection[dict[str, Any]], now: Clock) -> None:
        self._name, self._records, self._now = name, records, now
        self.writer, self._number = str(uuid7()), 0
        self._open: dict[int, Batch] = {}
        self._waiting: defaultdict[str, list[Entry]] = defaultdict(list)
        self._through: list[str] = []  # Keys of records that have to go.
        self._marked = Mark()
        self._marks: dict[str, Mark] = {}

    def prepare(self) -> None:
        """Set up the one index, of which marks take no part; idempotent."""
        self._records.create_index([(SINCE, 1)], sparse=True)

    def begin(self, documents: Iterable[tuple[str, int, set[str], bool]]) -> Batch:
        """Ids, versions, events that wait, and whether they hold any; its record is durable then.

        A document whose events have all been confirmed meanwhile is written down too: should this
        process die before its mark is, nobody else would ever look at it.
        """
        self._number += 1
        batch = self._batch(Ref(self.writer, self._number))
        batch.entries = [
            Entry(id_, version, batch, events, holds) for id_, version, events, holds in documents
        ]
        self._open[self._number] = batch
        waiting = [entry for entry in batch.entries if entry.events]
        batch.left = len(waiting)
        for entry in waiting:
            self._waiting[entry.id].append(entry)
        try:
            self._records.bulk_write([InsertOne(batch.row())], ordered=False)
        except BaseException:
            self.end(batch, batch.entries)
            raise
        return batch

    def end(self, batch: Batch, failed: Iterable[Entry] = ()) -> None:
        """Nothing more is written for it; these documents were not saved.

        Where an answer was lost nobody knows of the others either: a sweep looks.
        """
        batch.sent = True
        for entry in failed:
            self._let_go(entry)
        self._close(batch)

    def confirmed(self, id_: str, event_id: str) -> bool:
        """The broker has this event; False where no batch of this process waits for it."""
        found = [entry for entry in self._waiting.get(id_, ()) if event_id in entry.events]
        for entry in found:
            self._keep(entry, entry.events - {event_id})
        return bool(found)

    def is_through(self, document: Row) -> bool:
        """Whether the broker has all events that it holds, as far as this process knows."""
        ref = ref_of(document)
        return ref is not None and self._is_closed(ref)

    def learn(self, documents: Iterable[Row]) -> None:
        """Read the marks of other processes that `is_through` needs for these documents."""
        refs = {ref for document in documents if (ref := ref_of(document))}
        self._read_marks({ref.writer for ref in refs if not self._is_closed(ref)})

    def tidy(self) -> None:
        """Mark what is through, then remove its records."""
        through, self._through = self._through, []
        try:
            self._write_mark()
            self._remove(through)
        except BaseException:
            self._through += through
            raise

    def write_down(self, documents: Sequence[tuple[str, int]]) -> None:
        """A record for documents that were saved without one, for the sweeps."""
        batch = self._batch(Ref(f"{self.writer}-found-{uuid7()}", 1))
        batch.entries = [Entry(id_, version, batch, {""}) for id_, version in documents]
        self._records.bulk_write([InsertOne(batch.row())], ordered=False)

    def overdue(self, horizon: datetime) -> Iterator[list[Batch]]:
        """The batches from before then that are not through, as many at a time as make a read."""
        own = [batch for batch in self._open.values() if batch.sent and batch.at < horizon]
        bounds = {"$gt": f"{self._name}:", "$lt": self._since(horizon)}
        rows = map(read, self._records.find({SINCE: bounds}))
        left = [each for each in rows if each.ref.number not in self._open_of(each)]
        self._read_marks({batch.ref.writer for batch in left})
        self._remove([batch.key for batch in left if self._is_closed(batch.ref)])
        return parts(own + [batch for batch in left if not self._is_closed(batch.ref)])

    def examine(self, batch: Batch, documents: Mapping[str, Row]) -> Iterator[str]:
        """The ids of its documents that still hold events of it; without any it is through."""
        own = self._open.get(batch.ref.number) is batch
        waits = False
        for entry in [entry for entry in batch.entries if entry.events]:
            document = documents.get(entry.id)
            if document is None or document["version"] < entry.version:
                waits |= batch.at > self._now() - LATE
                continue
            kept = held(document, batch.ref)
            if own:
                self._keep(entry, entry.events & kept)
            if kept and entry.events:
                waits = True
                yield entry.id
        if not own and not waits:
            self._remove([batch.key])

    def _keep(self, entry: Entry, events: set[str]) -> None:
        """What is left of it; the last entry of a batch closes it."""
        if events:
            entry.events = events
        else:
            self._let_go(entry)
            self._close(entry.batch)

    def _let_go(self, entry: Entry) -> None:
        entry.batch.left -= bool(entry.events)
        entry.events = set()
        others = [other for other in self._waiting.pop(entry.id, ()) if other is not entry]
        if others:
            self._waiting[entry.id] = others

    def _close(self, batch: Batch) -> None:
        if batch.sent and not batch.left and batch.ref.number in self._open:
            del self._open[batch.ref.number]
            self._through.append(batch.key)

    def _is_closed(self, ref: Ref) -> bool:
        if ref.writer == self.writer:
            return ref.number not in self._open
        return self._marks.get(ref.writer, Mark()).covers(ref.number)

    def _open_of(self, batch: Batch) -> Mapping[int, Batch]:
        return self._open if batch.ref.writer == self.writer else {}

    def _write_mark(self) -> None:
        numbers = sorted(self._open)
        done = numbers[MOST_OPEN] - 1 if len(numbers) > MOST_OPEN else self._number
        mark = Mark(done, frozenset(numbers[:MOST_OPEN]))
        if mark != self._marked:
            row = {"_id": _mark_key(self.writer), "done": done, "open": numbers[:MOST_OPEN]}
            self._records.bulk_write(
                [ReplaceOne({"_id": row["_id"]}, row, upsert=True)], ordered=False
            )
            self._marked = mark

    def _read_marks(self, writers: set[str]) -> None:
        if not (wanted := [_mark_key(writer) for writer in writers - {self.writer}]):
            return
        if len(self._marks) > MOST_MARKS:
            self._marks.clear()
        for row in self._records.find({"_id": {"$in": wanted}}):
            self._marks[row["_id"][1:]] = Mark(row["done"], frozenset(row["open"]))

    def _remove(self, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), AT_ONCE):
            part = keys[start : start + AT_ONCE]
            self._records.bulk_write([DeleteMany({"_id": {"$in": part}})], ordered=False)

    def _batch(self, ref: Ref) -> Batch:
        at = self._now()
        return Batch(ref, at, self._since(at))

    def _since(self, at: datetime) -> str:
        """What the sweeps look for: the batches of one collection, in the order of time."""
        return f"{self._name}:{int(at.timestamp() * 1000):015}"


def _mark_key(writer: str) -> str:
    return f"~{writer}"
