"""Streams of events are woken by what the gateway hears, and live without it."""

import time
from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.gateway.conftest import STUBS, Databases, Gateway, House
from tests.waiting import wait_until

STREAM = {"Accept": "text/event-stream"}


def live(house: House) -> list[str]:
    return [name for name in house.around.vhost.queues() if name.startswith("gateway.live.")]


def queue(house: House, name: str) -> dict[str, Any]:
    vhost = house.around.vhost
    found: dict[str, Any] = vhost.broker.api("GET", f"queues/{quote(vhost.name, safe='')}/{name}")
    return found


def cut(house: House, name: str) -> None:
    """End the connection that reads this queue."""

    def channel() -> Any:
        # An empty list until the broker's statistics know the channel.
        return next((read["channel_details"] for read in queue(house, name)["consumer_details"]), 0)

    about = wait_until(channel, 15, "its reader")["connection_name"]
    house.around.vhost.broker.api("DELETE", f"connections/{quote(about, safe='')}")


@pytest.fixture
def heard(gateway: Gateway, house: House) -> Any:
    """The process's own queue is there."""
    return wait_until(lambda: live(house), 15, "the queue of hints")


def test_an_event_reaches_a_stream_at_once_and_without_hints_too(
    gateway: Gateway, house: House, heard: list[str], databases: Databases
) -> None:
    house.start(STUBS + "notifications")
    client, log = gateway.client().register(), databases(gateway, "notifications")["log"]
    me = client.get("/v1/me").json()["id"]

    def happen(number: int, hint: bool) -> float:
        """Seconds until the stream has the event."""
        log.insert_one({"sequence": number, "type": "payout.paid.v1", "id": f"e-{number}"})
        if hint:
            house.around.tell("payout.paid", candidate_id=me)
        started = time.monotonic()
        assert next(line for line in lines if line.startswith("id:")) == f"id: e-{number}"
        return time.monotonic() - started

    with client.get("/v1/events", headers=STREAM, stream=True) as answer:
        lines: Any = answer.iter_lines(decode_unicode=True)
        assert next(lines) == "retry: 2000"
        assert happen(1, hint=True) < 2
        cut(house, heard[0])
        assert happen(2, hint=False) < 15
        wait_until(lambda: live(house) not in ([], heard), 15, "the next queue")
        assert happen(3, hint=True) < 2
    assert len(live(house)) == 1


def test_the_queue_is_the_process_s_own_and_bounded(house: House, heard: list[str]) -> None:
    found = queue(house, heard[0])
    assert (found["exclusive"], found["auto_delete"], found["durable"]) == (True, True, False)
    assert found["arguments"] == {"x-queue-type": "classic", "x-max-length": 1000}
