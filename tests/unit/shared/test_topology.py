"""The whole topology follows from the contracts."""

from pathlib import Path

import pytest

from shared import topology
from shared.topology import Queue, handler_name, plan, read_handlers

HANDLERS = {"lending": {"on_book_returned": ["book.returned.v1"]}, "front": {}}
LADDER = {"5s": 5.0, "2m": 120.0}


def queues() -> dict[str, Queue]:
    return {queue.name: queue for queue in plan(HANDLERS, LADDER).queues}


def test_every_handler_has_a_quorum_queue_that_gives_up_into_its_parked_queue() -> None:
    queue = queues()["lending.on_book_returned"]

    assert queue.arguments == {
        "x-queue-type": "quorum",
        "x-delivery-limit": 20,
        "x-dead-letter-exchange": "stint.parked",
        "x-dead-letter-routing-key": "lending.on_book_returned",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    assert queue.bindings == (
        ("stint.redeliver", "lending.on_book_returned"),
        ("stint.events", "book.returned.v1"),
    )
    parked = queues()["lending.on_book_returned.parked"]
    assert parked.bindings == (("stint.parked", "lending.on_book_returned"),)


def test_each_step_of_a_ladder_waits_its_time_and_gives_back_to_the_one_queue() -> None:
    step = queues()["stint.retry.lending.2m"]

    assert step.arguments["x-message-ttl"] == 120_000
    assert step.arguments["x-dead-letter-exchange"] == "stint.redeliver"
    assert "x-dead-letter-routing-key" not in step.arguments  # The key says which queue it was.
    assert step.bindings == (("stint.retry.lending.2m", ""),)


def test_requests_of_a_service_reach_its_queue_and_expire_into_nothing() -> None:
    queue = queues()["rpc-front"]

    assert queue.bindings == (("stint.rpc", "front"),)
    assert "x-dead-letter-exchange" not in queue.arguments


def test_what_reaches_no_queue_is_kept() -> None:
    exchanges = {exchange.name: exchange for exchange in plan(HANDLERS, LADDER).exchanges}

    for name in ("stint.events", "stint.redeliver", "stint.parked"):
        assert exchanges[name].arguments == {"alternate-exchange": "stint.unrouted"}
    assert queues()["stint.unrouted"].bindings == (("stint.unrouted", ""),)


def test_looking_at_a_parked_message_may_be_repeated_for_ever() -> None:
    parked = [queue for name, queue in queues().items() if name.endswith(".parked")]

    assert {queue.arguments["x-delivery-limit"] for queue in parked} == {1_000_000}


def test_no_name_is_used_twice() -> None:
    names = [queue.name for queue in plan(HANDLERS, LADDER).queues]

    assert len(names) == len(set(names))


def test_handlers_are_read_from_the_consumers_of_the_contracts_and_the_taps(tmp_path: Path) -> None:
    services, contracts = tmp_path / "services.yml", tmp_path / "contracts"
    contracts.mkdir()
    services.write_text("lending: {}\nlog: {taps: {on_event: ['#']}}\n")
    for type_, consumers in (("book.returned.v1", "[lending, log]"), ("book.lost.v2", "[]")):
        (contracts / f"{type_}.yml").write_text(f"consumers: {consumers}\nschema: {{}}\n")
    (contracts / "README.md").write_text("no contract")

    assert read_handlers(contracts, services) == {
        "lending": {"on_book_returned": ["book.returned.v1"]},
        "log": {"on_event": ["#"], "on_book_returned": ["book.returned.v1"]},
    }


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("book.returned.v1", "on_book_returned"),
        ("library-card.issued.v1", "on_library_card_issued"),
        ("book.returned.v2", "on_book_returned_v2"),
    ],
)
def test_a_handler_is_named_after_its_event(type_: str, name: str) -> None:
    assert handler_name(type_) == name


def test_every_service_of_the_platform_has_a_queue_for_calls_and_a_whole_ladder() -> None:
    names = {queue.name for queue in plan(read_handlers(), LADDER).queues}

    for service in read_handlers():
        assert {topology.rpc_name(service), *_steps(service)} <= names


def _steps(service: str) -> set[str]:
    return {topology.retry_name(service, step) for step in LADDER}
