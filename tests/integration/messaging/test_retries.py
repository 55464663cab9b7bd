"""What fails is retried with growing waits, then kept with its error; nothing is lost or looped."""

import json
from datetime import datetime
from itertools import pairwise
from uuid import uuid4

import pytest
from click.testing import CliRunner

from deploy.cli.main import main
from shared.topology import retry_name
from tests.integration.messaging.stage import DONE, Runs, Wire, envelope, handled
from tests.servers import ServiceProcess, Vhost
from tests.waiting import wait_until

ATTEMPTS = 4  # The first, and one after each step of the ladder.


def test_an_event_whose_handler_fails_once_is_handled_by_the_second_attempt(
    module_sample: ServiceProcess, module_wire: Wire, module_runs: Runs
) -> None:
    """Finding 1: nameko acknowledges what its handler failed at, or runs it again in a hot loop."""
    event = module_wire.announce("unavailable", times=1)

    module_runs.wait_ended(event)

    assert len(module_runs.began(event)) == 2
    wait_until(lambda: len(handled(module_sample, event)) == 2)
    assert [line["outcome"] for line in handled(module_sample, event)] == ["retried", "ok"]
    assert [line["attempt"] for line in handled(module_sample, event)] == [1, 2]
    assert module_wire.count(DONE) == 0


@pytest.mark.parametrize("do", ["unavailable", "not-yet", "not-found", "bug"])
def test_what_never_succeeds_waits_longer_each_time_and_is_parked_with_its_error(
    module_sample: ServiceProcess, module_wire: Wire, module_runs: Runs, do: str
) -> None:
    """Finding 1, the other half: no message is retried without a pause, and none for ever."""
    event = module_wire.announce(do)

    (parked,) = module_wire.wait_parked()

    began = module_runs.began(event)
    waits = [later - earlier for earlier, later in pairwise(began)]
    assert len(began) == ATTEMPTS
    assert [wait >= least for wait, least in zip(waits, (0.2, 0.5, 1), strict=True)] == [True] * 3
    assert parked.id == event
    assert parked.headers["x-attempt"] == ATTEMPTS
    assert parked.headers["x-original-key"] == "thing.done.v1"
    assert datetime.fromisoformat(parked.headers["x-first-failure"]).timestamp() < began[1]
    assert parked.error.split(":")[0] in (
        "Unavailable bank-unavailable",
        "NotYet thing-not-seen",
        "NotFound thing-not-found",
        "ValueError",
    )
    assert module_wire.count(DONE) == 0
    module_wire.empty_parked()


@pytest.mark.parametrize("do", ["invalid", "conflict"])
def test_what_no_retry_can_help_is_parked_at_once(
    module_sample: ServiceProcess, module_wire: Wire, module_runs: Runs, do: str
) -> None:
    event = module_wire.announce(do)

    (parked,) = module_wire.wait_parked()

    assert len(module_runs.began(event)) == 1
    assert parked.headers["x-attempt"] == 1
    module_wire.empty_parked()


def test_a_parked_event_is_finished_after_the_operator_redrives_it(
    sample: ServiceProcess, wire: Wire, runs: Runs, vhost: Vhost, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = wire.announce("unavailable", times=ATTEMPTS)
    wire.wait_parked()
    monkeypatch.setenv("AMQP_URI", vhost.amqp_uri)
    monkeypatch.setenv("MANAGEMENT_URI", vhost.management_uri)
    stint = CliRunner()

    (listed,) = json.loads(stint.invoke(main, ["parked", "ls", "--json"]).stdout)
    given_back = stint.invoke(main, ["parked", "redrive", DONE, event])
    runs.wait_ended(event)

    error = "Unavailable bank-unavailable: The bank is away."
    assert (listed["queue"], listed["count"]) == (f"{DONE}.parked", 1)
    assert listed["errors"] == {error: 1}
    assert given_back.output == f"1 given back to {DONE}\n"
    assert wire.parked() == []
    assert handled(sample, event)[-1]["attempt"] == 1


def test_an_event_is_held_while_its_step_of_the_ladder_is_missing(
    sample: ServiceProcess, wire: Wire, runs: Runs
) -> None:
    with wire.channel() as channel:
        channel.queue_delete(retry_name("sample", "200ms"))
    event = wire.announce("unavailable", times=1)
    wait_until(lambda: any(line.get("event") == "not-settled" for line in sample.lines()))

    wire.apply_topology()

    runs.wait_ended(event, seconds=15)
    assert len(runs.began(event)) == 2


def test_an_event_that_comes_twice_is_told_as_a_duplicate(
    module_sample: ServiceProcess, module_wire: Wire, module_runs: Runs
) -> None:
    event, seen = str(uuid4()), "thing.seen.v1"
    for _ in range(2):
        module_wire.publish(envelope(event, seen, {"tally": event}), seen, message_id=event)

    wait_until(lambda: len(handled(module_sample, event)) == 2)

    outcomes = [line["outcome"] for line in handled(module_sample, event)]
    assert outcomes == ["ok", "duplicate"]
    tallies = module_runs.collection.database["tallies"]
    assert tallies.find_one({"_id": event})["count"] == 1


def test_a_timer_goes_on_after_rounds_that_fail(
    module_sample: ServiceProcess, module_runs: Runs
) -> None:
    def rounds() -> int:
        document = module_runs.collection.find_one({"_id": "sweep"}) or {}
        return int(document.get("rounds", 0))

    wait_until(lambda: rounds() >= 3)

    errors = [
        line["error"] for line in module_sample.lines() if line.get("event") == "round-failed"
    ]
    assert errors[0] == "Unavailable bank-unavailable: The bank is away."
