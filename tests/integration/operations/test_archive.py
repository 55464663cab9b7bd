"""`stint archive`: reading the stream, and giving its events to handlers again."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.messaging.stage import Wire
from tests.integration.operations.conftest import Stint, announce, event, lines
from tests.waiting import wait_until

NOW = datetime.now(UTC)
MATCHING = "matching.on_candidate_updated"


@pytest.fixture
def archived(bus: Wire, stint: Stint) -> list[dict[str, object]]:
    """Four events, one an hour; the queues that heard them are empty again."""
    types = ("candidate.updated.v1", "payment.funded.v1", "payment.failed.v1", "payout.paid.v1")
    told = [
        event(type_, id=f"e-{n}", time=(NOW - timedelta(hours=4 - n)).isoformat())
        for n, type_ in enumerate(types)
    ]
    announce(bus, *told)
    bus.publish(b"no event at all", "thing.odd.v1")
    with bus.channel() as channel:
        for queue in (MATCHING, "notifications.on_event", "projects.on_payment_funded"):
            wait_until(lambda: bus.count(queue), describe=queue)
            channel.queue_purge(queue)
    return told


def test_archived_events_are_listed_in_order(stint: Stint, archived: list[object]) -> None:
    rows = [json.loads(line) for line in lines(stint("archive", "ls", "--json"))]

    assert [row["id"] for row in rows] == ["e-0", "e-1", "e-2", "e-3"]
    assert [row["offset"] for row in rows] == [0, 1, 2, 3]
    assert "candidate.updated.v1           thing:1  e-0" in lines(stint("archive", "ls"))[0]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (("--type", "payment.*"), ["e-1", "e-2"]),
        (("--type", "payment.f?nded.v1", "--type", "payout.*"), ["e-1", "e-3"]),
        (("--from", "150m"), ["e-2", "e-3"]),
        (("--to", (NOW - timedelta(minutes=150)).isoformat()), ["e-0", "e-1"]),
        (("--from", "210m", "--to", "90m"), ["e-1", "e-2"]),
        (("--from", (NOW + timedelta(days=2)).isoformat()), []),
    ],
)
def test_a_span_and_types_choose(
    stint: Stint, archived: list[object], filters: tuple[str, ...], ids: list[str]
) -> None:
    rows = lines(stint("archive", "ls", "--json", *filters))

    assert [json.loads(row)["id"] for row in rows] == ids


def test_events_are_counted_by_type(stint: Stint, archived: list[object]) -> None:
    counts = json.loads(stint("archive", "ls", "--count", "--json", "--type", "pay*").stdout)

    assert counts == {"payment.failed.v1": 1, "payment.funded.v1": 1, "payout.paid.v1": 1}
    assert "4 events in stint.archive" in stint("archive", "ls", "--count").stdout


def test_a_replay_says_first_what_it_will_do(
    stint: Stint, archived: list[object], bus: Wire
) -> None:
    refused = stint("archive", "replay", "--to-all")

    assert refused.exit_code == 2
    assert "10 copies of archived events" in refused.stderr
    assert "  4 to notifications.on_event" in refused.stderr
    assert f"  1 to {MATCHING}" in refused.stderr
    assert bus.count(MATCHING) == 0


def test_one_queue_gets_the_archived_bytes_that_its_handler_takes(
    stint: Stint, archived: list[dict[str, object]], bus: Wire
) -> None:
    done = stint("archive", "replay", "--to-queue", MATCHING, "--yes")

    assert (done.exit_code, done.stdout) == (0, "1 sent\n")
    with bus.channel() as channel:
        method, properties, body = channel.basic_get(MATCHING, auto_ack=True)
    assert method.exchange == "stint.redeliver"
    assert json.loads(body) == archived[0]
    assert properties.content_type == "application/cloudevents+json"
    assert (properties.message_id, properties.type) == ("e-0", "candidate.updated.v1")
    assert datetime.fromisoformat(properties.headers["x-replay"]) > NOW
    assert set(properties.headers) - {"x-delivery-count"} == {"x-replay"}
    assert bus.count("notifications.on_event") == 0
    assert len(lines(stint("archive", "ls"))) == 4  # A replay is no event: it is not archived.


def test_every_queue_gets_what_it_takes(stint: Stint, archived: list[object], bus: Wire) -> None:
    done = stint("archive", "replay", "--to-all", "--type", "payment.funded.v1", "--yes", "--json")

    sent = json.loads(done.stdout)
    assert sent == {
        "applications.on_payment_funded": 1,
        "notifications.on_event": 1,
        "projects.on_payment_funded": 1,
    }
    assert all(wait_until(lambda: bus.count(queue) > 0) for queue in sent)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("replay",), "say --to-queue QUEUE, or --to-all"),
        (("replay", "--to-all", "--to-queue", MATCHING), "say --to-queue QUEUE, or --to-all"),
        (("replay", "--to-queue", "matching.on_nothing"), "no handler reads matching.on_nothing"),
        (("ls", "--from", "1h", "--to", "2h"), "--from is not before --to"),
    ],
)
def test_what_cannot_be_done_is_said(
    stint: Stint, bus: Wire, arguments: tuple[str, ...], said: str
) -> None:
    result = stint("archive", *arguments)

    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {said}")


def test_an_empty_archive_is_no_fault_and_a_missing_one_is(stint: Stint, bus: Wire) -> None:
    assert lines(stint("archive", "ls")) == []
    with bus.channel() as channel:
        channel.queue_delete("stint.archive")

    missing = stint("archive", "ls")

    assert missing.exit_code == 2
    assert missing.stderr == "Error: there is no stint.archive: run `stint topology apply`\n"


def test_a_long_archive_is_read_to_the_end_and_later_events_are_not_waited_for(
    stint: Stint, bus: Wire
) -> None:
    """More than the broker sends before it is told that some were read."""
    with bus.channel() as channel:
        for number in range(1700):
            body = json.dumps(event("thing.done.v1", id=f"e-{number}")).encode()
            channel.basic_publish("stint.events", "thing.done.v1", body)

    rows = lines(stint("archive", "ls"))

    assert [row.split()[-1] for row in rows] == [f"e-{number}" for number in range(1700)]
