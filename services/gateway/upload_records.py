"""Uploads that were announced, for as long as they may be finished."""

from datetime import datetime
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from shared.platform import Platform

Fields = dict[str, Any]


class UploadRecords:
    """By id, and by owner as long as they are open."""

    def __init__(self, platform: Platform) -> None:
        self._collection: Collection[Fields] = platform.database["uploads"]
        platform.stores.append(self)  # type: ignore[arg-type]  # For the sake of its indexes.

    def ensure_indexes(self) -> None:
        self._collection.create_index("expires_at", expireAfterSeconds=0)
        self._collection.create_index("open_for", sparse=True)

    def add(self, record: Fields) -> Fields:
        """Insert it; one that is there already is returned as it is."""
        new = {**record, "_id": record["id"], "open_for": record["owner_id"]}
        try:
            self._collection.insert_one(new)
        except DuplicateKeyError:
            return self.find(record["id"]) or record
        return record

    def find(self, id: str) -> Fields | None:
        return self._collection.find_one({"_id": id})

    def count(self, owner_id: str, now: datetime) -> int:
        """How many of theirs are not finished; the index removes an expired one a bit late."""
        rows = self._collection.find({"open_for": owner_id}, {"expires_at": 1})
        return sum(row["expires_at"] > now for row in rows)

    def finish(self, id: str) -> None:
        """Its file is kept: it counts no more."""
        self._collection.update_one({"_id": id}, {"$unset": {"open_for": ""}})
