"""A crash, a lost operation or a lost answer at every point of a save: nothing waits unseen."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import InsertOne

from shared.relay import Relay
from shared.store import Store
from tests.chaos.model.machine import Interleaving
from tests.chaos.model.memory import Collection, Fate
from tests.chaos.model.replica import Parts
from tests.chaos.model.world import World

pytestmark = pytest.mark.usefixtures("no_waiting")

FIND, RECORD, SAVE, DONE = range(4)  # The operations of a save, in their order.


def play(parts: Parts = Parts()) -> Interleaving:  # noqa: B008 (it is frozen)
    class Played(Interleaving):
        pass

    Played.parts = parts
    return Played()


def told(played: Interleaving, side: int = 0) -> None:
    """One message to count, at the first operation of its save."""
    played.tell("a")
    played.deliver(side, 0)


def decide(played: Interleaving, side: int, operations: int, fate: Fate = Fate.DONE) -> None:
    for _ in range(operations):
        played.replica(side).decide(0, fate)
        played.world.settle()


def records(world: World) -> int:
    return sum(not key.startswith("~") for key in world.rows["outboxes"])


@pytest.mark.parametrize("operations", [FIND, RECORD, SAVE, DONE])
def test_a_crash_at_any_point_of_a_save_loses_nothing(operations: int) -> None:
    played = play()
    told(played)
    decide(played, 0, operations)
    played.crash(0)

    assert records(played.world) == (operations > RECORD)
    played.teardown()
    assert records(played.world) == 0


@pytest.mark.parametrize("fate", [Fate.LOST, Fate.ANSWER_LOST])
@pytest.mark.parametrize("operation", [FIND, RECORD, SAVE])
@pytest.mark.parametrize("dies", [False, True])
def test_an_operation_that_breaks_loses_nothing(operation: int, fate: Fate, dies: bool) -> None:
    played = play()
    told(played)
    decide(played, 0, operation)
    decide(played, 0, 1, fate)
    if dies:
        played.crash(0)

    played.teardown()


@pytest.mark.parametrize("first", [FIND, RECORD, SAVE, DONE])
@pytest.mark.parametrize("second", [FIND, RECORD, SAVE, DONE])
def test_two_processes_that_save_the_same_and_die_lose_nothing(first: int, second: int) -> None:
    """One of them loses the race, and its record is of no consequence."""
    played = play()
    told(played, 0)
    told(played, 1)
    decide(played, 0, first)
    decide(played, 1, second)
    played.crash(0)
    played.crash(1)

    played.teardown()


def test_what_was_confirmed_and_marked_is_not_announced_by_the_next_process() -> None:
    played = play()
    told(played)
    while played.move():
        pass
    played.tidy(0, 1.0)
    while played.move():
        pass
    played.crash(0)
    told(played, 1)
    decide(played, 1, 1)
    decide(played, 1, 1)  # The mark of the other process is read.
    decide(played, 1, 2)

    assert len(played.replica(1).sent) == 1
    played.teardown()


class LosesRecords(Collection):
    def _write(self, at: int, write: Any) -> Iterator[dict[str, Any]]:
        if not (isinstance(write, InsertOne) and "since" in write._doc):
            yield from super()._write(at, write)


def test_a_record_that_is_missing_is_found() -> None:
    """What this file proves rests on the records."""
    played = play(Parts(collection=LosesRecords))
    told(played)
    decide(played, 0, DONE)
    played.crash(0)

    with pytest.raises(AssertionError, match="never at rest"):
        played.teardown()


class TrimsBeforeTheConfirm(Relay):
    def offer(self, source: Any, id_: str, events: Any) -> int:
        taken = super().offer(source, id_, events)
        for event in events:
            source.settle(id_, event["id"])
        return taken


class MarksBeforeTheConfirm(Store[Any]):
    """What is saved counts as through: who loads it next leaves its events out."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.outbox.end = lambda batch, _: self.outbox._batches.end(batch, batch.entries)  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("parts", "sound"),
    [
        (Parts(), True),
        (Parts(relay=TrimsBeforeTheConfirm), False),
        (Parts(store=MarksBeforeTheConfirm), False),
    ],
)
def test_only_what_the_broker_has_confirmed_is_through(parts: Parts, sound: bool) -> None:
    played = play(parts)
    told(played)
    while played.replica(0).held:
        decide(played, 0, 1)
    played.tidy(0, 1.0)
    while played.replica(0).held:
        decide(played, 0, 1)
    played.crash(0)

    if sound:
        played.teardown()
        return
    with pytest.raises(AssertionError):
        played.teardown()


class ForgetsWhatWasUnderWay(Relay):
    def _drop(self) -> None:
        self._flight.clear()
        super()._drop()


def test_an_event_that_both_processes_forget_is_found() -> None:
    """What one forgets the sweep of the other sends, if it has not taken it on itself."""
    played = play(Parts(relay=ForgetsWhatWasUnderWay))
    for side in (0, 1):
        told(played, side)
        while played.replica(side).held:
            decide(played, side, 1)
    for side in (0, 1):
        played.lose_relay_connection(side)

    with pytest.raises(AssertionError, match="never at rest"):
        played.teardown()
