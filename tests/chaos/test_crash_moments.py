"""Crash cases that need a death, a freeze or a full queue at one moment: docs/crash-cases.md."""

import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from shared.topology import parked_name
from tests.integration.conftest import StartService
from tests.integration.messaging.stage import DONE, SAMPLE, SEEN, Runs, Wire, envelope, handled
from tests.integration.relay.test_relay import pending
from tests.integration.store.tally import Inbox, first_deliveries, workers
from tests.servers import ServiceProcess, Vhost
from tests.waiting import wait_until

DYING = "tests.chaos.dying"
Environment = dict[str, str]


def see(wire: Wire) -> str:
    """An event whose effect is counted; its id."""
    id_ = str(uuid4())
    wire.publish(envelope(id_, "thing.seen.v1", {"do": "count", "tally": id_}), "thing.seen.v1")
    return id_


def count(runs: Runs, id_: str) -> int:
    found = runs.collection.database["tallies"].find_one({"_id": id_})
    return int(found["count"]) if found else 0


def test_killed_after_its_save_and_before_its_acknowledgement_it_counts_once(
    wire: Wire, runs: Runs, start_service: StartService
) -> None:
    dying = start_service(DYING, DIE="before the acknowledgement")
    event = see(wire)
    assert dying.wait_exit(30) == -9
    assert count(runs, event) == 1

    heir = start_service(SAMPLE)

    wait_until(lambda: handled(heir, event), 20, "the redelivery")
    assert [line["outcome"] for line in handled(heir, event)] == ["duplicate"]
    assert count(runs, event) == 1
    assert wire.count(SEEN) == 0


def test_killed_between_the_copy_on_the_ladder_and_the_acknowledgement_it_counts_once(
    wire: Wire, runs: Runs, start_service: StartService
) -> None:
    """Two copies live on, one of them with an attempt more."""
    dying = start_service(DYING, DIE="after the copy")
    event = see(wire)
    assert dying.wait_exit(30) == -9

    heir = start_service(SAMPLE)

    wait_until(lambda: len(handled(heir, event)) == 2, 20, "both copies")
    assert sorted(line["attempt"] for line in handled(heir, event)) == [1, 2]
    assert sorted(line["outcome"] for line in handled(heir, event)) == ["duplicate", "ok"]
    assert count(runs, event) == 1
    assert wire.count(parked_name(SEEN)) == 0


@pytest.fixture
def full_parking(vhost: Vhost) -> Iterator[threading.Event]:
    """The parked queue of one handler has room for one message, until the event is set."""
    path = f"policies/{vhost.name}/full"
    definition = {"max-length": 1, "overflow": "reject-publish"}
    policy = {"pattern": f"^{parked_name(DONE)}$", "definition": definition, "apply-to": "queues"}
    vhost.broker.api("PUT", path, policy)
    room = threading.Event()

    def make_room() -> None:
        room.wait()
        vhost.broker.api("DELETE", path)

    waiter = threading.Thread(target=make_room)
    waiter.start()
    yield room
    room.set()
    waiter.join()


def test_what_finds_the_parked_queue_full_is_held_until_there_is_room(
    wire: Wire, runs: Runs, full_parking: threading.Event, start_service: StartService
) -> None:
    sample = start_service(SAMPLE)
    for number in range(5):
        wire.publish(b"{broken", message_id=f"broken-{number}")
    wait_until(lambda: _refused(sample), 20, "a refusal")
    runs.wait_ended(wire.announce("nothing"), seconds=10)
    assert wire.count(parked_name(DONE)) < 5

    full_parking.set()

    parked = wire.wait_parked(5, seconds=30)
    assert {one.id for one in parked} == {f"broken-{number}" for number in range(5)}
    assert wire.count(DONE) == 0


def _refused(service: ServiceProcess) -> bool:
    return any(line.get("event") == "not-settled" for line in service.lines())


@pytest.fixture
def environment(service_env: Environment) -> Environment:
    names = ("AMQP_URI", "MONGO_URI", "DATABASE_PREFIX")
    return {name: service_env[name] for name in names}


def _messages(count: int, counters: int, prefix: str) -> list[list[str]]:
    return [[f"{prefix}{number}", f"c{number % counters}"] for number in range(count)]


def _hit(count: int, counters: int, prefix: str = "m") -> dict[str, object]:
    messages = _messages(count, counters, prefix)
    return {"command": "hit", "messages": messages, "greenlets": 20, "pause": 0.05}


def test_what_a_frozen_process_has_not_sent_another_one_sends_and_its_repeats_are_the_same(
    environment: Environment, vhost: Vhost
) -> None:
    """The relay that stalls: nobody fences it, so the same ids may come twice, in order."""
    inbox = Inbox(vhost)
    with workers(environment, _hit(400, 8), {"command": "stay"}) as (frozen, survivor):
        received = inbox.take(40)
        frozen.process.send_signal(signal.SIGSTOP)
        try:
            wait_until(lambda: set(pending(environment).values()) == {0}, 30, "a sweep")
        finally:
            frozen.process.send_signal(signal.SIGCONT)
        frozen.finish(90)
        survivor.finish()
    received += inbox.take(0)

    counts = first_deliveries(received)
    assert counts == {f"counter:c{k}": list(range(1, 51)) for k in range(8)}


def test_a_process_whose_clock_is_an_hour_ahead_repeats_events_and_breaks_nothing(
    environment: Environment, vhost: Vhost, tmp_path: Path
) -> None:
    """It takes every event of the others for overdue: no lease and no order depends on clocks."""
    ahead = tmp_path / "an-hour-ahead"
    ahead.write_text(json.dumps(3600))
    inbox = Inbox(vhost)
    skewed = {**environment, "CLOCK_OFFSET_FILE": str(ahead)}
    with (
        workers(environment, _hit(300, 5)) as (right,),
        workers(skewed, _hit(300, 5, "n")) as (fast,),
    ):
        answers = [right.finish(90), fast.finish(90)]

    counts = first_deliveries(inbox.take(600))
    assert counts == {f"counter:c{k}": list(range(1, 121)) for k in range(5)}
    assert sum(answer["confirmed"] for answer in answers) >= 600
