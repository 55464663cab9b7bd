"""The service, the broker or the database is away: the caller is told, and nothing runs late."""

import os
import signal
import threading
import time
from typing import Any

import pytest

from deploy.embedded.broker import Broker
from deploy.embedded.database import Database
from shared.caller import LIMIT, Caller
from shared.envelope import Call
from shared.errors import Unavailable
from tests.integration.conftest import StartService
from tests.integration.messaging.stage import CALLS, SAMPLE, Runs, Wire
from tests.servers import ServiceProcess, Vhost
from tests.waiting import wait_until


def test_a_call_to_a_service_that_is_down_fails_in_time_and_never_runs_later(
    wire: Wire, caller: Caller, runs: Runs, start_service: StartService
) -> None:
    """Finding 8: in nameko the caller hangs, and the request runs when the service comes back."""
    call, began = Call(), time.monotonic()

    with pytest.raises(Unavailable) as caught:
        caller.call("sample", "do", call, what="nothing")

    assert caught.value.code == "service-unavailable"
    assert time.monotonic() - began < LIMIT + 2
    assert caller.pending == 0
    start_service(SAMPLE)
    assert caller.call("sample", "do", Call(), what="nothing") == "done"
    assert runs.began(call.id) == []


def test_a_call_to_a_service_that_does_not_exist_fails_at_once(wire: Wire, caller: Caller) -> None:
    began = time.monotonic()

    with pytest.raises(Unavailable):
        caller.call("nobody", "do", Call())

    assert time.monotonic() - began < LIMIT / 2


def test_a_call_under_way_is_answered_once_when_the_service_stops(
    sample: ServiceProcess, wire: Wire, patient_caller: Caller, runs: Runs
) -> None:
    """Finding 3: in nameko it is answered, not acknowledged, and run again."""
    call, caller, answers = Call(), patient_caller, []
    asking = threading.Thread(
        target=lambda: answers.append(caller.call("sample", "do", call, what="sleep", seconds=1.5))
    )
    asking.start()
    runs.wait_began(call.id)

    os.kill(sample.pid, signal.SIGTERM)

    assert sample.wait_exit() == 0
    asking.join(10)
    assert answers == ["done"]
    assert wire.count(CALLS) == 0
    assert len(runs.began(call.id)) == 1


def test_a_call_whose_connections_are_lost_fails_and_the_next_one_works(
    sample: ServiceProcess, wire: Wire, patient_caller: Caller, runs: Runs, vhost: Vhost
) -> None:
    call, failures, caller = Call(), [], patient_caller

    def ask() -> None:
        try:
            caller.call("sample", "do", call, what="sleep", seconds=6)
        except Unavailable as exc:
            failures.append(exc)

    asking = threading.Thread(target=ask)
    asking.start()
    runs.wait_began(call.id)
    wait_until(lambda: vhost.drop_connections() or failures, 5)
    asking.join(5)

    assert [failure.code for failure in failures] == ["service-unavailable"]
    wait_until(lambda: _works(caller), 10)
    assert caller.pending == 0


def test_calls_work_again_after_a_crash_of_the_broker(
    sample: ServiceProcess, wire: Wire, caller: Caller, broker: Broker
) -> None:
    assert _works(caller)

    broker.kill()
    with pytest.raises(Unavailable):
        caller.call("sample", "echo", Call())
    broker.restart()

    wait_until(lambda: _works(caller), 15)


def test_a_call_is_told_at_once_that_the_database_is_away(
    wire: Wire, caller: Caller, database: Database, start_service: StartService
) -> None:
    start_service(SAMPLE, MONGO_URI=f"{database.uri}&serverSelectionTimeoutMS=500")
    database.kill()

    with pytest.raises(Unavailable) as caught:
        caller.call("sample", "do", Call(), what="nothing")

    assert caught.value.code == "database-unavailable"


def _works(caller: Caller) -> Any:
    try:
        return caller.call("sample", "echo", Call(), value=True)["value"]
    except Unavailable:
        return False
