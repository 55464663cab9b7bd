"""The broker, the network or the database goes away in the middle of the work."""

from deploy.embedded.broker import Broker
from deploy.embedded.database import Database
from shared.topology import parked_name
from tests.integration.conftest import StartService
from tests.integration.messaging.stage import DONE, SAMPLE, Runs, Wire, handled
from tests.servers import ServiceProcess, Vhost, health
from tests.waiting import wait_until


def test_an_event_whose_connection_is_lost_is_handled_and_leaves_the_queue(
    sample: ServiceProcess, wire: Wire, runs: Runs, vhost: Vhost
) -> None:
    event = wire.announce("sleep", seconds=1)
    runs.wait_began(event)
    wait_until(lambda: vhost.drop_connections() or _lost(sample), 5)

    runs.wait_ended(event)
    runs.wait_ended(wire.announce("nothing"))

    sample.terminate(10)
    assert sample.exit_code == 0
    assert wire.count(DONE) == wire.count(parked_name(DONE)) == 0


def test_events_of_before_and_after_a_crash_of_the_broker_are_handled(
    sample: ServiceProcess, wire: Wire, runs: Runs, broker: Broker, vhost: Vhost
) -> None:
    under_way = wire.announce("sleep", seconds=1)
    retried = wire.announce("unavailable", times=2)
    runs.wait_began(under_way)
    vhost.wait_registered()

    broker.kill()
    broker.restart()

    later = wire.announce("nothing")
    runs.wait_ended(under_way, retried, later, seconds=30)
    assert wire.count(parked_name(DONE)) == 0


def test_a_service_waits_for_a_broker_that_is_not_there_yet(
    wire: Wire, runs: Runs, broker: Broker, vhost: Vhost, start_service: StartService
) -> None:
    vhost.wait_registered()
    broker.kill()
    service = start_service(SAMPLE, ready=False)
    wait_until(lambda: any(line.get("event") == "broker-away" for line in service.lines()), 20)
    assert not health(service.health_port)

    broker.restart()

    service.wait_ready()
    runs.wait_ended(wire.announce("nothing"))


def test_events_are_held_while_the_database_is_away_and_it_costs_no_attempt(
    wire: Wire, runs: Runs, database: Database, start_service: StartService
) -> None:
    sample = start_service(SAMPLE, MONGO_URI=_impatient(database))
    database.kill()
    events = [wire.announce("nothing") for _ in range(5)]
    wait_until(lambda: _held(sample) >= {*events}, 30)
    assert wire.count(DONE) == 0  # The service holds them.
    assert not health(sample.health_port)

    database.restart()

    runs.wait_ended(*events, seconds=30)
    wait_until(lambda: all(handled(sample, event) for event in events))
    assert {handled(sample, event)[0]["attempt"] for event in events} == {1}
    assert wire.count(parked_name(DONE)) == 0


def test_events_that_are_held_go_back_when_the_service_stops(
    wire: Wire, database: Database, start_service: StartService
) -> None:
    sample = start_service(SAMPLE, MONGO_URI=_impatient(database))
    database.kill()
    event = wire.announce("nothing")
    wait_until(lambda: _held(sample) >= {event}, 30)

    sample.terminate(30)

    assert sample.exit_code == 0
    assert wire.count(DONE) == 1


def _impatient(database: Database) -> str:
    """Its address for a client that notices its absence within the sample's time limit."""
    return f"{database.uri}&serverSelectionTimeoutMS=500"


def _lost(service: ServiceProcess) -> bool:
    return any(line.get("event") == "broker-away" for line in service.lines())


def _held(service: ServiceProcess) -> set[str]:
    return {line["event_id"] for line in service.lines() if line.get("event") == "held"}
