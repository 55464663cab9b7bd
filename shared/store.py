"""Aggregates as documents that hold their own messages: load, change, save, announce."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import fields
from datetime import datetime
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from eventlet.semaphore import Semaphore
from mongoengine import DynamicDocument
from pymongo.errors import AutoReconnect, DuplicateKeyError, PyMongoError

from shared import logs
from shared.batches import RECORDS
from shared.codec import Codec, State, Upcast
from shared.config import PREFETCH
from shared.envelope import Message, pack
from shared.errors import Conflict, Forbidden, NotFound, StintError, Unavailable
from shared.outbox import EARLIEST, Outbox
from shared.platform import Platform
from shared.records import LostRace, Record, Records, to_raw

A = TypeVar("A")

RACE_SECONDS, FEWEST_LOSSES = 5.0, 5
FEWEST_HANDLED = 256
DUE_AT_ONCE = 100


class Stale(Exception):
    """A use case has ended without a save on a copy that may be old: once more, on a fresh one."""


class Unknown(Exception):
    """The connection broke during a save: only a fresh copy tells whether it was done."""


class Store(Generic[A]):
    """One aggregate type in one collection; nothing else writes that collection.

    Methods raise NotFound, Conflict, Invalid and Unavailable; what the database client raises while
    the database is away passes through.
    """

    def __init__(
        self,
        platform: Platform,
        aggregate: type[A],
        document: type[DynamicDocument],
        *,
        schema_version: int = 1,
        upcasts: Mapping[int, Upcast] = {},
    ) -> None:
        self.codec = Codec(aggregate, schema_version, upcasts)
        self.kind, self.service = self.codec.kind, platform.service
        self._fields = {field.name for field in fields(aggregate)}  # type: ignore[arg-type]
        self._document, self._now = document, platform.now
        self._handled = max(FEWEST_HANDLED, 2 * platform.settings.replicas * PREFETCH)
        self.collection = platform.database[document._get_collection_name()]
        records = platform.database[RECORDS]
        self.outbox = Outbox(self.service, self.collection, records, platform.relay, platform.now)
        self._records = Records(self.collection, self.outbox, lambda: platform.one_log)
        self._turns: WeakValueDictionary[str, Semaphore] = WeakValueDictionary()
        platform.register(self)

    def load(self, id: str) -> A:
        """The aggregate as it is now; raises NotFound."""
        return self._existing(self._records.load(id))

    def find(self, id: str) -> A | None:
        """The aggregate as it is now, or None."""
        document = self._records.load(id)
        return None if document is None else self.codec.read(document)

    def change(
        self,
        id: str,
        message: Message | None,
        use_case: Callable[[A], object],
        *,
        new: Callable[[], A] | None = None,
    ) -> A:
        """Load, apply, save with events and the message's id; the aggregate as it is then.

        `use_case` has no side effects: it may run several times, each time on a fresh aggregate,
        and does not run where the message was handled before. `new` makes one that is missing.
        """
        fresh = unknown = False
        race: Race | None = None
        while True:
            try:
                with race.turn() if race else nullcontext():
                    return self._attempt(id, message, use_case, new, fresh)
            except Stale:
                fresh = True
            except LostRace:
                race, fresh = race or Race(self._turns.setdefault(id, Semaphore())), False
                if race.lost_for_good():
                    raise Unavailable("too-busy", f"Too many change this {self.kind}.") from None
            except Unknown as exc:
                if message is None or unknown:
                    raise exc.__cause__ from None  # type: ignore[misc]
                fresh, unknown, race = True, True, None

    def create(self, message: Message | None, aggregate: A) -> A:
        """Save a new aggregate; one that is there already is returned as it is."""
        return self.change(aggregate.id, message, _nothing, new=lambda: aggregate)  # type: ignore[attr-defined]

    def due(self, now: datetime, limit: int = DUE_AT_ONCE) -> list[str]:
        """Ids of those whose `due_at` has come, the longest overdue first."""
        overdue = {"due_at": {"$gt": EARLIEST, "$lte": now}}
        found = self.collection.find(overdue, {"_id": 1}).sort("due_at", 1).limit(limit)
        return [document["_id"] for document in found]

    def ensure_indexes(self) -> None:
        """Set up the indexes of the sweeps and the document's own; idempotent."""
        self.outbox.prepare()
        if "due_at" in self._fields:
            self.collection.create_index([("due_at", 1)], sparse=True)
        self._document.ensure_indexes()

    def _attempt(
        self,
        id: str,
        message: Message | None,
        use_case: Callable[[A], object],
        new: Callable[[], A] | None,
        fresh: bool,
    ) -> A:
        """One round. On a copy of the identity map nothing but a save is an end."""
        held = None if fresh else self._records.held(id)
        document = held or self._records.load(id, hold=True)
        try:
            aggregate, saved = self._apply(id, document, message, use_case, new)
        except (LostRace, Unknown, PyMongoError):
            raise
        except Exception as exc:
            if held is None:
                raise
            raise Stale(id) from exc
        if held is not None and not saved:
            raise Stale(id)
        return aggregate

    def _apply(
        self,
        id: str,
        document: State | None,
        message: Message | None,
        use_case: Callable[[A], object],
        new: Callable[[], A] | None,
    ) -> tuple[A, bool]:
        if document and message and message.id in document.get("handled", ()):
            logs.note_duplicate()
            self.outbox.offer(id, self.outbox.pending(document))
            return self.codec.read(document), False
        aggregate = self._existing(document, new)
        before = None if document is None else self.codec.write(aggregate)
        apply(use_case, message, aggregate)
        state = self.codec.write(aggregate)
        if state == before and not aggregate.events:  # type: ignore[attr-defined]
            return aggregate, False
        self._save(id, aggregate, state, document or {}, message)
        return aggregate, True

    def _save(
        self, id: str, aggregate: A, state: State, document: State, message: Message | None
    ) -> None:
        if state["_id"] != id:
            raise ValueError(f"{self.kind} {id} would be saved as {state['_id']}")
        record = self._record(aggregate, state, document, message)
        try:
            self._records.save(record)
        except AutoReconnect as exc:
            raise Unknown(id) from exc
        aggregate.version, aggregate.events = record.version, []  # type: ignore[attr-defined]

    def _record(
        self, aggregate: A, state: State, document: State, message: Message | None
    ) -> Record:
        version = document.get("version", 0) + 1
        pending = self.outbox.extended(document, self._packed(aggregate, state, version, message))
        handled = [*document.get("handled", ()), *([message.id] if message else [])]
        stored = {
            **state,
            "version": version,
            "schema_version": max(document.get("schema_version", 1), self.codec.schema_version),
            "handled": handled[-self._handled :],
        }
        if pending:
            stored["outbox"] = pending
        return Record(state["_id"], version, to_raw(stored), pending)

    def _packed(
        self, aggregate: A, state: State, version: int, message: Message | None
    ) -> list[dict[str, Any]]:
        envelope: dict[str, Any] = {
            "source": self.service,
            "subject": f"{self.kind}:{state['_id']}",
            "version": version,
            "now": self._now(),
            "cause": message,
        }
        return [pack(event, **envelope) for event in aggregate.events]  # type: ignore[attr-defined]

    def _existing(self, document: State | None, new: Callable[[], A] | None = None) -> A:
        if document is not None:
            return self.codec.read(document)
        if new is not None:
            return new()
        words = self.kind.replace("-", " ")
        raise NotFound(f"{self.kind}-not-found", f"There is no such {words}.")


