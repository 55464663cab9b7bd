"""`shared.store` without a database; `tests/integration/store/test_both.py` holds it to that."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

from bson import decode

from shared.clock import Clock
from shared.codec import Codec, State
from shared.envelope import Contracts, Event, Message, pack, parse
from shared.errors import Conflict, NotFound
from shared.records import OPTIONS, to_raw
from shared.store import apply

A = TypeVar("A")

HANDLED = 256
CONTRACTS = Contracts.load()
codec_of = cache(Codec)  # Making one costs more than a test.


def as_stored(document: State) -> State:
    """A copy, as a database would give it back."""
    return decode(to_raw(document), OPTIONS)


def uninterrupted(_step: str) -> None:
    """Nobody dies before or after a save."""


class MemoryStore(Generic[A]):
    """Documents by id, as a database would hold them, and what was announced, in order.

    `step` hears of each save before and after it, and may raise as a process that dies there.
    A `forgetful` store does not know which messages it has handled.
    """

    def __init__(
        self,
        aggregate: type[A],
        service: str,
        now: Clock,
        *,
        announced: list[Event] | None = None,
        step: Callable[[str], None] = uninterrupted,
        forgetful: bool = False,
        check: Callable[[str, State], None] = CONTRACTS.check,
    ) -> None:
        self.codec: Codec[A] = codec_of(aggregate)
        self.service, self.now, self.step, self.check = service, now, step, check
        self.forgetful = forgetful
        self.documents: dict[str, State] = {}
        self.announced: list[Event] = [] if announced is None else announced

    def find(self, id: str) -> A | None:
        document = self._document(id)
        return None if document is None else self.codec.read(document)

    def load(self, id: str) -> A:
        return self._existing(self._document(id))

    def create(self, message: Message | None, aggregate: A) -> A:
        return self.change(aggregate.id, message, lambda _: None, new=lambda: aggregate)  # type: ignore[attr-defined]

    def change(
        self,
        id: str,
        message: Message | None,
        use_case: Callable[[A], object],
        *,
        new: Callable[[], A] | None = None,
    ) -> A:
        while True:
            document = self._document(id)
            aggregate = self._existing(document, new)
            if document and message and message.id in document["handled"] and not self.forgetful:
                return aggregate
            before = None if document is None else self.codec.write(aggregate)
            apply(use_case, message, aggregate)
            state = self.codec.write(aggregate)
            if state == before and not aggregate.events:  # type: ignore[attr-defined]
                return aggregate
            if self._document(id) is document:  # Nobody was faster.
                return self._save(id, aggregate, state, message)

    def due(self, now: datetime, limit: int = 100) -> list[str]:
        dues = {id_: row["due_at"] for id_, row in self.documents.items() if row.get("due_at")}
        return sorted((id_ for id_ in dues if dues[id_] <= now), key=dues.__getitem__)[:limit]

    def put(self, aggregate: A) -> None:
        """As if it had been saved before: it keeps its version, and nothing is announced."""
        version = aggregate.version  # type: ignore[attr-defined]
        state = {**self.codec.write(aggregate), "version": version, "handled": []}
        self.documents[state["_id"]] = as_stored(state)

    def alter(self, id: str, **fields: Any) -> None:
        """As `put`, with these fields changed."""
        self.put(replace(self.load(id), **fields))  # type: ignore[type-var]

    def all(self) -> list[A]:
        """In the order of their creation."""
        return [self.codec.read(document) for document in self.documents.values()]

    def rows(self) -> list[State]:
        """As queries read documents, in the order of their creation."""
        return [{"id": id_, **document} for id_, document in self.documents.items()]

    def _document(self, id: str) -> State | None:
        return self.documents.get(id) if isinstance(id, str) else None

    def _existing(self, document: State | None, new: Callable[[], A] | None = None) -> A:
        if document is not None:
            return self.codec.read(document)
        if new is not None:
            return new()
        raise NotFound(f"{self.codec.kind}-not-found", "There is no such thing.")

    def _save(self, id: str, aggregate: Any, state: State, message: Message | None) -> A:
        if state["_id"] != id:
            raise ValueError(f"{self.codec.kind} {id} would be saved as {state['_id']}")
        document = self.documents.get(id, {})
        version = document.get("version", 0) + 1
        handled = [*document.get("handled", ()), *([message.id] if message else [])]
        kept = as_stored({**state, "version": version, "handled": handled[-HANDLED:]})
        told = self._packed(aggregate, version, message)
        self.step(f"before save of {id}")
        self.documents[id] = kept
        self.announced += told
        self.step(f"after save of {id}")
        aggregate.version, aggregate.events = version, []
        return aggregate  # type: ignore[no-any-return]

    def _packed(self, aggregate: Any, version: int, message: Message | None) -> list[Event]:
        about = {"source": self.service, "subject": f"{self.codec.kind}:{aggregate.id}"}
        told = [
            parse(pack(fact, **about, version=version, now=self.now(), cause=message)["body"])
            for fact in aggregate.events
        ]
        for event in told:
            self.check(event.type, event.data)
        return told


class MemoryClaims:
    """`shared.store.Claims`: one owner for each value."""

    def __init__(self) -> None:
        self.owners: dict[str, str] = {}

    def take(self, value: str, owner: str) -> None:
        if self.owners.setdefault(value, owner) != owner:
            raise Conflict("already-taken", "Somebody else has this already.")

    def owner(self, value: str) -> str | None:
        return self.owners.get(value)

    def release(self, value: str, owner: str) -> None:
        if self.owners.get(value) == owner:
            del self.owners[value]
