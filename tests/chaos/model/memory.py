"""The parts of a database collection and a broker that shared code uses, held in memory.

`gate` is called before every operation and says what becomes of it, so that a test may hold an
operation back, fail it, or lose its answer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from bson import decode, encode
from bson.raw_bson import RawBSONDocument
from pymongo import ReplaceOne, UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError

from shared.records import DUPLICATE, OPTIONS

Row = dict[str, Any]
Write = ReplaceOne[Any] | UpdateOne


class Fate(StrEnum):
    """What becomes of an operation."""

    DONE = "done"
    LOST = "lost"  # It never arrives.
    ANSWER_LOST = "answer lost"  # It is done, and nobody hears of it.


Gate = Callable[[str], Fate]


def always_done(_what: str) -> Fate:
    return Fate.DONE


class Collection:
    """Documents as one client sees them; `rows` is what all clients share."""

    def __init__(
        self, rows: dict[str, bytes], gate: Gate = always_done, *, raw: bool = False
    ) -> None:
        self.rows, self._gate, self._raw = rows, gate, raw

    def with_options(self, codec_options: Any) -> "Collection":
        raw = codec_options.document_class is RawBSONDocument
        return Collection(self.rows, self._gate, raw=raw)

    def find(self, wanted: Mapping[str, Any], fields: Mapping[str, int] | None = None) -> "Cursor":
        """By ids, or by the times in outboxes; `fields` is a courtesy that is not needed."""
        fate = self._gate("find")
        if fate is not Fate.DONE:
            raise AutoReconnect(fate.value)
        found = [body for _, body in sorted(self.rows.items()) if _matches(decode_(body), wanted)]
        return Cursor(RawBSONDocument(body) if self._raw else decode_(body) for body in found)

    def bulk_write(self, writes: Sequence[Write], *, ordered: bool) -> None:
        """Replacements by `_id` and version, and pulls from outboxes."""
        assert not ordered
        fate = self._gate("write")
        if fate is Fate.LOST:
            raise AutoReconnect(fate.value)
        errors = [error for at, write in enumerate(writes) for error in self._write(at, write)]
        if fate is Fate.ANSWER_LOST:
            raise AutoReconnect(fate.value)
        if errors:
            raise BulkWriteError({"writeErrors": errors, "writeConcernErrors": []})

    def _write(self, at: int, write: Any) -> Iterator[Row]:
        id_ = write._filter["_id"]
        found = self.rows.get(id_)
        if isinstance(write, UpdateOne):
            if found is not None:
                self.rows[id_] = _pulled(decode_(found), write._doc["$pull"]["outbox"]["id"]["$in"])
        elif found is None or decode_(found)["version"] == write._filter["version"]:
            self.rows[id_] = bytes(write._doc.raw)
        else:
            yield {"index": at, "code": DUPLICATE, "errmsg": f"E11000 {id_}"}


class Cursor(list[Any]):
    """What was found, all at once."""

    def batch_size(self, _size: int) -> "Cursor":
        return self


def decode_(body: bytes) -> Row:
    return decode(body, OPTIONS)


def _matches(document: Row, wanted: Mapping[str, Any]) -> bool:
    if "_id" in wanted:
        return document["_id"] in wanted["_id"]["$in"]
    bounds: Mapping[str, datetime] = wanted["outbox.at"]
    times = [event["at"] for event in document.get("outbox", ())]
    # As a database matches arrays: one element for each bound, not necessarily the same one.
    return any(at > bounds["$gt"] for at in times) and any(at < bounds["$lt"] for at in times)


def _pulled(document: Row, ids: Sequence[str]) -> bytes:
    if "outbox" in document:
        document["outbox"] = [event for event in document["outbox"] if event["id"] not in ids]
    return encode(document, codec_options=OPTIONS)
