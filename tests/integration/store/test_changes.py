"""Loading, changing and saving one aggregate, against the database's real protocol."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, BulkWriteError, WriteError

from shared import store as store_module
from shared.envelope import Call, parse
from shared.errors import Conflict, Unavailable
from shared.outbox import MOST
from shared.platform import Platform
from shared.store import Store
from tests.integration.store.tally import (
    Counter,
    CounterDocument,
    CounterHit,
    Spy,
    Tally,
    counters,
    platform,
    start,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def stored(store: Tally, id: str = "c") -> dict[str, Any]:
    document = store.collection.find_one({"_id": id})
    assert document is not None
    return document


# What a save writes.


def test_a_new_aggregate_is_saved_with_its_events_and_its_message(store: Tally) -> None:
    counter = store.change("c", Call(id="m1"), Counter.hit, new=partial(Counter, "c"))

    assert (counter.count, counter.version, counter.events) == (1, 1, [])
    document = stored(store)
    assert document["handled"] == ["m1"]
    assert (document["version"], document["schema_version"], document["count"]) == (1, 1, 1)
    (entry,) = document["outbox"]
    event = parse(entry["body"])
    assert (event.type, event.subject, event.source) == ("counter.hit.v1", "counter:c", "tally")
    assert (event.aggregate_version, event.causation_id, event.data["count"]) == (1, "m1", 1)


# Messages that come again.


def test_a_message_that_was_handled_offers_the_pending_events_again(
    store: Tally, other: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(store)
    store.change("c", Call(id="m1"), Counter.hit)
    offered: list[Any] = []
    monkeypatch.setattr(other.outbox, "offer", lambda id, events: offered.append((id, events)))

    other.change("c", Call(id="m1"), Counter.hit)

    assert [(id, len(events)) for id, events in offered] == [("c", 1)]


def test_the_bound_grows_with_the_replicas(environment: dict[str, str]) -> None:
    made = platform(environment, replicas=5)
    assert counters(made)._handled == 500
    made.stop()


# The identity map: only a save may end a use case that read from it.


def test_the_map_saves_a_read(store: Tally, monkeypatch: pytest.MonkeyPatch) -> None:
    start(store)
    monkeypatch.setattr(store._records, "load", None)

    assert store.change("c", Call(), Counter.hit).count == 1


def test_work_that_looks_done_on_an_old_copy_is_done_on_a_fresh_one(
    store: Tally, other: Tally
) -> None:
    store.create(None, Counter("c", status="up"))
    other.change("c", Call(), partial(Counter.set, status="down"))
    use_case = Spy(partial(Counter.set, status="up"))

    store.change("c", Call(), use_case)

    assert [seen.status for seen in use_case.seen] == ["up", "down"]
    assert stored(store)["status"] == "up"


def test_an_error_on_an_old_copy_is_tried_again_on_a_fresh_one(store: Tally, other: Tally) -> None:
    store.create(None, Counter("c", status="up"))
    other.change("c", Call(), partial(Counter.set, status="down"))

    assert store.change("c", Call(), Counter.require_down).count == 1


def test_an_error_on_a_fresh_copy_is_final(store: Tally) -> None:
    store.create(None, Counter("c", status="up"))
    use_case = Spy(Counter.require_down)

    with pytest.raises(Conflict):
        store.change("c", Call(), use_case)
    assert len(use_case.seen) == 2


def test_a_save_from_an_old_copy_loses_and_starts_anew(store: Tally, other: Tally) -> None:
    start(store)
    other.change("c", Call(), Counter.hit)
    use_case = Spy(Counter.hit)

    assert store.change("c", Call(), use_case).count == 2
    assert [seen.version for seen in use_case.seen] == [1, 2]


def test_reads_never_use_the_map(store: Tally, other: Tally) -> None:
    start(store)
    other.change("c", Call(), Counter.hit)

    assert store.load("c").count == 1


# Lost races and lost answers.


def test_a_race_that_is_lost_again_and_again_ends_as_unavailable(
    store: Tally, other: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "RACE_SECONDS", 0.3)
    start(store)

    def always_overtaken(counter: Counter) -> None:
        other.change("c", Call(), Counter.hit)
        counter.hit()

    with pytest.raises(Unavailable) as busy:
        store.change("c", Call(), always_overtaken)
    assert busy.value.code == "too-busy"


class Flaky:
    """A collection whose next bulk write is done or not, and then fails."""

    def __init__(self, store: Tally, failure: Exception, *, done: bool) -> None:
        self._collection, self._failure, self._done = store.collection, failure, done
        self.failures = 1
        store._records._collection = self  # type: ignore[assignment]

    def bulk_write(self, *arguments: Any, **options: Any) -> Any:
        if not self.failures:
            return self._collection.bulk_write(*arguments, **options)
        self.failures -= 1
        if self._done:
            self._collection.bulk_write(*arguments, **options)
        raise self._failure


def test_a_save_whose_answer_was_lost_counts_once(store: Tally) -> None:
    start(store)
    Flaky(store, AutoReconnect("lost"), done=True)
    use_case = Spy(Counter.hit)

    assert store.change("c", Call(), use_case).count == 1
    assert len(use_case.seen) == 1


def test_a_save_that_never_arrived_is_made_again(store: Tally) -> None:
    start(store)
    Flaky(store, AutoReconnect("lost"), done=False)

    assert store.change("c", Call(), Counter.hit).count == 1


def test_a_creation_whose_answer_was_lost_is_made_once(store: Tally) -> None:
    Flaky(store, AutoReconnect("lost"), done=True)

    counter = store.change("c", Call(), Counter.hit, new=partial(Counter, "c"))

    assert (counter.count, counter.version) == (1, 1)


def test_a_database_that_stays_away_is_told(store: Tally) -> None:
    start(store)
    Flaky(store, AutoReconnect("away"), done=False).failures = 9

    with pytest.raises(AutoReconnect, match="away"):
        store.change("c", Call(), Counter.hit)


def test_without_a_message_nothing_tells_whether_a_lost_save_was_done(store: Tally) -> None:
    start(store)
    Flaky(store, AutoReconnect("lost"), done=True)

    with pytest.raises(AutoReconnect):
        store.change("c", None, Counter.hit)
    assert store.load("c").count == 1


def bulk_error(**details: Any) -> BulkWriteError:
    return BulkWriteError({"writeErrors": [], "writeConcernErrors": [], **details})


def test_a_write_error_is_told_to_its_caller(store: Tally) -> None:
    start(store)
    error = {"index": 0, "code": 121, "errmsg": "Document failed validation"}
    Flaky(store, bulk_error(writeErrors=[error]), done=False)

    with pytest.raises(WriteError, match="failed validation"):
        store.change("c", Call(), Counter.hit)


def test_too_few_acknowledgements_are_told_to_the_caller(store: Tally) -> None:
    start(store)
    error = {"code": 64, "errmsg": "waited too long", "errInfo": {"wtimeout": True}}
    Flaky(store, bulk_error(writeConcernErrors=[error]), done=True)

    with pytest.raises(WriteError.__mro__[1], match="waited too long"):
        store.change("c", Call(), Counter.hit)


# Bounds.


def test_a_full_outbox_makes_saves_unavailable(store: Tally) -> None:
    start(store)

    def announce(counter: Counter) -> None:
        counter.events += [CounterHit(number) for number in range(MOST // 2)]

    store.change("c", Call(), announce)
    store.change("c", Call(), announce)

    with pytest.raises(Unavailable) as full:
        store.change("c", Call(), Counter.hit)
    assert full.value.code == "outbox-full"
    assert store.change("c", Call(), partial(Counter.set, status="up")).status == "up"


# Releases.


@dataclass
class NewCounter(Counter):
    """As the next release has it."""

    colour: str = "red"


def test_an_older_release_keeps_what_a_newer_one_wrote(store: Tally, quiet: Platform) -> None:
    newer = Store(quiet, NewCounter, CounterDocument, schema_version=2)
    newer.codec.kind = "counter"
    newer.create(None, NewCounter("c", colour="blue"))

    store.change("c", Call(), Counter.hit)

    assert (stored(store)["colour"], stored(store)["schema_version"]) == ("blue", 2)
    assert newer.load("c") == NewCounter("c", count=1, colour="blue", version=2)


def upcast_total(state: dict[str, Any]) -> dict[str, Any]:
    return {"count": state.pop("total"), **state}


def test_old_documents_are_upcast_when_they_are_loaded(quiet: Platform) -> None:
    store = counters(quiet, schema_version=2, upcasts={1: upcast_total})
    old = {"_id": "c", "version": 4, "schema_version": 1, "total": 7, "status": "up"}
    store.collection.insert_one({**old, "handled": ["m1"]})

    assert store.load("c").count == 7
    assert store.change("c", Call(id="m1"), Counter.hit).count == 7
    assert store.change("c", Call(id="m2"), Counter.hit).count == 8
    document = stored(store)
    assert (document["schema_version"], document["version"], document["count"]) == (2, 5, 8)
    assert "total" not in document
    assert document["handled"] == ["m1", "m2"]


def test_a_newer_document_that_cannot_be_read_is_unavailable(store: Tally) -> None:
    newer = {"_id": "c", "version": 1, "schema_version": 3, "count": "seven", "handled": []}
    store.collection.insert_one(newer)

    for attempt in (store.load, store.find, lambda id: store.change(id, Call(), Counter.hit)):
        with pytest.raises(Unavailable) as refused:
            attempt("c")
        assert refused.value.code == "newer-document"
    assert stored(store)["count"] == "seven"


# What is due.
