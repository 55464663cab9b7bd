"""The collection that the model runs on behaves like the real one: one suite over both."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo import ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError

from deploy.embedded.database import Database
from shared.outbox import EARLIEST
from shared.records import OPTIONS, RAW, to_raw
from tests.chaos.model.memory import Collection, decode_

AT = datetime(2026, 1, 1, tzinfo=UTC)
IDS = ("a", "b")
Row = dict[str, Any]


@pytest.fixture
def real(database: Database, database_prefix: str) -> Iterator[Any]:
    with pymongo.MongoClient[Row](database.uri, tz_aware=True) as client:
        collection = client[f"{database_prefix}_memory"]["rows"]
        collection.create_index([("outbox.at", 1)], sparse=True)
        yield collection.with_options(codec_options=OPTIONS)


def save(id_: str, version: int, ages: list[int]) -> ReplaceOne[Any]:
    """As the store saves: version n + 1 over version n, or where there is nothing."""
    outbox = [{"id": f"{id_}{age}", "at": AT - timedelta(seconds=age)} for age in ages]
    document = {"_id": id_, "version": version + 1, **({"outbox": outbox} if outbox else {})}
    filter_ = {"_id": id_, "version": version}
    return ReplaceOne(filter_, RAW.document_class(to_raw(document)), upsert=True)


def trim(id_: str, ages: list[int]) -> UpdateOne:
    ids = [f"{id_}{age}" for age in ages]
    return UpdateOne({"_id": id_}, {"$pull": {"outbox": {"id": {"$in": ids}}}})


ages = st.lists(st.integers(0, 9), max_size=3, unique=True)
saves = st.builds(save, st.sampled_from(IDS), st.integers(0, 3), ages)
trims = st.builds(trim, st.sampled_from(IDS), ages)
batches = st.lists(
    st.lists(saves, min_size=1, max_size=3) | st.lists(trims, min_size=1, max_size=2), max_size=6
)


def write(collection: Any, batch: list[Any]) -> set[tuple[int, int]]:
    """Which writes of the batch failed, and how."""
    try:
        collection.bulk_write(batch, ordered=False)
    except BulkWriteError as exc:
        return {(error["index"], error["code"]) for error in exc.details["writeErrors"]}
    return set()


def seen(collection: Any, age: int) -> tuple[list[Row], list[str]]:
    """All documents as the store reads them, and the ids of those that a sweep finds."""
    raw = collection.with_options(codec_options=RAW).find({"_id": {"$in": list(IDS)}})
    overdue = {"outbox.at": {"$gt": EARLIEST, "$lt": AT - timedelta(seconds=age)}}
    swept = collection.find(overdue, {"outbox": 1}).batch_size(100)
    rows = sorted((decode_(bytes(row.raw)) for row in raw), key=lambda row: row["_id"])
    return rows, sorted(row["_id"] for row in swept)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches, st.integers(0, 9))
def test_writes_races_trims_and_sweeps_are_those_of_the_real_database(
    real: Any, batches: list[list[Any]], age: int
) -> None:
    real.delete_many({})
    memory = Collection({})
    for batch in batches:
        assert write(memory, batch) == write(real, batch)
        assert seen(memory, age) == seen(real, age)
