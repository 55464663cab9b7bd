"""What the use cases of partners need of the world."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

Kept = dict[str, Any]


class PublicEvents(Protocol):
    def add(self, entry: Kept) -> int: ...
    def last(self, partner_id: str) -> int: ...
    def before(self, partner_id: str, at: datetime) -> int: ...
    def page(
        self, partner_id: str, after: int, limit: int, types: Sequence[str] = (), until: int = ...
    ) -> list[Kept]: ...


class Deliveries(Protocol):
    def add(self, deliveries: Sequence[Kept]) -> None: ...


class Queues(Protocol):
    def wake(self, endpoint_id: str, partner_id: str, now: datetime) -> None: ...
