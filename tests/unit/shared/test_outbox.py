"""What an outbox holds, leaves out and refuses."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from shared import batches, outbox, records
from shared.errors import Invalid, Unavailable
from shared.outbox import MOST, MOST_BYTES, Outbox
from shared.records import LARGEST, Record, _concern, _failure, _Map, to_raw
from tests.chaos.model.memory import Collection, Fate, decode_

AT = datetime(2026, 1, 1, tzinfo=UTC)


def event(name: str, size: int = 2) -> dict[str, Any]:
    return {"id": name, "type": "thing.moved.v1", "at": AT, "body": b"x" * size}


class FakeRelay:
    def __init__(self) -> None:
        self.offered: list[list[str]] = []

    def offer(self, _source: object, _id: str, events: Sequence[dict[str, Any]]) -> None:
        self.offered.append([event["id"] for event in events])


class FakeCollection(Collection):
    """A collection in memory that tells what was pulled out of which document."""

    def __init__(self, name: str = "things") -> None:
        super().__init__({}, self.gate, name=name)
        self.pulled: list[tuple[str, set[str]]] = []
        self.away = False

    def gate(self, _what: str) -> Fate:
        if self.away:
            raise ConnectionError("away")
        return Fate.DONE

    def _pull(self, id_: str, events: Sequence[str]) -> None:
        self.pulled.append((id_, set(events)))
        super()._pull(id_, events)


@pytest.fixture
def world() -> SimpleNamespace:
    relay, collection, notes = FakeRelay(), FakeCollection(), FakeCollection("outboxes")
    box = Outbox("tally", collection, notes, relay, lambda: AT)  # type: ignore[arg-type]
    return SimpleNamespace(relay=relay, collection=collection, notes=notes, box=box)


def other(world: SimpleNamespace) -> Outbox:
    """The same outboxes in another process."""
    return Outbox("tally", world.collection, world.notes, FakeRelay(), lambda: AT)  # type: ignore[arg-type]


def save(world: SimpleNamespace, box: Outbox, *records: Record, sent: bool = True) -> None:
    """As the store does, up to a crash before the documents are sent."""
    batch = box.begin(records)
    if not sent:
        return
    for each in records:
        raw = batch.stamp(each.raw, each.version) if batch and each.pending else each.raw
        world.collection.rows[each.id] = raw
    if batch:
        box.end(batch, ())
    for each in records:
        box.saved(each)


def record(id_: str, version: int, *events: str) -> Record:
    pending = [event(name) for name in events]
    return Record(
        id_, version, to_raw({"_id": id_, "version": version, "outbox": pending}), pending
    )


def stored(world: SimpleNamespace, id_: str = "a") -> dict[str, Any]:
    return decode_(world.collection.rows[id_])


def records_of(world: SimpleNamespace) -> list[list[list[Any]]]:
    rows = [decode_(body) for body in world.notes.rows.values()]
    return [row["documents"] for row in rows if "documents" in row]


def swept(box: Outbox, age: float = -1) -> dict[str, list[str]]:
    return {id_: [each["id"] for each in pending] for id_, pending in box.sweep(age)}


def test_the_pending_events_are_offered_after_a_save(world: SimpleNamespace) -> None:
    world.box.saved(Record("a", 1, b"", [event("a1"), event("a2")]))

    assert world.relay.offered == [["a1", "a2"]]


def test_an_event_confirmed_during_a_save_is_not_offered_again(world: SimpleNamespace) -> None:
    world.box.settle("a", "a1")
    world.box.saved(Record("a", 2, b"", [event("a1"), event("a2")]))

    assert world.relay.offered == [["a2"]]


def test_the_next_save_leaves_confirmed_events_out(world: SimpleNamespace) -> None:
    world.box.settle("a", "a1")

    kept = world.box.extended({"outbox": [event("a1"), event("a2")]}, [event("a3")])

    assert [each["id"] for each in kept] == ["a2", "a3"]


def test_a_batch_is_written_down_before_its_documents(world: SimpleNamespace) -> None:
    save(world, world.box, record("a", 3, "a1"), record("b", 1), record("c", 9, "c1"), sent=False)

    assert records_of(world) == [[["a", 3], ["c", 9]]]


def test_saves_that_announce_nothing_are_not_written_down(world: SimpleNamespace) -> None:
    save(world, world.box, record("a", 3))

    assert world.notes.rows == {}
    assert "saved_in" not in stored(world)


def test_a_batch_that_cannot_be_written_down_is_not_sent(world: SimpleNamespace) -> None:
    world.notes.away = True
    with pytest.raises(ConnectionError):
        save(world, world.box, record("a", 1, "a1"))
    world.notes.away = False
    world.box.trim()

    assert world.collection.rows == {}
    assert swept(world.box) == {}


def test_a_record_goes_when_every_event_is_confirmed(world: SimpleNamespace) -> None:
    save(world, world.box, record("a", 1, "a1", "a2"), record("b", 1, "b1"))
    world.box.settle("a", "a1")
    world.box.settle("b", "b1")
    world.box.trim()
    assert len(records_of(world)) == 1

    world.box.settle("a", "a2")
    world.box.trim()
    assert records_of(world) == []
    assert world.collection.pulled == []


def test_another_process_knows_what_is_through(world: SimpleNamespace) -> None:
    there = other(world)
    save(world, world.box, record("a", 1, "a1"))
    there.learn([stored(world)])
    assert [each["id"] for each in there.pending(stored(world))] == ["a1"]

    world.box.settle("a", "a1")
    world.box.trim()
    there.learn([stored(world)])
    assert there.pending(stored(world)) == []


def test_a_batch_that_is_not_through_does_not_hide_the_later_ones(world: SimpleNamespace) -> None:
    there = other(world)
    save(world, world.box, record("a", 1, "a1"))
    save(world, world.box, record("b", 1, "b1"))
    world.box.settle("b", "b1")
    world.box.trim()
    there.learn([stored(world), stored(world, "b")])

    assert [each["id"] for each in there.pending(stored(world))] == ["a1"]
    assert there.pending(stored(world, "b")) == []


def test_a_mark_is_bounded(world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_OPEN", 2)
    for number in range(4):
        save(world, world.box, record(f"a{number}", 1, f"e{number}"))
    save(world, world.box, record("b", 1, "b1"))
    world.box.settle("b", "b1")
    world.box.trim()
    there = other(world)
    there.learn([stored(world, "b")])
    assert there.pending(stored(world, "b"))  # To be on the safe side.

    for number in range(4):
        world.box.settle(f"a{number}", f"e{number}")
    world.box.trim()
    there.learn([stored(world, "b")])
    assert there.pending(stored(world, "b")) == []
    assert records_of(world) == []


def test_an_older_release_that_saves_on_top_makes_its_events_pending(
    world: SimpleNamespace,
) -> None:
    """It keeps the field that it does not know, and writes another version."""
    save(world, world.box, record("a", 1, "a1"))
    world.box.settle("a", "a1")
    world.box.trim()
    older = stored(world) | {"version": 2, "outbox": [event("a2")]}

    assert [each["id"] for each in world.box.pending(older)] == ["a2"]


def test_what_a_dead_process_left_is_swept_taken_out_and_forgotten(world: SimpleNamespace) -> None:
    save(world, other(world), record("a", 1, "a1", "a2"))

    assert swept(world.box, 10) == {}
    assert swept(world.box) == {"a": ["a1", "a2"]}
    for name in ("a1", "a2"):
        world.box.settle("a", name)
    world.box.trim()

    assert world.collection.pulled == [("a", {"a1", "a2"})]
    assert swept(world.box) == {}
    assert records_of(world) == []


def test_what_was_confirmed_before_its_save_is_found_when_the_process_dies_unmarked(
    world: SimpleNamespace,
) -> None:
    """The confirm came between reading the outbox and writing the batch down."""
    there = other(world)
    there.settle("a", "a1")
    save(world, there, record("a", 1, "a1"), record("b", 1, "b1"))

    assert swept(world.box) == {"a": ["a1"], "b": ["b1"]}
    for name in ("a1", "b1"):
        world.box.settle(name[0], name)
    world.box.trim()

    assert stored(world)["outbox"] == []
    assert swept(world.box) == {}
    assert records_of(world) == []


def test_a_record_whose_documents_never_came_goes_after_a_day(world: SimpleNamespace) -> None:
    save(world, other(world), record("a", 1, "a1"), sent=False)
    assert swept(world.box) == {}
    assert len(records_of(world)) == 1

    tomorrow = AT + timedelta(days=1, seconds=1)
    later = Outbox("tally", world.collection, world.notes, FakeRelay(), lambda: tomorrow)  # type: ignore[arg-type]
    assert swept(later) == {}
    assert records_of(world) == []


def test_a_record_of_documents_that_others_have_saved_since_goes_at_once(
    world: SimpleNamespace,
) -> None:
    save(world, other(world), record("a", 1, "a1"), sent=False)
    save(world, other(world), record("a", 1, "b1"))

    assert swept(world.box) == {"a": ["b1"]}
    assert len(records_of(world)) == 1


def test_an_event_that_another_process_sent_is_not_waited_for(world: SimpleNamespace) -> None:
    """Its sweep was faster than this process's broker."""
    there = other(world)
    save(world, world.box, record("a", 1, "a1"))
    assert swept(there) == {"a": ["a1"]}
    there.settle("a", "a1")
    there.trim()

    assert swept(world.box) == {}
    world.box.trim()
    assert records_of(world) == []


