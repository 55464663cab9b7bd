"""Lists of escrows for operators, by the fields that the escrows keep for them."""

from datetime import datetime, timedelta
from typing import Any

from services.payments.domain import Escrow
from shared.clock import Clock
from shared.outbox import EARLIEST
from shared.store import Store

PAGE = 200
EVER = timedelta(days=36_500)


class Overview:
    """Reads what the store keeps; each list is an index of its own."""

    def __init__(self, escrows: Store[Escrow], now: Clock) -> None:
        self._escrows, self._now = escrows, now

    def watched(self) -> list[Escrow]:
        return self._loaded("watched_since")

    def held(self) -> list[Escrow]:
        return self._loaded("held_since")

    def aging(self, now: datetime) -> list[str]:
        return self._ids("alert_at", now)

    def _loaded(self, field: str) -> list[Escrow]:
        found = [self._escrows.find(id_) for id_ in self._ids(field, self._now() + EVER)]
        return [escrow for escrow in found if escrow]

    def _ids(self, field: str, until: datetime) -> list[str]:
        wanted: dict[str, Any] = {field: {"$gt": EARLIEST, "$lte": until}}
        rows = self._escrows.collection.find(wanted, {"_id": 1}).sort(field, 1).limit(PAGE)
        return [row["_id"] for row in rows]
