"""A small service: counters that are told to count, and mirrors that follow their events."""

from dataclasses import dataclass, field
from typing import ClassVar

from mongoengine import DynamicDocument

from shared.errors import NotYet

TOLD, HIT, NOTED = "counter.told.v1", "counter.hit.v1", "mirror.noted.v1"


@dataclass(frozen=True)
class Told:
    type: ClassVar[str] = TOLD
    counter: str


@dataclass(frozen=True)
class Hit:
    type: ClassVar[str] = HIT
    counter: str
    count: int


@dataclass(frozen=True)
class Noted:
    type: ClassVar[str] = NOTED
    count: int


@dataclass
class Counter:
    id: str
    count: int = 0
    version: int = 0
    events: list[Hit] = field(default_factory=list)

    def hit(self) -> None:
        self.count += 1
        self.events.append(Hit(self.id, self.count))


@dataclass
class Mirror:
    """Follows a counter by its events, in order whatever order they come in."""

    id: str
    last: int = 0
    version: int = 0
    events: list[Noted] = field(default_factory=list)

    def note(self, count: int) -> None:
        if count > self.last + 1:
            raise NotYet("count-early", f"{self.last + 1} comes first.")
        if count == self.last + 1:
            self.last = count
            self.events.append(Noted(count))


class CounterDocument(DynamicDocument):
    meta: ClassVar = {"collection": "counters", "auto_create_index": False}


class MirrorDocument(DynamicDocument):
    meta: ClassVar = {"collection": "mirrors", "auto_create_index": False}