def test_a_save_whose_answer_was_lost_is_looked_at(world: SimpleNamespace) -> None:
    there, saved = record("a", 1, "a1"), record("b", 1, "b1")
    batch = world.box.begin([there, saved])
    world.collection.rows["b"] = batch.stamp(saved.raw, 1)
    world.box.end(batch, ())

    assert swept(world.box) == {"b": ["b1"]}
    world.box.settle("b", "b1")
    world.box.trim()
    assert len(records_of(world)) == 1  # The other write may still be under way.

    save(world, world.box, record("a", 1, "a2"))
    world.box.settle("a", "a2")
    assert swept(world.box) == {}
    world.box.trim()
    assert records_of(world) == []


def test_a_trim_that_fails_is_made_up_for(world: SimpleNamespace) -> None:
    save(world, other(world), record("a", 1, "a1"))
    save(world, world.box, record("b", 1, "b1"))
    world.box.settle("a", "a1")
    world.box.settle("b", "b1")
    for server in (world.collection, world.notes):
        server.away = True
        with pytest.raises(ConnectionError):
            world.box.trim()
        server.away = False
    world.box.trim()

    assert world.collection.pulled == [("a", {"a1"})]
    assert len(records_of(world)) == 1  # The other process's.


def test_what_another_process_brought_back_is_taken_out_again(world: SimpleNamespace) -> None:
    save(world, other(world), record("a", 1, "a1"))
    world.box.settle("a", "a1")
    world.box.trim()
    save(world, other(world), record("a", 2, "a1", "a2"))

    assert swept(world.box) == {"a": ["a2"]}
    world.box.trim()

    assert world.collection.pulled == [("a", {"a1"}), ("a", {"a1"})]