class Race:
    """After a lost race the greenlets of this process take turns for an aggregate, for a while.

    Waiting for the turn does not count: it may be long only because the database is away. Nor is
    time alone enough: a process that stood still has not tried.
    """

    def __init__(self, semaphore: Semaphore) -> None:
        self._semaphore, self.until = semaphore, time.monotonic() + RACE_SECONDS
        self._losses = 0

    def lost_for_good(self) -> bool:
        """Called after each loss: whether there is no point in another round."""
        self._losses += 1
        return self._losses >= FEWEST_LOSSES and time.monotonic() > self.until

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A courtesy and no lock: whose turn does not come tries all the same."""
        began = time.monotonic()
        mine = self._semaphore.acquire(timeout=RACE_SECONDS)
        self.until += time.monotonic() - began
        try:
            yield
        finally:
            if mine:
                self._semaphore.release()


class Claims:
    """Uniqueness of a value over all replicas: a document whose `_id` is that value."""

    def __init__(self, platform: Platform, name: str) -> None:
        self._collection = platform.database[f"claims_{name}"]
        self._now = platform.now

    def take(self, value: str, owner: str) -> None:
        """Claim it, again without harm; raises Conflict where another owner has it."""
        mine = {"_id": value, "owner": owner}
        try:
            self._collection.update_one(mine, {"$setOnInsert": {"at": self._now()}}, upsert=True)
        except DuplicateKeyError:
            raise Conflict("already-taken", "Somebody else has this already.") from None

    def owner(self, value: str) -> str | None:
        """Who has claimed it, if anybody."""
        found = self._collection.find_one({"_id": value})
        return None if found is None else str(found["owner"])

    def release(self, value: str, owner: str) -> None:
        """Give it up, if it is this owner's."""
        self._collection.delete_one({"_id": value, "owner": owner})


def _nothing(_aggregate: object) -> None:
    """The use case of a creation: what is there already stays as it is."""


def apply(use_case: Callable[[A], object], message: Message | None, aggregate: A) -> None:
    """Run it; an outdated version is told only to those whom the use case lets in."""
    try:
        use_case(aggregate)
    except (Forbidden, NotFound):
        raise
    except StintError:
        _expect(message, aggregate)
        raise
    _expect(message, aggregate)


def _expect(message: Message | None, aggregate: Any) -> None:
    expected = getattr(message, "expected_version", None)
    if expected is not None and expected != aggregate.version:
        raise Conflict("version-changed", f"This is version {aggregate.version}, not {expected}.")
