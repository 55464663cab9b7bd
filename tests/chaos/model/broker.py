"""A broker in memory, whose messages leave in any order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.topology import EVENTS, PARKED

LADDER = [f"retry-{step}" for step in range(500)]  # Longer than any run: what is early is not lost.


@dataclass(frozen=True)
class Letter:
    """A message at rest in the broker."""

    queue: str
    body: bytes
    id: str
    headers: Mapping[str, Any] = field(default_factory=dict)


class Broker:
    """Queues whose letters leave in any order; `first` is when each event came first."""

    def __init__(self) -> None:
        self.ready: list[Letter] = []
        self.later: list[Letter] = []
        self.parked: list[Letter] = []
        self.first: dict[str, tuple[str, str, int]] = {}  # By event id: type, subject, version.

    def route(
        self, exchange: str, key: str, body: bytes, id_: str, headers: Mapping[str, Any]
    ) -> None:
        if exchange == PARKED:
            self.parked.append(Letter(key, body, id_, headers))
        elif exchange in LADDER:
            self.later.append(Letter(key, body, id_, headers))
        else:
            assert exchange == EVENTS
            self.ready.append(Letter(key, body, id_, headers))