def test_what_was_confirmed_is_remembered_within_a_bound(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "REMEMBERED", 2)
    box = Outbox("tally", world.collection, world.notes, world.relay, lambda: AT)
    for name in ("a1", "a2", "a2", "a3"):
        box.settle("a", name)

    pending = box.pending({"outbox": [event(name) for name in ("a1", "a2", "a3")]})

    assert [each["id"] for each in pending] == ["a1"]


def test_an_outbox_takes_so_many_events(world: SimpleNamespace) -> None:
    full = {"outbox": [event(f"a{number}") for number in range(MOST - 1)]}
    assert len(world.box.extended(full, [event("b1")])) == MOST

    with pytest.raises(Unavailable) as refused:
        world.box.extended(full, [event("b1"), event("b2")])
    assert refused.value.code == "outbox-full"


def test_an_outbox_takes_so_many_bytes(world: SimpleNamespace) -> None:
    large = {"outbox": [event("a1", MOST_BYTES - 10)]}
    assert len(world.box.extended(large, [event("b1", 10)])) == 2

    with pytest.raises(Unavailable):
        world.box.extended(large, [event("b1", 11)])


def test_a_full_outbox_still_takes_a_save_without_events(world: SimpleNamespace) -> None:
    full = {"outbox": [event(f"a{number}") for number in range(MOST + 1)]}

    assert len(world.box.extended(full, [])) == MOST + 1


def test_the_identity_map_keeps_the_newest_version() -> None:
    held = _Map()
    held.put("a", 2, b"two")
    held.put("a", 1, b"one")
    assert held.get("a") == b"two"

    held.outdate("a", 2)
    assert held.get("a") == b"two"
    held.outdate("a", 3)
    assert held.get("a") is None


def test_the_identity_map_forgets_what_was_not_used_for_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(records, "HELD", 2)
    held = _Map()
    held.put("a", 1, b"a")
    held.put("b", 1, b"b")
    held.get("a")
    held.put("c", 1, b"c")

    assert [held.get(name) for name in "abc"] == [b"a", None, b"c"]


def test_the_identity_map_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "HELD_BYTES", 10)
    held = _Map()
    for name in "abc":
        held.put(name, 1, b"12345")
        held.put(name, 2, b"12345")

    assert [held.get(name) for name in "abc"] == [None, b"12345", b"12345"]


@pytest.mark.parametrize(
    "value", [2**63, "\ud800", {"a\0b": 1}, object()], ids=["large", "surrogate", "key", "object"]
)
def test_what_no_database_can_hold_is_invalid(value: object) -> None:
    with pytest.raises(Invalid) as refused:
        to_raw({"_id": "a", "value": value})
    assert refused.value.code == "not-storable"


def test_a_document_that_is_too_large_is_invalid() -> None:
    with pytest.raises(Invalid) as refused:
        to_raw({"_id": "a", "value": "x" * LARGEST})
    assert refused.value.code == "too-large"


def test_a_duplicate_is_a_lost_race_and_nothing_else_is() -> None:
    assert isinstance(_failure({"code": 11000, "errmsg": "E11000"}), records.LostRace)
    assert not isinstance(_failure({"code": 50, "errmsg": "slow"}), records.LostRace)


def test_too_few_acknowledgements_are_no_success() -> None:
    assert _concern([]) is None
    waited = _concern([{"code": 64, "errmsg": "waited", "errInfo": {"wtimeout": True}}])
    assert type(waited).__name__ == "WTimeoutError"
    assert type(_concern([{"code": 100, "errmsg": "few"}])).__name__ == "WriteConcernError"
