"""The events that nobody knows to be confirmed, as the databases tell it, whoever saved them."""

from collections.abc import Iterator
from typing import Any

from shared.batch import ref_of
from shared.batches import RECORDS

Row = dict[str, Any]


def waiting(database: Any) -> Iterator[tuple[str, str, list[Row]]]:
    """(collection, id, events) of each document that holds some; scans all there is."""
    marks = {row["_id"][1:]: row for row in database[RECORDS].find() if row["_id"].startswith("~")}
    for name in database.list_collection_names():
        for document in database[name].find({"outbox.0": {"$gt": {}}}):
            if not _is_through(document, marks):
                yield name, document["_id"], document["outbox"]


def _is_through(document: Row, marks: dict[str, Row]) -> bool:
    ref = ref_of(document)
    mark = marks.get(ref.writer) if ref else None
    return bool(ref and mark and ref.number <= mark["done"] and ref.number not in mark["open"])
