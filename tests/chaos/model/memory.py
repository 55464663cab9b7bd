"""The parts of a database collection and a broker that shared code uses, held in memory.

`gate` is called before every operation and says what becomes of it, so that a test may hold an
operation back, fail it, or lose its answer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

from bson import decode, encode
from bson.raw_bson import RawBSONDocument
from pymongo import DeleteMany, InsertOne, ReplaceOne, UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError

from shared.records import DUPLICATE, OPTIONS

Row = dict[str, Any]
Write = ReplaceOne[Any] | InsertOne[Any] | UpdateOne | DeleteMany

ORDER = (InsertOne, ReplaceOne, UpdateOne, DeleteMany)


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
        self,
        rows: dict[str, bytes],
        gate: Gate = always_done,
        *,
        raw: bool = False,
        name: str = "rows",
    ) -> None:
        self.rows, self._gate, self._raw, self.name = rows, gate, raw, name

    def with_options(self, codec_options: Any = OPTIONS, write_concern: Any = None) -> "Collection":
        raw = codec_options.document_class is RawBSONDocument
        return type(self)(self.rows, self._gate, raw=raw, name=self.name)

    def find(self, wanted: Mapping[str, Any], fields: Mapping[str, int] | None = None) -> list[Any]:
        """By ids, or by the range of a field; `fields` is a courtesy that is not needed."""
        fate = self._gate("find")
        if fate is not Fate.DONE:
            raise AutoReconnect(fate.value)
        found = [body for _, body in sorted(self.rows.items()) if _matches(decode_(body), wanted)]
        return [RawBSONDocument(body) if self._raw else decode_(body) for body in found]

    def bulk_write(self, writes: Sequence[Write], *, ordered: bool = True) -> Any:
        """Replacements by `_id` and perhaps version, pulls from outboxes, and by `_id` the rest."""
        assert len(writes) == 1 or not ordered
        self.matched = 0
        fate = self._gate("write")
        if fate is Fate.LOST:
            raise AutoReconnect(fate.value)
        # As the client sends a bulk that may be in any order: insertions first, removals last.
        sent = sorted(enumerate(writes), key=lambda pair: ORDER.index(type(pair[1])))
        errors = [error for at, write in sent for error in self._write(at, write)]
        if fate is Fate.ANSWER_LOST:
            raise AutoReconnect(fate.value)
        if errors:
            raise BulkWriteError({"writeErrors": errors, "writeConcernErrors": []})
        return SimpleNamespace(matched_count=self.matched)

    def _write(self, at: int, write: Any) -> Iterator[Row]:
        if isinstance(write, InsertOne):
            yield from self._insert(at, write._doc["_id"], write._doc)
        elif isinstance(write, DeleteMany):
            for id_ in write._filter["_id"]["$in"]:
                self.rows.pop(id_, None)
        elif isinstance(write, UpdateOne) and "$set" in write._doc:
            self._set(write._filter, write._doc["$set"])
        elif isinstance(write, UpdateOne):
            self._pull(write._filter["_id"], write._doc["$pull"]["outbox"]["id"]["$in"])
        else:
            yield from self._replace(at, write._filter, write._doc)

    def _insert(self, at: int, id_: str, new: Any) -> Iterator[Row]:
        if id_ in self.rows:
            yield {"index": at, "code": DUPLICATE, "errmsg": f"E11000 {id_}"}
        else:
            self.rows[id_] = encode_(new)

    def _set(self, wanted: Row, new: Row) -> None:
        found = self.rows.get(wanted["_id"])
        if found is not None and wanted.items() <= decode_(found).items():
            self.rows[wanted["_id"]] = encode_(decode_(found) | new)
            self.matched += 1

    def _pull(self, id_: str, events: Sequence[str]) -> None:
        if id_ in self.rows and "outbox" in (document := decode_(self.rows[id_])):
            document["outbox"] = [each for each in document["outbox"] if each["id"] not in events]
            self.rows[id_] = encode_(document)

    def _replace(self, at: int, wanted: Row, new: Any) -> Iterator[Row]:
        found = self.rows.get(wanted["_id"])
        if found is None or wanted.items() <= decode_(found).items():
            self.rows[wanted["_id"]] = encode_(new)
        else:
            yield {"index": at, "code": DUPLICATE, "errmsg": f"E11000 {wanted['_id']}"}


def decode_(body: bytes) -> Row:
    return decode(body, OPTIONS)


def encode_(document: Any) -> bytes:
    return bytes(document.raw) if hasattr(document, "raw") else encode(document, False, OPTIONS)


def _matches(document: Row, wanted: Mapping[str, Any]) -> bool:
    ((name, bounds),) = wanted.items()
    if "$in" in bounds:
        return document[name] in bounds["$in"]
    return name in document and bool(bounds["$gt"] < document[name] < bounds["$lt"])
