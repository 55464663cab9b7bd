"""Sweeps look at what waits, not at everything."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

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


def test_the_sweep_of_the_outboxes_uses_the_index(crowd: Store[Counter]) -> None:
    query = {"outbox.at": {"$gt": EARLIEST, "$lt": datetime.now(UTC) + timedelta(seconds=1)}}

    plan = crowd.collection.find(query, {"outbox": 1}).explain()

    assert stages(plan) == {"IXSCAN"}


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
    indexes = store.collection.index_information()

    assert indexes["outbox.at_1"]["sparse"]
    assert indexes["due_at_1"]["sparse"]


def test_the_indexes_of_the_document_are_set_up_too(store: Store[Counter]) -> None:
    assert {"status_1", "status_1_count_-1"} <= store.collection.index_information().keys()


def test_setting_up_the_indexes_again_changes_nothing(
    store: Store[Counter], quiet: Platform
) -> None:
    before = store.collection.index_information()
    quiet.prepare()

    assert store.collection.index_information() == before
