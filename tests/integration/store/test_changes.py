"""Loading, changing and saving one aggregate, against the database's real protocol."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, BulkWriteError, WriteError

from shared import store as store_module
from shared.envelope import Call, Event, parse
from shared.errors import Conflict, Invalid, NotFound, Unavailable
from shared.outbox import MOST
from shared.platform import Platform
from shared.store import Store
from tests.integration.store.tally import Counter, CounterDocument, CounterHit, counters, platform

Tally = Store[Counter]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def stored(store: Tally, id: str = "c") -> dict[str, Any]:
    document = store.collection.find_one({"_id": id})
    assert document is not None
    return document


def start(store: Tally, id: str = "c") -> Counter:
    return store.create(None, Counter(id))


class Spy:
    """A use case that counts its runs and sees which aggregate each was given."""

    def __init__(self, use_case: Callable[[Counter], object]) -> None:
        self._use_case, self.seen = use_case, list[Counter]()

    def __call__(self, counter: Counter) -> None:
        self.seen.append(replace(counter))
        self._use_case(counter)


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


def test_what_was_saved_is_loaded(store: Tally) -> None:
    store.create(None, Counter("c", count=3, status="up", due_at=NOW))

    assert store.load("c") == Counter("c", count=3, status="up", due_at=NOW, version=1)
    assert store.find("c") == store.load("c")


@pytest.mark.parametrize("id", ["nobody", "", "\ud800", None, {"$gt": ""}, 7], ids=repr)
def test_what_is_not_there_is_not_found(store: Tally, id: Any) -> None:
    start(store)

    assert store.find(id) is None
    with pytest.raises(NotFound) as missing:
        store.load(id)
    assert missing.value.code == "counter-not-found"
    with pytest.raises(NotFound):
        store.change(id, Call(), Counter.hit)


def test_creating_what_is_there_returns_it_as_it_is(store: Tally, other: Tally) -> None:
    store.create(Call(), Counter("c", status="first"))

    assert other.create(Call(), Counter("c", status="second")).status == "first"
    assert stored(store)["version"] == 1


def test_a_use_case_that_changes_nothing_saves_nothing(store: Tally) -> None:
    start(store)

    unchanged = store.change("c", Call(), partial(Counter.set, status="down"))

    assert unchanged.version == 1
    assert stored(store)["handled"] == []


def test_an_event_alone_is_worth_a_save(store: Tally) -> None:
    start(store)

    announced = store.change("c", Call(), lambda counter: counter.events.append(CounterHit(0)))

    assert announced.version == 2
    assert len(stored(store)["outbox"]) == 1


def test_an_aggregate_may_not_change_its_id(store: Tally) -> None:
    start(store)

    with pytest.raises(ValueError, match="counter c would be saved as d"):
        store.change("c", Call(), lambda counter: setattr(counter, "id", "d"))


def test_what_cannot_be_stored_is_invalid(store: Tally) -> None:
    start(store)

    with pytest.raises(Invalid):
        store.change("c", Call(), partial(Counter.set, status="\ud800"))
    with pytest.raises(Invalid):
        store.change("c", Call(), partial(Counter.set, status="x" * 17_000_000))


# Messages that come again.


def test_a_message_that_was_handled_is_not_applied_again(store: Tally, other: Tally) -> None:
    start(store)
    store.change("c", Call(id="m1"), Counter.hit)
    use_case = Spy(Counter.hit)

    for each in (store, other):
        counter = each.change("c", Call(id="m1"), use_case)
        assert (counter.count, counter.version) == (1, 2)
    assert use_case.seen == []


def test_a_message_that_was_handled_returns_the_aggregate_as_it_is_now(
    store: Tally, other: Tally
) -> None:
    start(store)
    store.change("c", Call(id="m1"), Counter.hit)
    other.change("c", Call(id="m2"), Counter.hit)

    assert store.change("c", Call(id="m1"), Counter.hit).count == 2


def test_a_message_that_was_handled_offers_the_pending_events_again(
    store: Tally, other: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(store)
    store.change("c", Call(id="m1"), Counter.hit)
    offered: list[Any] = []
    monkeypatch.setattr(other.outbox, "offer", lambda id, events: offered.append((id, events)))

    other.change("c", Call(id="m1"), Counter.hit)

    assert [(id, len(events)) for id, events in offered] == [("c", 1)]


def test_the_ids_of_handled_messages_are_bounded(quiet: Platform) -> None:
    store = counters(quiet)
    start(store)
    for number in range(300):
        store.change("c", Call(id=f"m{number}"), Counter.hit)

    handled = stored(store)["handled"]
    assert len(handled) == 256
    assert handled[-1] == "m299"


def test_the_bound_grows_with_the_replicas(environment: dict[str, str]) -> None:
    made = platform(environment, replicas=5)
    assert counters(made)._handled == 500
    made.stop()


def test_a_sweep_has_no_message_to_remember(store: Tally) -> None:
    start(store)
    store.change("c", None, Counter.hit)

    assert stored(store)["handled"] == []
    event = parse(stored(store)["outbox"][0]["body"])
    assert event.causation_id == event.id


def test_an_event_may_be_the_cause(store: Tally) -> None:
    start(store)
    cause = Event("e7", "x.y.v1", "s", "x:1", NOW, {}, correlation_id="c9", traceparent="t")

    store.change("c", cause, Counter.hit)

    event = parse(stored(store)["outbox"][0]["body"])
    assert (event.causation_id, event.correlation_id, event.traceparent) == ("e7", "c9", "t")


# Versions that a caller expects.


def test_another_version_than_expected_is_a_conflict(store: Tally, other: Tally) -> None:
    start(store)
    other.change("c", Call(), Counter.hit)

    with pytest.raises(Conflict) as refused:
        store.change("c", Call(expected_version=1), Counter.hit)
    assert refused.value.code == "version-changed"
    assert store.change("c", Call(expected_version=2), Counter.hit).count == 2


def test_an_expected_version_that_is_overtaken_during_the_save_is_a_conflict(
    store: Tally, other: Tally
) -> None:
    start(store)

    def overtaken(counter: Counter) -> None:
        if counter.version == 1:
            other.change("c", Call(), Counter.hit)
        counter.hit()

    with pytest.raises(Conflict):
        store.change("c", Call(expected_version=1), overtaken)
    assert store.load("c").count == 1


def test_a_repeated_call_is_told_its_success_whatever_the_version_is_now(store: Tally) -> None:
    start(store)
    call = Call(expected_version=1)
    store.change("c", call, Counter.hit)

    assert store.change("c", call, Counter.hit).count == 1


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


def test_each_use_case_has_an_aggregate_of_its_own(store: Tally) -> None:
    start(store)

    def fail(counter: Counter) -> None:
        counter.count = 99
        raise Conflict("no", "No.")

    with pytest.raises(Conflict):
        store.change("c", Call(), fail)
    assert store.change("c", Call(), Counter.hit).count == 1


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


def test_what_is_due_comes_in_the_order_of_its_time(store: Tally) -> None:
    for number, hours in enumerate([-1, -3, 2, -2]):
        store.create(None, Counter(f"c{number}", due_at=NOW + timedelta(hours=hours)))
    store.create(None, Counter("never"))

    assert store.due(NOW) == ["c1", "c3", "c0"]
    assert store.due(NOW, limit=1) == ["c1"]
    assert store.due(NOW - timedelta(days=1)) == []


def test_what_is_due_at_this_very_moment_is_due(store: Tally) -> None:
    store.create(None, Counter("c", due_at=NOW))

    assert store.due(NOW) == ["c"]
