"""What ping and pong share: each hit is an aggregate of its own, saved with the event it causes."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from mongoengine import DynamicDocument

from shared.envelope import Event, Fact
from shared.platform import Platform
from shared.store import Store

CONTRACTS = Path(__file__).parent / "contracts"
NUMBER = "number"


class HitDocument(DynamicDocument):
    meta: ClassVar = {"collection": "hits", "auto_create_index": False}


@dataclass
class Hit:
    id: str
    version: int = 0
    events: list[Any] = field(default_factory=list)


class Court:
    """Answers an event with a hit, and notes when what was committed and when what was begun."""

    def __init__(self, platform: Platform, fact: Callable[[int], Fact]) -> None:
        self._hits = Store(platform, Hit, HitDocument)
        self._service, self._fact = platform.service, fact
        self._last = int(os.environ["HOP_LAST"])
        notes = Path(os.environ["HOP_NOTES"], f"{platform.service}.txt")
        self._notes = notes.open("w", 1)
        self._offer, platform.relay.offer = platform.relay.offer, self._committed  # type: ignore[method-assign]

    def answer(self, event: Event) -> None:
        """Hit the ball back, until it was hit often enough."""
        self._note("begun", event.id)
        number = event.data[NUMBER] + 1
        if number > self._last:
            self._note("over", event.id)
            return
        id_ = f"{self._service}-{number}"
        self._hits.change(
            id_, event, lambda hit: hit.events.append(self._fact(number)), new=lambda: Hit(id_)
        )

    def _committed(self, source: Any, id_: str, events: Sequence[Any]) -> Any:
        """The database has acknowledged the save; the relay hears of it in this moment."""
        for event in events:
            self._note("committed", event["id"])
        return self._offer(source, id_, events)

    def _note(self, what: str, id_: str) -> None:
        self._notes.write(f"{what} {id_} {time.monotonic_ns()}\n")
