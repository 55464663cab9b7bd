"""One batch of saves: documents that were written down together, and what of them still waits."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from bson import encode

SAVED_IN = "saved_in"  # The field of a document that names its batch.
SINCE = "since"  # The field of a record that is indexed: its collection and its time.
AT_ONCE = 500  # Documents examined, or records removed, in one go.

Row = Mapping[str, Any]


class Ref(NamedTuple):
    """The batch that a document was saved in."""

    writer: str
    number: int


@dataclass(slots=True, eq=False)
class Entry:
    """A document of a batch, and those of its events that are not confirmed; none: it is over.

    What it `holds` others may take for pending until the batch is marked, confirmed or not.
    """

    id: str
    version: int
    batch: "Batch"
    events: set[str] = field(default_factory=set)
    holds: bool = True


@dataclass(slots=True, eq=False)
class Batch:
    """Documents that were saved together; `sent` once nothing more is written for it."""

    ref: Ref
    at: datetime
    since: str
    entries: list[Entry] = field(default_factory=list)
    left: int = 0  # Entries that are not over.
    sent: bool = False

    @property
    def key(self) -> str:
        return f"{self.ref.writer}:{self.ref.number}"

    def stamp(self, raw: bytes, version: int) -> bytes:
        """The document with the name of its batch; the version tells later whether that holds."""
        element = encode({SAVED_IN: self.name(version)})[4:-1]
        size = len(raw) + len(element)
        return size.to_bytes(4, "little") + raw[4:-1] + element + b"\0"

    def name(self, version: int) -> list[str | int]:
        """What a document of that version holds in `saved_in`."""
        return [*self.ref, version]

    def row(self) -> dict[str, Any]:
        documents = [[entry.id, entry.version] for entry in self.entries if entry.holds]
        about = {"_id": self.key, SINCE: self.since, "at": self.at, "of": list(self.ref)}
        return {**about, "documents": documents}


def ref_of(document: Row) -> Ref | None:
    """Its batch, if it has one: a release that knows of none saves another version."""
    if (saved_in := document.get(SAVED_IN)) is None:
        return None
    writer, number, version = saved_in
    return Ref(writer, number) if version == document["version"] else None


def held(document: Row, ref: Ref) -> set[str]:
    """The events in it that are a matter of this batch; a later save is a later batch's matter."""
    if ref_of(document) not in (None, ref):
        return set()
    return {event["id"] for event in document.get("outbox", ())}


def read(row: Row) -> Batch:
    """As another process has left it: all that is known is which documents to look at."""
    batch = Batch(Ref(*row["of"]), row["at"], row[SINCE], sent=True)
    batch.entries = [Entry(id_, version, batch, {""}) for id_, version in row["documents"]]
    return batch


def parts(batches: Iterable[Batch]) -> Iterator[list[Batch]]:
    part: list[Batch] = []
    for batch in batches:
        part.append(batch)
        if sum(len(each.entries) for each in part) >= AT_ONCE:
            yield part
            part = []
    if part:
        yield part
