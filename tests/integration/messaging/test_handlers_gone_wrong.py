"""A handler that hangs, or ends in the strangest way, costs its message an attempt, no more."""

import pytest

from shared.config import PREFETCH
from tests.integration.messaging.sample import LIMIT
from tests.integration.messaging.stage import DONE, SOON, Runs, Wire
from tests.servers import ServiceProcess
from tests.waiting import wait_until


@pytest.mark.parametrize("do", ["sleep", "stubborn"])
def test_a_handler_over_its_limit_is_stopped_and_its_event_retried(
    module_sample: ServiceProcess, module_wire: Wire, module_runs: Runs, do: str
) -> None:
    """Gotcha G3: an `except Exception` in the handler must not eat the limit."""
    event = module_wire.announce(do, seconds=60, times=1)

    module_runs.wait_ended(event)

    first, second = module_runs.began(event)
    assert second - first >= LIMIT
    assert module_wire.count(DONE) == 0


@pytest.mark.parametrize("do", ["stray-timeout", "exit", "setup-fails"])
def test_a_strange_end_is_retried_and_parked_and_the_service_goes_on(
    module_sample: ServiceProcess, module_wire: Wire, module_runs: Runs, do: str
) -> None:
    """Findings 5 and 7: the one ends a nameko service, the other leaks a slot of its prefetch."""
    module_wire.announce(do)

    (parked,) = module_wire.wait_parked()

    error = {
        "stray-timeout": "TimedOut",
        "exit": "SystemExit",
        "setup-fails": "AutoReconnect",
    }
    assert parked.error.split(":")[0] == error[do]
    module_runs.wait_ended(module_wire.announce("nothing"), seconds=SOON)
    module_wire.empty_parked()


def test_an_event_is_handled_once_though_the_teardown_fails(
    module_sample: ServiceProcess, module_wire: Wire, module_runs: Runs
) -> None:
    """Finding 5."""
    event = module_wire.announce("teardown-fails")

    module_runs.wait_ended(event, module_wire.announce("nothing"))

    wait_until(lambda: module_wire.count(DONE) == 0)
    assert len(module_runs.began(event)) == 1


def test_no_slot_is_lost_however_many_handlers_end_strangely(
    module_sample: ServiceProcess, module_wire: Wire, module_runs: Runs
) -> None:
    """Finding 7: in nameko each of these would hold its place in the prefetch for ever."""
    for _ in range(PREFETCH + 10):
        module_wire.announce("stray-timeout")

    module_wire.wait_parked(PREFETCH + 10, seconds=30)

    module_runs.wait_ended(module_wire.announce("nothing"), seconds=SOON)
    module_wire.empty_parked()
