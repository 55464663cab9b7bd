"""What is saved is announced: in order, at least once, whatever dies in between."""

import os
import subprocess
import threading
from pathlib import Path
from typing import Any

import pymongo
import pytest

from deploy.embedded.broker import Broker
from deploy.embedded.install import rabbitmq_server
from shared.batches import RECORDS
from shared.envelope import CONTENT_TYPE, parse
from tests.integration.store.tally import Inbox, first_deliveries, workers
from tests.outboxes import waiting
from tests.servers import Vhost
from tests.waiting import wait_until

Environment = dict[str, str]


def messages(count: int, counters: int, prefix: str = "m") -> list[list[str]]:
    return [[f"{prefix}{number}", f"c{number % counters}"] for number in range(count)]


def pending(environment: Environment) -> dict[str, int]:
    """How many events of each counter nobody knows to be confirmed."""
    with pymongo.MongoClient[dict[str, Any]](environment["MONGO_URI"]) as client:
        database = client[f"{environment['DATABASE_PREFIX']}_tally"]
        counts = {document["_id"]: 0 for document in database["counters"].find()}
        return counts | {id_: len(events) for _, id_, events in waiting(database)}


def records(environment: Environment) -> int:
    """Batches that somebody waits for."""
    with pymongo.MongoClient[dict[str, Any]](environment["MONGO_URI"]) as client:
        notes = client[f"{environment['DATABASE_PREFIX']}_tally"][RECORDS]
        return notes.count_documents({"since": {"$gt": ""}})


def hit(count: int, counters: int, prefix: str = "m", **more: Any) -> dict[str, Any]:
    messages_ = messages(count, counters, prefix)
    return {"command": "hit", "messages": messages_, "greenlets": 20, **more}


STAY = {"command": "stay"}


def test_an_event_travels_as_a_persistent_cloudevent(
    environment: Environment, inbox: Inbox
) -> None:
    with workers(environment, hit(1, 1)) as (worker,):
        worker.finish()

    properties, body = inbox.take_raw()
    event = parse(body)
    assert (event.type, event.subject, event.data["count"]) == ("counter.hit.v1", "counter:c0", 1)
    assert properties.content_type == CONTENT_TYPE
    assert (properties.message_id, properties.type) == (event.id, event.type)
    assert (properties.app_id, properties.delivery_mode) == ("tally", 2)
    assert abs(properties.timestamp - event.time.timestamp()) <= 1


def test_first_deliveries_are_in_order_whoever_publishes(
    environment: Environment, inbox: Inbox
) -> None:
    jobs = [hit(150, 5, prefix, shuffle=number) for number, prefix in enumerate("abcd")]

    with workers(environment, *jobs) as racing:
        answers = [worker.finish(90) for worker in racing]

    counts = first_deliveries(inbox.take(600))
    assert counts == {f"counter:c{k}": list(range(1, 121)) for k in range(5)}
    assert sum(answer["confirmed"] for answer in answers) >= 600


def test_confirmed_events_leave_the_outbox_within_a_second_or_so(
    environment: Environment, inbox: Inbox
) -> None:
    with workers(environment, hit(60, 60), STAY) as (first, _):
        inbox.take(60)
        wait_until(lambda: set(pending(environment).values()) == {0}, 30)
        wait_until(lambda: records(environment) == 0, 30)
        first.finish()
    assert len(inbox.take(0)) == 0


@pytest.mark.parametrize("moment", ["offer", "confirm"])
def test_a_process_killed_after_its_save_loses_no_event(
    environment: Environment, inbox: Inbox, moment: str
) -> None:
    """Before the event is sent, or before its confirm is seen: another one's sweep sends it."""
    die = {"command": "die", "counter": "c"}
    with workers({**environment, "DIE": moment}, die) as (killed,):
        assert killed.process.wait(30) == -9
    assert pending(environment) == {"c": 1}
    before = inbox.count()

    with workers(environment, STAY) as (survivor,):
        survivor.wait_for("relay connected")
        wait_until(lambda: pending(environment) == {"c": 0}, 30)
        wait_until(lambda: records(environment) == 0, 30)
        answer = survivor.finish()

    events = inbox.take(1)
    assert len(events) == before + 1
    assert len({event.id for event in events}) == 1
    assert answer["confirmed"] == 1


def test_a_returned_event_stays_and_goes_out_when_a_queue_takes_it(
    environment: Environment, inbox: Inbox
) -> None:
    inbox.unbind()
    with workers(environment, hit(1, 1), STAY) as (worker, stayer):
        worker.finish()
        stayer.wait_for("no queue takes this event")
        assert pending(environment) == {"c0": 1}
        inbox.bind()
        wait_until(lambda: pending(environment) == {"c0": 0}, 30)
    assert len(inbox.take(1)) == 1


