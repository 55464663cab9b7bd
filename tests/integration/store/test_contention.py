"""Several processes change the same aggregates: nothing is lost, nothing is done twice."""

import threading
import time
from functools import partial
from typing import Any

import pymongo
import pytest
from eventlet import GreenPool
from pymongo.errors import AutoReconnect

from deploy.embedded.database import Database
from shared.envelope import Call
from shared.platform import Platform
from shared.store import Store
from tests.integration.store.tally import (
    Counter,
    Inbox,
    counters,
    first_deliveries,
    platform,
    workers,
)

HOT = 3


def messages(count: int, counters: int = HOT, prefix: str = "m") -> list[list[str]]:
    """Each with its own id, spread over the counters."""
    return [[f"{prefix}{number}", f"c{number % counters}"] for number in range(count)]


def documents(environment: dict[str, str]) -> dict[str, dict[str, Any]]:
    with pymongo.MongoClient[dict[str, Any]](environment["MONGO_URI"]) as client:
        found = client[f"{environment['DATABASE_PREFIX']}_tally"]["counters"].find()
        return {document["_id"]: document for document in found}


def test_two_processes_that_get_every_message_each_do_it_once_together(
    environment: dict[str, str], inbox: Inbox
) -> None:
    every = messages(240)
    jobs = [
        {"command": "hit", "messages": every, "greenlets": 40, "shuffle": seed} for seed in (1, 2)
    ]

    with workers(environment, *jobs) as racing:
        for worker in racing:
            worker.finish()

    found = documents(environment)
    assert {id_: document["count"] for id_, document in found.items()} == dict.fromkeys(found, 80)
    assert all(document["version"] == 80 for document in found.values())
    handled = {id_: set(document["handled"]) for id_, document in found.items()}
    assert handled == {f"c{k}": {name for name, c in every if c == f"c{k}"} for k in range(HOT)}
    announced = first_deliveries(inbox.take(240))
    assert announced == {f"counter:c{k}": list(range(1, 81)) for k in range(HOT)}


def test_new_aggregates_that_several_messages_create_are_created_once(
    environment: dict[str, str], inbox: Inbox
) -> None:
    jobs = [
        {"command": "hit", "messages": messages(100, 100, prefix), "greenlets": 50}
        for prefix in "ab"
    ]

    with workers(environment, *jobs) as racing:
        for worker in racing:
            worker.finish()

    found = documents(environment)
    assert len(found) == 100
    assert all(document["count"] == document["version"] == 2 for document in found.values())
    assert len(inbox.take(200)) >= 200


@pytest.mark.parametrize("outage", ["frozen", "killed"])
def test_a_database_that_goes_away_for_seconds_loses_nothing(
    environment: dict[str, str], inbox: Inbox, database: Database, outage: str
) -> None:
    uri = environment["MONGO_URI"].replace("socketTimeoutMS=10000", "socketTimeoutMS=1500")
    job = {"command": "hit", "messages": messages(1_500, 30), "greenlets": 30, "pause": 0.1}

    with workers({**environment, "MONGO_URI": uri}, job) as (worker,):
        worker.wait_for("relay connected")
        inbox.take(100)
        leave, come_back = (
            (database.freeze, database.thaw)
            if outage == "frozen"
            else (database.kill, database.restart)
        )
        leave()
        time.sleep(5)
        assert worker.process.poll() is None
        come_back()
        worker.finish(90)

    found = documents(environment)
    assert {document["count"] for document in found.values()} == {50}
    assert {document["version"] for document in found.values()} == {50}


def test_a_save_that_the_frozen_database_finishes_later_counts_once(
    environment: dict[str, str], database: Database
) -> None:
    uri = environment["MONGO_URI"].replace("socketTimeoutMS=10000", "socketTimeoutMS=700")
    made = platform({**environment, "MONGO_URI": uri})
    store = counters(made)
    store.create(None, Counter("c"))
    thaw = threading.Timer(1.0, database.thaw)

    def freeze_then_hit(counter: Counter) -> None:
        if not thaw.is_alive() and not thaw.finished.is_set():
            database.freeze()
            thaw.start()
        counter.hit()

    try:
        assert store.change("c", Call(id="m1"), freeze_then_hit).count == 1
    finally:
        thaw.join()
        made.stop()
    found = documents(environment)["c"]
    assert (found["count"], found["version"], found["handled"]) == (1, 2, ["m1"])


def test_a_frozen_database_is_told_as_away_within_the_time_limit(
    environment: dict[str, str], database: Database
) -> None:
    uri = environment["MONGO_URI"].replace("socketTimeoutMS=10000", "socketTimeoutMS=500")
    made = platform({**environment, "MONGO_URI": uri})
    store = counters(made)
    store.create(None, Counter("c"))
    database.freeze()
    try:
        began = time.monotonic()
        with pytest.raises(AutoReconnect):
            store.load("c")
        assert time.monotonic() - began < 5
    finally:
        database.thaw()
        made.stop()


class CountingWrites:
    """A collection that remembers the size of each bulk write."""

    def __init__(self, store: Store[Counter]) -> None:
        self._collection, self.sizes = store.collection, list[int]()
        store._records._collection = self  # type: ignore[assignment]

    def bulk_write(self, writes: list[Any], **options: Any) -> Any:
        self.sizes.append(len(writes))
        return self._collection.bulk_write(writes, **options)


def test_greenlets_of_one_process_share_their_writes(store: Store[Counter]) -> None:
    writes = CountingWrites(store)

    def create(number: int) -> Counter:
        return store.change(f"c{number}", Call(), Counter.hit, new=partial(Counter, f"c{number}"))

    assert len(list(GreenPool(50).imap(create, range(50)))) == 50
    assert writes.sizes == [50]


def test_the_settings_of_a_connection_bound_every_wait(quiet: Platform) -> None:
    options = quiet.client.options
    pool = options.pool_options

    assert (pool.connect_timeout, pool.socket_timeout, pool.wait_queue_timeout) == (3, 10, 5)
    assert options.server_selection_timeout == 3
    assert not options.retry_writes
    assert quiet.database.write_concern.document["j"]
    assert quiet.database.codec_options.tz_aware
