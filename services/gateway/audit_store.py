"""Where the audit log is kept: entries are inserted, and never changed or removed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.gateway.audit import Entry
from shared.platform import Platform

DUPLICATE = DuplicateKeyError("").code or 11000
WATCHED = 20  # Chains whose last entries another chain names.
AT_ONCE = 500
LAST = "~"  # Sorts behind every id.
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 1, 1, tzinfo=UTC)


class AuditRecords:
    """Entries by chain and number."""

    def __init__(self, platform: Platform) -> None:
        self._collection: Collection[Entry] = platform.database["audit"]
        platform.stores.append(self)  # type: ignore[arg-type]  # For the sake of its indexes.

    def ensure_indexes(self) -> None:
        for fields in (["at"], ["principal_id", "at"], ["subjects", "at"]):
            self._collection.create_index([(name, 1) for name in fields])

    def append(self, entries: Sequence[Entry]) -> None:
        """Insert them in order; one that is there already stays, as after a lost answer."""
        left = list(entries)
        while left:
            try:
                self._collection.insert_many(left, ordered=True)
                return
            except BulkWriteError as exc:
                error = exc.details["writeErrors"][0]
                if error["code"] != DUPLICATE:
                    raise
                left = left[error["index"] + 1 :]

    def heads(self) -> list[Entry]:
        """The last entries of the newest chains, the newest chain first."""
        found: list[Entry] = []
        bound = LAST
        while len(found) < WATCHED:
            below = {"_id": {"$gt": "", "$lt": bound}}
            last = self._collection.find_one(below, sort=[("_id", -1)])
            if last is None:
                break
            found.append(last)
            bound = f"{last['chain']}:"
        return found

    def all(self) -> Iterator[Entry]:
        """Every entry, chain by chain in order."""
        after = ""
        while page := self._after(after):
            yield from page
            after = page[-1]["_id"]

    def hash_of(self, id_: str) -> str | None:
        found = self._collection.find_one({"_id": id_}, {"hash": 1})
        return None if found is None else str(found["hash"])

    def find(
        self, where: dict[str, Any], start: tuple[datetime, str] | None, limit: int
    ) -> list[Entry]:
        """Those that fit, in the order of time, from behind `start`."""
        bounds = where.get("at", {})
        if start is None or start[0] < bounds.get("$gte", EARLIEST):
            return self._sorted(where, limit)
        (at, id_), until = start, bounds.get("$lt", LATEST)
        if at >= until:
            return []
        # Two plain questions: as one with $or they would use no index.
        same = self._sorted({**where, "at": at, "_id": {"$gt": id_}}, limit)
        later = {**where, "at": {"$gt": at, "$lt": until}}
        return [*same, *self._sorted(later, limit - len(same))] if len(same) < limit else same

    def _sorted(self, where: dict[str, Any], limit: int) -> list[Entry]:
        return list(self._collection.find(where).sort([("at", 1), ("_id", 1)]).limit(limit))

    def _after(self, id_: str) -> list[Entry]:
        behind = {"_id": {"$gt": id_, "$lt": LAST}}
        return list(self._collection.find(behind).sort("_id", 1).limit(AT_ONCE))