def test_an_event_that_the_broker_refuses_comes_later(
    environment: Environment, vhost: Vhost
) -> None:
    """A full queue that rejects publishes answers basic.nack."""
    inbox = Inbox(vhost, "small", **{"x-max-length": 1, "x-overflow": "reject-publish"})
    with workers(environment, hit(40, 1), STAY) as (worker, _):
        received = []
        while len({event.id for event in received}) < 40:
            received += inbox.take(1)
        worker.finish()

    counts = first_deliveries(received)
    assert sorted(counts["counter:c0"]) == list(range(1, 41))


def test_a_broker_that_restarts_gets_everything(
    environment: Environment, inbox: Inbox, broker: Broker, vhost: Vhost
) -> None:
    vhost.wait_registered()
    with workers(environment, hit(900, 30, pause=0.1), hit(900, 30, "n", pause=0.1)) as racing:
        for worker in racing:
            worker.wait_for("relay connected")
        early = {event.id for event in inbox.take(50)}
        broker.kill()
        broker.restart()
        answers = [worker.finish(90) for worker in racing]
        for worker in racing:
            assert worker.said().count("relay has no broker") >= 1
            assert "pika" not in worker.said()

    with workers(environment, STAY):
        wait_until(lambda: set(pending(environment).values()) == {0}, 30)
    late = {event.id for event in inbox.take(1_800 - len(early))}
    assert len(early | late) == 1_800
    assert sum(answer["confirmed"] for answer in answers) >= 1_800


def test_failures_inside_the_loop_lose_nothing_and_keep_the_order(
    environment: Environment, inbox: Inbox
) -> None:
    with workers(environment, hit(300, 6, pause=0.1, stumbling=True)) as (worker,):
        worker.finish(90)
        assert worker.said().count("relay connected") >= 3
        assert "in a callback" in worker.said()

    counts = first_deliveries(inbox.take(300))
    assert counts == {f"counter:c{k}": list(range(1, 51)) for k in range(6)}


def test_a_process_that_stops_announces_and_trims_what_it_saved(
    environment: Environment, inbox: Inbox
) -> None:
    with workers(environment, hit(200, 20)) as (worker,):
        worker.finish()

    assert set(pending(environment).values()) == {0}
    assert len(inbox.take(200)) == 200


def test_lost_connections_are_made_again_and_the_order_stays(
    environment: Environment, inbox: Inbox, vhost: Vhost
) -> None:
    with workers(environment, hit(600, 6, pause=0.4)) as (worker,):

        def connected_again() -> bool:
            vhost.drop_connections()
            return worker.said().count("relay connected") >= 3

        wait_until(connected_again, 30)
        worker.finish(90)

    counts = first_deliveries(inbox.take(600))
    assert counts == {f"counter:c{k}": list(range(1, 101)) for k in range(6)}


def test_a_broker_that_blocks_publishing_delays_and_loses_nothing(
    environment: Environment, inbox: Inbox, broker: Broker
) -> None:
    allow_memory(broker, "0")
    try:
        with workers(environment, hit(600, 20)) as (worker,):
            worker.wait_for("has blocked publishing")
            wait_until(lambda: len(pending(environment)) == 20, 30)
            allow_memory(broker, "0.4")
            worker.finish(90)
    finally:
        allow_memory(broker, "0.4")

    counts = first_deliveries(inbox.take(600))
    assert counts == {f"counter:c{k}": list(range(1, 31)) for k in range(20)}


def allow_memory(broker: Broker, share: str) -> None:
    """So much of the machine's memory; with none the broker blocks every publisher."""
    command = Path(rabbitmq_server()).with_name("rabbitmqctl")
    subprocess.run(
        [command, "-n", "stint@localhost", "set_vm_memory_high_watermark", share],
        env={**os.environ, **broker._environment()},
        check=True,
        capture_output=True,
        timeout=60,
    )


def test_a_frozen_broker_delays_and_loses_nothing(
    environment: Environment, inbox: Inbox, broker: Broker
) -> None:
    with workers(environment, hit(600, 20, pause=0.1)) as (worker,):
        worker.wait_for("relay connected")
        broker.freeze()
        threading.Timer(3.0, broker.thaw).start()
        worker.finish(90)

    counts = first_deliveries(inbox.take(600))
    assert counts == {f"counter:c{k}": list(range(1, 31)) for k in range(20)}
