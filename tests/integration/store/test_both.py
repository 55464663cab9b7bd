"""What holds for the store holds for its stand-in in unit tests: one suite over both."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.envelope import Call, Event, parse
from shared.errors import Conflict, Invalid, NotFound, StintError
from shared.platform import Platform
from tests.integration.store.tally import Counter, CounterHit, Spy, Tally, counters, start
from tests.memory_store import MemoryStore

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def in_memory() -> MemoryStore[Counter]:
    return MemoryStore(Counter, "tally", lambda: NOW, check=lambda _type, _data: None)


def in_database(quiet: Platform) -> Tally:
    made = counters(quiet)
    quiet.prepare()
    return made


@pytest.fixture(params=["database", "memory"])
def store(request: pytest.FixtureRequest) -> Tally:
    if request.param == "memory":
        return in_memory()
    return in_database(request.getfixturevalue("quiet"))


@pytest.fixture
def other(store: Tally, request: pytest.FixtureRequest) -> Tally:
    """The same aggregates, as another process sees them."""
    if isinstance(store, MemoryStore):
        return store
    return counters(request.getfixturevalue("quiet"))


def stored(store: Tally, id: str = "c") -> dict[str, Any]:
    if isinstance(store, MemoryStore):
        return store.documents[id]
    document = store.collection.find_one({"_id": id})
    assert document is not None
    return document


def announced(store: Tally, id: str = "c") -> list[Event]:
    if isinstance(store, MemoryStore):
        return store.announced
    return [parse(entry["body"]) for entry in stored(store, id).get("outbox", ())]


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

    counter = store.change("c", Call(), lambda counter: counter.events.append(CounterHit(0)))

    assert counter.version == 2
    assert [event.data["count"] for event in announced(store)] == [0]


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


def test_the_ids_of_handled_messages_are_bounded(store: Tally) -> None:
    start(store)
    for number in range(300):
        store.change("c", Call(id=f"m{number}"), Counter.hit)

    handled = stored(store)["handled"]
    assert len(handled) == 256
    assert handled[-1] == "m299"


def test_a_sweep_has_no_message_to_remember(store: Tally) -> None:
    start(store)
    store.change("c", None, Counter.hit)

    assert stored(store)["handled"] == []
    (event,) = announced(store)
    assert event.causation_id == event.id


def test_an_event_may_be_the_cause(store: Tally) -> None:
    start(store)
    cause = Event("e7", "x.y.v1", "s", "x:1", NOW, {}, correlation_id="c9", traceparent="t")

    store.change("c", cause, Counter.hit)

    (event,) = announced(store)
    assert (event.causation_id, event.correlation_id, event.traceparent) == ("e7", "c9", "t")


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


def test_each_use_case_has_an_aggregate_of_its_own(store: Tally) -> None:
    start(store)

    def fail(counter: Counter) -> None:
        counter.count = 99
        raise Conflict("no", "No.")

    with pytest.raises(Conflict):
        store.change("c", Call(), fail)
    assert store.change("c", Call(), Counter.hit).count == 1


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


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, Call | None, str, bool]:
    """An aggregate's id, a message, what is done, and whether it may be new."""
    expected = draw(st.sampled_from([None, None, 1, 2, 3]))
    call = Call(id=draw(st.sampled_from(["m1", "m2", "m3"])), expected_version=expected)
    what = draw(st.sampled_from(["hit", "up", "down", "require_down", "missing", "broken"]))
    return (
        draw(st.sampled_from("ab")),
        draw(st.sampled_from([call, None])),
        what,
        draw(st.booleans()),
    )


def broken(counter: Counter) -> None:
    counter.status = "\ud800"


def missing(_counter: Counter) -> None:
    raise NotFound("thing-not-found", "There is no such thing.")


WHAT = {
    "hit": Counter.hit,
    "up": partial(Counter.set, status="up"),
    "down": partial(Counter.set, status="down"),
    "require_down": Counter.require_down,
    "missing": missing,
    "broken": broken,
}


def outcome(store: Tally, id: str, call: Call | None, what: str, may_be_new: bool) -> Any:
    new = partial(Counter, id) if may_be_new else None
    try:
        return store.change(id, call, WHAT[what], new=new)
    except StintError as exc:
        return exc.code


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(steps(), max_size=12))
def test_any_story_ends_alike_in_both(
    quiet: Platform, story: list[tuple[str, Call | None, str, bool]]
) -> None:
    real, memory = in_database(quiet), in_memory()
    real.collection.delete_many({})  # type: ignore[union-attr]

    for step in story:
        assert outcome(real, *step) == outcome(memory, *step)

    for id_, document in memory.documents.items():
        kept = stored(real, id_)
        assert document.items() <= kept.items()
        told = [event for event in memory.announced if event.subject == f"counter:{id_}"]
        assert [event.data for event in announced(real, id_)] == [event.data for event in told]
