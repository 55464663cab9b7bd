"""`stint parked`: looking at what was given up, giving it back, throwing it away."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from deploy.cli.main import main
from shared.topology import parked_name
from tests.integration.messaging.stage import CALLS, DONE, Wire, envelope
from tests.servers import Vhost

Stint = Callable[..., Result]
ERROR = {"x-error": "Invalid: it is wrong", "x-attempt": 4, "x-first-failure": "2030-01-01"}


@pytest.fixture
def stint(vhost: Vhost, monkeypatch: pytest.MonkeyPatch) -> Stint:
    monkeypatch.setenv("AMQP_URI", vhost.amqp_uri)
    monkeypatch.setenv("MANAGEMENT_URI", vhost.management_uri)
    return lambda *arguments: CliRunner().invoke(main, arguments)


def park(wire: Wire, *ids: str, queue: str = DONE) -> None:
    for id_ in ids:
        body = envelope(id_, "thing.done.v1", {"do": "nothing"})
        wire.publish(
            body, queue, exchange="stint.parked", message_id=id_, headers={**ERROR, "a": "b"}
        )


def test_parked_messages_are_counted_with_their_errors(stint: Stint, wire: Wire) -> None:
    assert stint("parked", "ls").output == "nothing is parked\n"
    park(wire, "e-1", "e-2")

    rows = json.loads(stint("parked", "ls", "--json").stdout)

    (row,) = rows
    assert (row["queue"], row["count"]) == (parked_name(DONE), 2)
    assert row["errors"] == {ERROR["x-error"]: 2}
    assert "2 x Invalid" in stint("parked", "ls").output.replace("\n", "")


def test_one_message_is_shown_with_its_error_and_its_body(stint: Stint, wire: Wire) -> None:
    park(wire, "e-1", "e-2")

    shown = json.loads(stint("parked", "show", DONE, "e-2", "--json").stdout)

    assert shown["id"] == "e-2"
    assert shown["error"] == ERROR["x-error"]
    assert (shown["attempts"], shown["first_failure"]) == (4, "2030-01-01")
    assert json.loads(shown["body"])["id"] == "e-2"
    assert "e-1" in stint("parked", "show", DONE).output
    assert [message.id for message in wire.parked()] == ["e-1", "e-2"]  # Still there, in order.


def test_looking_often_does_not_wear_a_message_out(stint: Stint, wire: Wire) -> None:
    """RabbitMQ 4 drops from a quorum queue what was given back more than 20 times."""
    park(wire, "e-1")

    for _ in range(25):
        assert len(wire.parked()) == 1


def test_one_message_is_given_back_as_if_it_were_new(stint: Stint, wire: Wire) -> None:
    park(wire, "e-1", "e-2", "e-3")

    assert stint("parked", "redrive", DONE, "e-2").output == f"1 given back to {DONE}\n"

    assert [message.id for message in wire.parked()] == ["e-1", "e-3"]
    with wire.channel() as channel:
        method, properties, body = channel.basic_get(DONE, auto_ack=True)
    assert method.exchange == "stint.redeliver"
    assert properties.message_id == "e-2"
    assert properties.content_type == "application/cloudevents+json"
    assert properties.headers["a"] == "b"
    assert not {*ERROR} & {*properties.headers}
    assert body == envelope("e-2", "thing.done.v1", {"do": "nothing"})


def test_all_messages_of_a_queue_are_given_back_in_order(stint: Stint, wire: Wire) -> None:
    ids = [f"e-{number}" for number in range(30)]
    park(wire, *ids)

    assert stint("parked", "redrive", DONE, "--all", "--yes").stdout == f"30 given back to {DONE}\n"

    with wire.channel() as channel:
        got = [channel.basic_get(DONE, auto_ack=True)[1].message_id for _ in ids]
    assert got == ids
    assert wire.parked() == []


def test_discarding_needs_a_yes(stint: Stint, wire: Wire) -> None:
    park(wire, "e-1", "e-2", "e-3")

    refused = stint("parked", "discard", DONE, "e-1")
    assert refused.exit_code == 2
    assert len(wire.parked()) == 3
    assert stint("parked", "discard", DONE, "e-1", "--yes").exit_code == 0
    assert [message.id for message in wire.parked()] == ["e-2", "e-3"]
    assert stint("parked", "discard", DONE, "--all", "--yes").exit_code == 0
    assert wire.parked() == []


def test_parked_calls_can_be_shown_and_discarded_but_not_given_back(
    stint: Stint, wire: Wire
) -> None:
    wire.publish(b"{broken", CALLS, exchange="stint.parked")
    (shown,) = json.loads(stint("parked", "show", CALLS, "--json").stdout)

    redriven = stint("parked", "redrive", CALLS, "--all")

    assert redriven.exit_code == 2
    assert "callers are gone" in redriven.output
    assert stint("parked", "discard", CALLS, shown["id"], "--yes").exit_code == 0
    assert wire.parked(CALLS) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "sample.on_nothing"),
        ("show", DONE, "e-9"),
        ("redrive", DONE),
        ("redrive", DONE, "e-1", "--all"),
        ("redrive", "sample.on_nothing", "--all"),
        ("discard", DONE, "e-9", "--yes"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    stint: Stint, wire: Wire, arguments: tuple[str, ...]
) -> None:
    park(wire, "e-1")

    result = stint("parked", *arguments)

    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1
    assert [message.id for message in wire.parked()] == ["e-1"]


def test_without_a_management_api_the_queues_of_the_contracts_are_looked_at(
    stint: Stint, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MANAGEMENT_URI")
    assert stint("topology", "apply").exit_code == 0
    park(wire, "e-1", queue="projects.on_payment_funded")

    (row,) = json.loads(stint("parked", "ls", "--json").stdout)

    assert (row["queue"], row["count"]) == ("projects.on_payment_funded.parked", 1)
    assert stint("topology", "diff").exit_code == 2
