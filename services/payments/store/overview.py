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
        return [row["_id"] for row in self._rows("alert_at", now, "_id")]

    def _loaded(self, field: str) -> list[Escrow]:
        rows = self._rows(field, self._now() + EVER)
        return [self._escrows.codec.read(row) for row in rows]

    def _rows(self, field: str, until: datetime, *only: str) -> Any:
        wanted: dict[str, Any] = {field: {"$gt": EARLIEST, "$lte": until}}
        return self._escrows.collection.find(wanted, list(only) or None).sort(field, 1).limit(PAGE)
