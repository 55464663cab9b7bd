"""The event log against the real wire protocol: numbers without gaps, and forgetting."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import eventlet
import pytest

from deploy.embedded.database import Database
from services.notifications import store
from services.notifications.domain.visibility import Scope
from services.notifications.store import EventLog
from shared.platform import Platform
from tests.integration.quiet import quiet_platform

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ALL = Scope(None)


@pytest.fixture
def platform(database: Database, database_prefix: str) -> Iterator[Platform]:
    platform = quiet_platform(database.uri, database_prefix, "notifications")
    yield platform
    platform.client.close()


def entry(id: str, at: datetime = NOW) -> dict[str, Any]:
    return {"_id": id, "type": "thing.done.v1", "audience": ["org:a"], "logged_at": at}


def test_what_is_there_already_is_numbered_once(platform: Platform) -> None:
    log = EventLog(platform)
    for id_ in ("a", "b", "a", "c", "b"):
        log.add(entry(id_))
    rows = log.page(ALL, [], 0, 10)
    assert [(row["_id"], row["sequence"]) for row in rows] == [("a", 1), ("b", 2), ("c", 3)]
    assert [row["_id"] for row in log.page(ALL, [], 1, 1)] == ["b"]
    assert log.page(Scope("org:b"), [], 0, 10) == []
    assert log.page(Scope("org:a", ("thing.",)), [], 0, 10) == []


def test_many_writers_at_once_leave_no_gap_and_lose_nothing(platform: Platform) -> None:
    logs = [EventLog(platform) for _ in range(3)]
    pool = eventlet.GreenPool()
    for i in range(120):
        pool.spawn(logs[i % 3].add, entry(f"e{i % 100}"))
    pool.waitall()
    rows = logs[0].page(ALL, [], 0, 200)
    assert [row["sequence"] for row in rows] == list(range(1, 101))
    assert {row["_id"] for row in rows} == {f"e{i}" for i in range(100)}


def test_numbers_go_on_after_everything_old_is_forgotten(platform: Platform) -> None:
    log = EventLog(platform)
    for i in range(3):
        log.add(entry(f"e{i}", NOW - timedelta(days=40)))
    assert log.forget(NOW - timedelta(days=30)) == 2
    log.add(entry("new"))
    assert [row["sequence"] for row in log.page(ALL, [], 0, 10)] == [3, 4]
    assert log.forget(NOW - timedelta(days=30)) == 1
    assert log.last() == 4


class Spy:
    """A collection that notes what was looked for."""

    def __init__(self, collection: Any) -> None:
        self._collection, self.asked = collection, list[dict[str, Any]]()

    def find_one(self, wanted: dict[str, Any], *arguments: Any, **options: Any) -> Any:
        self.asked.append(wanted)
        return self._collection.find_one(wanted, *arguments, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._collection, name)


def test_a_long_log_is_not_read_to_find_its_end(platform: Platform) -> None:
    """Its embedded database reads all that fits, so 20,000 entries took 0.7 s for each event."""
    log = EventLog(platform)
    for i in range(30):
        log.add(entry(f"e{i}"))
    log._tail._collection = spy = Spy(log._collection)  # type: ignore[assignment]

    log.add(entry("new"))

    assert [spy.count_documents(wanted) for wanted in spy.asked] == [2]
    assert log.last() == 31


def test_another_process_s_entries_are_seen(platform: Platform) -> None:
    log, other = EventLog(platform), EventLog(platform)
    log.add(entry("a"))
    other.add(entry("b"))
    log.add(entry("c"))
    assert (log.last(), other.last()) == (3, 3)


def test_the_newest_is_found_however_far_back_it_is(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SHORT", 2)
    log = EventLog(platform)
    log.add({**entry("old"), "audience": ["org:b"]})
    for i in range(30):
        log.add(entry(f"e{i}"))
    shown = [log.newest(Scope(who)) for who in (None, "org:a", "org:b", "org:c")]
    assert shown == ["e29", "e29", "old", None]


def test_an_empty_log_ends_at_zero(platform: Platform) -> None:
    log = EventLog(platform)
    assert (log.last(), log.newest(ALL)) == (0, None)
