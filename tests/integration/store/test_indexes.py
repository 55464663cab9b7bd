"""Sweeps look at what waits, not at everything."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.batches import RECORDS
from shared.outbox import EARLIEST
from shared.platform import Platform
from shared.store import Store
from tests.integration.store.tally import Counter

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def crowd(store: Store[Counter]) -> Store[Counter]:
    """Many that wait for nothing, and three that do."""
    plain = {"version": 1, "schema_version": 1, "handled": [], "count": 0, "status": "down"}
    store.collection.insert_many([{"_id": f"c{number}", **plain} for number in range(2_000)])
    store.collection.insert_many(
        [{"_id": f"e{number}", **plain, "outbox": []} for number in range(500)]
    )
    for number in range(3):
        store.create(None, Counter(f"due{number}", due_at=NOW - timedelta(hours=1), events=[]))
        store.change(f"due{number}", None, Counter.hit)
    return store


def stages(plan: Any) -> set[str]:
    """Every stage named anywhere in an explanation."""
    text = json.dumps(plan, default=str)
    return {stage for stage in ("COLLSCAN", "IXSCAN", "IDHACK") if f'"{stage}"' in text}


def test_the_sweep_of_the_outboxes_uses_indexes_alone(crowd: Store[Counter]) -> None:
    notes = crowd.collection.database[RECORDS]
    notes.insert_many([{"_id": f"other:{n}", "since": f"others:{n:015}"} for n in range(500)])
    overdue = notes.find({"since": {"$gt": "counters:", "$lt": "counters:9"}})
    marks = notes.find({"_id": {"$in": ["~a", "~b"]}})
    documents = crowd.collection.find({"_id": {"$in": ["c1", "c2"]}}, {"outbox": 1})

    assert stages(overdue.explain()) == {"IXSCAN"}
    assert stages(marks.explain()) <= {"IXSCAN", "IDHACK"}
    assert stages(documents.explain()) <= {"IXSCAN", "IDHACK"}


def test_no_index_of_an_aggregate_knows_of_its_outbox(store: Store[Counter]) -> None:
    assert not [name for name in store.collection.index_information() if "outbox" in name]


def test_what_an_older_release_left_is_adopted_once_and_its_index_dropped(
    store: Store[Counter], quiet: Platform
) -> None:
    store.create(None, Counter("new"))
    store.change("new", None, Counter.hit)
    old = {"version": 4, "schema_version": 1, "handled": [], "count": 0, "status": "down"}
    entry = {"id": "e", "type": "counter.hit.v1", "at": NOW, "body": b"{}"}
    store.collection.insert_many(
        [{"_id": "quiet", **old}, {"_id": "old", **old, "outbox": [entry]}]
    )
    store.collection.create_index([("outbox.at", 1)], sparse=True)

    quiet.prepare()
    quiet.prepare()

    assert "outbox.at_1" not in store.collection.index_information()
    found = [(id_, [event["id"] for event in events]) for id_, events in store.outbox.sweep(-1)]
    assert ("old", ["e"]) in found
    assert {id_ for id_, _ in found} == {"old", "new"}
    store.outbox.settle("old", "e")
    store.outbox.trim()
    assert [id_ for id_, _ in store.outbox.sweep(-1)] == ["new"]


def test_a_hundred_thousand_saves_would_leave_no_record(store: Store[Counter]) -> None:
    """What is confirmed is forgotten: one mark stays, however many batches there were."""
    for number in range(40):
        store.create(None, Counter(f"c{number}"))
        store.change(f"c{number}", None, Counter.hit)
        (event,) = store.collection.find_one({"_id": f"c{number}"})["outbox"]
        store.outbox.settle(f"c{number}", event["id"])
    store.outbox.trim()

    (mark,) = store.collection.database[RECORDS].find()
    assert (mark["done"], mark["open"]) == (40, [])


def test_the_next_process_repeats_nothing_that_is_marked(
    store: Store[Counter], other: Store[Counter]
) -> None:
    store.create(None, Counter("c"))
    store.change("c", None, Counter.hit)
    (event,) = store.collection.find_one({"_id": "c"})["outbox"]
    store.outbox.settle("c", event["id"])
    store.outbox.trim()

    other.change("c", None, Counter.hit)

    (left,) = store.collection.find_one({"_id": "c"})["outbox"]
    assert left["id"] != event["id"]


def test_the_search_for_what_is_due_uses_the_index(crowd: Store[Counter]) -> None:
    query = {"due_at": {"$gt": EARLIEST, "$lte": NOW}}

    plan = crowd.collection.find(query, {"_id": 1}).sort("due_at", 1).limit(100).explain()

    assert stages(plan) == {"IXSCAN"}
    assert len(crowd.due(NOW)) == 3


def test_a_sweep_finds_what_has_waited_long_enough(crowd: Store[Counter]) -> None:
    assert list(crowd.outbox.sweep(60)) == []
    found = {id_: [event["type"] for event in pending] for id_, pending in crowd.outbox.sweep(-1)}

    assert found == {f"due{number}": ["counter.hit.v1"] for number in range(3)}


def test_the_indexes_of_the_sweeps_hold_no_more_than_what_waits(store: Store[Counter]) -> None:
    notes = store.collection.database[RECORDS]

    assert store.collection.index_information()["due_at_1"]["sparse"]
    assert notes.index_information()["since_1"]["sparse"]


def test_the_indexes_of_the_document_are_set_up_too(store: Store[Counter]) -> None:
    assert {"status_1", "status_1_count_-1"} <= store.collection.index_information().keys()


def test_setting_up_the_indexes_again_changes_nothing(
    store: Store[Counter], quiet: Platform
) -> None:
    before = store.collection.index_information()
    quiet.prepare()

    assert store.collection.index_information() == before
