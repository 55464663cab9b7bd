"""`stint outbox`: what waits in outboxes, and sending it now by the relay's rules."""

import json

import pytest

from shared.platform import Platform
from shared.store import Store
from tests.integration.messaging.stage import Wire
from tests.integration.operations.conftest import Stint
from tests.integration.store.tally import (
    Counter,
    Inbox,
    counters,
    first_deliveries,
    workers,
)
from tests.outboxes import waiting
from tests.servers import Vhost


@pytest.fixture
def store(tally: Platform, vhost: Vhost) -> Store[Counter]:
    return counters(tally)


def hit(store: Store[Counter], id_: str, times: int = 1) -> None:
    for _ in range(times):
        store.change(id_, None, Counter.hit, new=lambda: Counter(id_))


def pending(store: Store[Counter], id_: str) -> int:
    found = {key: len(events) for _, key, events in waiting(store.collection.database)}
    return found.get(id_, 0)


def test_waiting_events_are_listed_by_aggregate_the_oldest_first(
    stint: Stint, store: Store[Counter]
) -> None:
    assert stint("outbox", "ls").output == "no event waits\n"
    hit(store, "c-1", times=2)
    hit(store, "c-2")

    rows = json.loads(stint("outbox", "ls", "tally", "--json").stdout)

    assert [(row["id"], row["events"], row["types"]) for row in rows] == [
        ("c-1", 2, {"counter.hit.v1": 2}),
        ("c-2", 1, {"counter.hit.v1": 1}),
    ]
    assert rows[0]["age_seconds"] >= rows[1]["age_seconds"] >= 0
    assert "counters c-1" in stint("outbox", "ls").output
    assert stint("outbox", "ls", "--older-than", "1h").output == "no event waits\n"


def test_a_nudge_publishes_in_order_and_takes_out_what_is_confirmed(
    stint: Stint, store: Store[Counter], vhost: Vhost
) -> None:
    inbox = Inbox(vhost)
    hit(store, "c-1", times=3)
    hit(store, "c-2", times=2)
    version = store.load("c-1").version

    done = stint("outbox", "nudge", "tally")

    assert (done.exit_code, done.stdout) == (0, "5 events published\n")
    assert done.stderr == "5 events of 2 aggregates wait\n"
    heard = inbox.take(5)
    assert first_deliveries(heard) == {"counter:c-1": [1, 2, 3], "counter:c-2": [1, 2]}
    assert len(heard) == 5
    assert (pending(store, "c-1"), pending(store, "c-2")) == (0, 0)
    assert store.load("c-1").version == version
    assert stint("outbox", "nudge").stdout == "0 events published\n"


def test_one_aggregate_can_be_nudged_alone(
    stint: Stint, store: Store[Counter], vhost: Vhost
) -> None:
    Inbox(vhost)
    hit(store, "c-1")
    hit(store, "c-2")

    assert stint("outbox", "nudge", "tally", "c-2").stdout == "1 events published\n"

    assert (pending(store, "c-1"), pending(store, "c-2")) == (1, 0)


def test_an_event_without_a_queue_stays_and_so_do_those_behind_it(
    stint: Stint, store: Store[Counter], vhost: Vhost
) -> None:
    Inbox(vhost).unbind()
    hit(store, "c-1", times=2)

    refused = stint("outbox", "nudge")

    assert refused.exit_code == 1
    assert refused.stdout == "0 events published\n"
    assert "the broker has no place for counter.hit.v1" in refused.stderr
    assert pending(store, "c-1") == 2


def test_a_nudge_beside_a_busy_service_keeps_the_order_and_loses_nothing(
    stint: Stint, store: Store[Counter], service_env: dict[str, str], vhost: Vhost
) -> None:
    inbox = Inbox(vhost)
    ids = [f"c-{number}" for number in range(5)]
    messages = [[f"m-{number}", ids[number % 5]] for number in range(200)]
    job = {"command": "hit", "messages": messages, "greenlets": 10, "pause": 0.1}
    with workers(service_env, job) as (worker,):
        while worker.process.poll() is None:
            assert stint("outbox", "nudge").exit_code == 0
        worker.finish()
    assert stint("outbox", "nudge").exit_code == 0

    counts = first_deliveries(inbox.take(200))
    assert counts == {f"counter:{id_}": list(range(1, 41)) for id_ in ids}
    assert [pending(store, id_) for id_ in ids] == [0] * 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ls", "nobody"), "there is no database of nobody"),
        (("nudge", "tally", "c-9"), "no event of tally c-9 waits"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(
    stint: Stint, store: Store[Counter], bus: Wire, arguments: tuple[str, ...], said: str
) -> None:
    hit(store, "c-1")

    result = stint("outbox", *arguments)

    assert result.exit_code == 2
    assert result.stderr.strip() == f"Error: {said}"


def test_a_database_that_is_away_is_said_in_one_line(
    stint: Stint, bus: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGO_URI", "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200")

    result = stint("outbox", "ls")

    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: the database does not answer: 127.0.0.1:1: ")
