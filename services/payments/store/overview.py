"""Lists of escrows for operators, by the fields that the escrows keep for them."""

from datetime import datetime, timedelta
from typing import Any

from services.payments.domain import Escrow
from services.payments.usecases.pages import MOST, Mark
from shared.clock import Clock
from shared.outbox import EARLIEST
from shared.store import Store

EVER = timedelta(days=36_500)


class Overview:
    """Reads what the store keeps; each list is an index of its own."""

    def __init__(self, escrows: Store[Escrow], now: Clock) -> None:
        self._escrows, self._now = escrows, now

    def watched(self, limit: int = MOST, after: Mark | None = None) -> list[Escrow]:
        return self._loaded("watched_since", limit, after)

    def held(self, limit: int = MOST, after: Mark | None = None) -> list[Escrow]:
        return self._loaded("held_since", limit, after)

    def aging(self, now: datetime) -> list[str]:
        wanted = {"alert_at": {"$gt": EARLIEST, "$lte": now}}
        found = self._escrows.collection.find(wanted, ["_id"]).sort("alert_at", 1).limit(MOST)
        return [row["_id"] for row in found]

    def _loaded(self, field: str, limit: int, after: Mark | None) -> list[Escrow]:
        """Of the same moment, then later: two plain questions, as one with $or uses no index."""
        at, id_ = after or (EARLIEST, "")
        wanted: list[dict[str, Any]] = [{field: {"$gt": at, "$lte": self._now() + EVER}}]
        if after:
            wanted.insert(0, {field: at, "_id": {"$gt": id_}})
        rows: list[Any] = []
        for where in wanted:
            found = self._escrows.collection.find(where).sort([(field, 1), ("_id", 1)])
            rows += found.limit(limit)
        return [self._escrows.codec.read(row) for row in rows[:limit]]
