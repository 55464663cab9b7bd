"""What an outbox holds, leaves out and refuses."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from shared import outbox, records
from shared.errors import Invalid, Unavailable
from shared.outbox import MOST, MOST_BYTES, Outbox
from shared.records import LARGEST, Record, _concern, _failure, _Map, to_raw

AT = datetime(2026, 1, 1, tzinfo=UTC)


def event(name: str, size: int = 2) -> dict[str, Any]:
    return {"id": name, "type": "thing.moved.v1", "at": AT, "body": b"x" * size}


class FakeRelay:
    def __init__(self) -> None:
        self.offered: list[list[str]] = []

    def offer(self, _source: object, _id: str, events: Sequence[dict[str, Any]]) -> None:
        self.offered.append([event["id"] for event in events])


class FakeCollection:
    """Remembers what was pulled out of which document."""

    def __init__(self) -> None:
        self.pulled: list[tuple[str, set[str]]] = []
        self.found: list[dict[str, Any]] = []
        self.away = False

    def find(self, _wanted: object, _fields: object) -> "FakeCollection":
        return self

    def batch_size(self, _size: int) -> Iterator[dict[str, Any]]:
        return iter(self.found)

    def bulk_write(self, writes: Sequence[Any], *, ordered: bool) -> None:
        assert not ordered
        if self.away:
            raise ConnectionError("away")
        for write in writes:
            ids = write._doc["$pull"]["outbox"]["id"]["$in"]
            self.pulled.append((write._filter["_id"], set(ids)))


@pytest.fixture
def world() -> SimpleNamespace:
    relay, collection = FakeRelay(), FakeCollection()
    box = Outbox("tally", collection, relay, lambda: AT)  # type: ignore[arg-type]
    return SimpleNamespace(relay=relay, collection=collection, box=box)


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


def test_confirmed_events_are_trimmed_once(world: SimpleNamespace) -> None:
    world.box.settle("a", "a1")
    world.box.settle("a", "a2")
    world.box.settle("b", "b1")
    world.box.trim()
    world.box.trim()

    assert sorted(world.collection.pulled) == [("a", {"a1", "a2"}), ("b", {"b1"})]


def test_what_a_save_left_out_needs_no_trimming(world: SimpleNamespace) -> None:
    world.box.settle("a", "a1")
    world.box.saved(Record("a", 2, b"", [], frozenset({"a1"})))
    world.box.trim()

    assert world.collection.pulled == []


def test_a_trim_that_fails_is_made_up_for(world: SimpleNamespace) -> None:
    world.box.settle("a", "a1")
    world.collection.away = True
    with pytest.raises(ConnectionError):
        world.box.trim()
    world.collection.away = False
    world.box.trim()

    assert world.collection.pulled == [("a", {"a1"})]


def test_what_a_save_under_way_brought_back_is_trimmed_again(world: SimpleNamespace) -> None:
    made_before_the_confirm = Record("a", 2, b"", [event("a1"), event("a2")])
    world.box.settle("a", "a1")
    world.box.trim()
    world.box.saved(made_before_the_confirm)
    world.box.trim()

    assert world.collection.pulled == [("a", {"a1"}), ("a", {"a1"})]
    assert world.relay.offered == [["a2"]]


def test_what_another_process_brought_back_is_trimmed_by_the_sweep(world: SimpleNamespace) -> None:
    world.box.settle("a", "a1")
    world.box.trim()
    world.collection.found = [{"_id": "a", "outbox": [event("a1"), event("a2")]}]

    assert [(id_, [e["id"] for e in events]) for id_, events in world.box.sweep(10)] == [
        ("a", ["a2"])
    ]
    world.box.trim()

    assert world.collection.pulled == [("a", {"a1"}), ("a", {"a1"})]


def test_an_older_copy_of_a_document_repeats_no_event(world: SimpleNamespace) -> None:
    world.box.settle("a", "a1")
    world.box.trim()

    assert world.box.pending({"outbox": [event("a1")]}) == []


def test_what_was_confirmed_is_remembered_within_a_bound(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "REMEMBERED", 2)
    box = Outbox("tally", world.collection, world.relay, lambda: AT)
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
