"""A service that is told to stop finishes what it has begun; nothing is lost or done twice."""

import json
import os
import signal
import urllib.request

from shared.topology import parked_name
from tests.integration.conftest import StartService
from tests.integration.messaging.stage import DONE, SAMPLE, Runs, Wire, handled
from tests.servers import ServiceProcess, health
from tests.waiting import wait_until


def test_events_under_way_are_finished_and_acknowledged_before_the_service_stops(
    sample: ServiceProcess, wire: Wire, runs: Runs
) -> None:
    """Finding 3: nameko closes the connection first, and every one of these is handled twice."""
    events = [wire.announce("sleep", seconds=1.2) for _ in range(20)]
    wait_until(lambda: runs.collection.count_documents({"message": {"$in": events}}) == 20)

    os.kill(sample.pid, signal.SIGTERM)
    wait_until(lambda: any(line.get("event") == "takes-no-more" for line in sample.lines()))
    assert not health(sample.health_port)
    later = wire.announce("nothing")

    assert sample.wait_exit() == 0
    assert runs.ended(*events) == 20
    assert all(len(runs.began(event)) == 1 for event in events)
    assert runs.began(later) == []
    assert wire.count(DONE) == 1  # The one that came too late waits for the next process.


def test_a_second_signal_ends_the_service_at_once_and_loses_nothing(
    sample: ServiceProcess, wire: Wire, runs: Runs, start_service: StartService
) -> None:
    event = wire.announce("sleep", seconds=1.2, times=1)
    runs.wait_began(event)

    os.kill(sample.pid, signal.SIGTERM)
    wait_until(lambda: any(line.get("event") == "draining" for line in sample.lines()))
    os.kill(sample.pid, signal.SIGTERM)

    assert sample.wait_exit() == 128 + signal.SIGTERM
    assert runs.ended(event) == 0
    start_service(SAMPLE)
    runs.wait_ended(event)


def test_an_event_is_acknowledged_only_after_its_handler(
    sample: ServiceProcess, wire: Wire, runs: Runs, start_service: StartService
) -> None:
    """Finding 4: what dies before the end of the handler has acknowledged nothing."""
    event = wire.announce("sleep", seconds=1.2, times=1)
    runs.wait_began(event)

    sample.kill()
    start_service(SAMPLE)

    runs.wait_ended(event)
    assert len(runs.began(event)) == 2
    assert wire.count(parked_name(DONE)) == 0


def test_each_event_leaves_one_line_in_the_log_and_a_count_in_the_metrics(
    sample: ServiceProcess, wire: Wire, runs: Runs
) -> None:
    event = wire.announce("nothing")
    runs.wait_ended(event)
    (line,) = wait_until(lambda: handled(sample, event))

    assert {
        "event": "handled",
        "service": "sample",
        "handler": "on_thing_done",
        "type": "thing.done.v1",
        "event_id": event,
        "correlation_id": event,
        "subject": f"thing:{event}",
        "outcome": "ok",
        "attempt": 1,
    }.items() <= line.items()
    assert 0 < line["ms"] < 1500
    metrics = _get(sample, "/metrics")
    assert 'stint_messages_total{handler="on_thing_done",outcome="ok"} 1.0' in metrics
    assert json.loads(_get(sample, "/health/ready")) == {
        "serving": True,
        "broker": True,
        "database": True,
    }
    assert json.loads(_get(sample, "/health/live")) == {"live": True}


def _get(service: ServiceProcess, path: str) -> str:
    address = f"http://127.0.0.1:{service.health_port}{path}"
    with urllib.request.urlopen(address, timeout=5) as answer:
        return str(answer.read().decode())
