"""The collection that the model runs on behaves like the real one: one suite over both."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo import DeleteMany, InsertOne, ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError

from deploy.embedded.database import Database
from shared.records import OPTIONS, RAW, to_raw
from tests.chaos.model.memory import Collection, decode_

AT = datetime(2026, 1, 1, tzinfo=UTC)
IDS = ("a", "b")
RECORDS = ("a:1", "a:2", "a:3", "~a")
Row = dict[str, Any]


@pytest.fixture
def real(database: Database, database_prefix: str) -> Iterator[Any]:
    with pymongo.MongoClient[Row](database.uri, tz_aware=True) as client:
        collection = client[f"{database_prefix}_memory"]["rows"]
        collection.create_index([("since", 1)], sparse=True)
        yield collection.with_options(codec_options=OPTIONS)


def save(id_: str, version: int, ages: list[int]) -> Any:
    """As the store saves: version n + 1 over version n, or where there is nothing."""
    outbox = [{"id": f"{id_}{age}", "at": AT - timedelta(seconds=age)} for age in ages]
    document = {"_id": id_, "version": version + 1, **({"outbox": outbox} if outbox else {})}
    new = RAW.document_class(to_raw(document))
    if version == 0:
        return InsertOne(new)
    return ReplaceOne({"_id": id_, "version": version}, new, upsert=True)


def trim(id_: str, ages: list[int]) -> UpdateOne:
    ids = [f"{id_}{age}" for age in ages]
    return UpdateOne({"_id": id_}, {"$pull": {"outbox": {"id": {"$in": ids}}}})


def record(number: int) -> list[Any]:
    """As a batch is written down: never twice, so what is there goes first."""
    key = RECORDS[number]
    return [DeleteMany({"_id": {"$in": [key]}}), InsertOne({"_id": key, "since": f"a:{number}"})]


def mark(done: int) -> ReplaceOne[Any]:
    return ReplaceOne({"_id": RECORDS[3]}, {"_id": RECORDS[3], "done": done}, upsert=True)


ages = st.lists(st.integers(0, 9), max_size=3, unique=True)
saves = st.builds(save, st.sampled_from(IDS), st.integers(0, 3), ages)
trims = st.builds(trim, st.sampled_from(IDS), ages)
numbers = st.integers(0, 2)
removals = st.builds(lambda number: DeleteMany({"_id": {"$in": [RECORDS[number]]}}), numbers)
batches = st.lists(
    st.lists(saves, min_size=1, max_size=3)
    | st.lists(trims, min_size=1, max_size=2)
    | st.lists(removals | st.builds(mark, numbers), min_size=1, max_size=2),
    max_size=6,
)
steps = st.lists(batches | st.builds(lambda number: [[each] for each in record(number)], numbers))


def write(collection: Any, batch: list[Any]) -> set[tuple[int, int]]:
    """Which writes of the batch failed, and how."""
    try:
        collection.bulk_write(batch, ordered=False)
    except BulkWriteError as exc:
        return {(error["index"], error["code"]) for error in exc.details["writeErrors"]}
    return set()


def seen(collection: Any, low: str, high: str) -> tuple[list[Row], list[Row], list[Row]]:
    """All documents as the store reads them, the records of a range, and the mark."""
    raw = collection.with_options(codec_options=RAW).find({"_id": {"$in": list(IDS)}})
    rows = sorted((decode_(bytes(row.raw)) for row in raw), key=lambda row: row["_id"])
    records = collection.find({"since": {"$gt": low, "$lt": high}})
    return (
        rows,
        sorted(records, key=lambda row: row["_id"]),
        list(collection.find({"_id": {"$in": ["~a"]}})),
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.sampled_from(RECORDS), st.sampled_from(RECORDS))
def test_writes_races_trims_and_sweeps_are_those_of_the_real_database(
    real: Any, steps: list[list[list[Any]]], low: str, high: str
) -> None:
    real.delete_many({})
    memory = Collection({})
    for batch in (batch for step in steps for batch in step):
        assert write(memory, batch) == write(real, batch)
        assert seen(memory, low, high) == seen(real, low, high)
