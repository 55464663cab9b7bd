"""Every service is stopped and started again under load, as a release does it: nobody notices."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.embedded.supervision import SERVICES
from tests.chaos.findings import Findings, gather
from tests.chaos.play import Players
from tests.chaos.run import come_to_rest
from tests.chaos.stack import ChaosStack
from tests.chaos.verdict import verdict
from tests.waiting import wait_until

STOP_SECONDS = 30


def log_lines(stack: ChaosStack, service: str) -> Iterator[dict[str, Any]]:
    for line in (stack.services.logs / f"{service}.log").read_text().splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def restart_by_the_book(stack: ChaosStack, service: str) -> None:
    began = time.monotonic()
    stack.services.stop_one(service)
    assert time.monotonic() - began < STOP_SECONDS
    stack.services.start_one(service)
    stack.wait_service(service, 90)


@pytest.mark.timeout(900)
def test_a_rolling_restart_under_load_loses_and_repeats_nothing(chaos_stack: ChaosStack) -> None:
    players = Players(chaos_stack.url, 4)
    players.start()
    wait_until(lambda: players.played, 180, "the first journey")

    for service in SERVICES:
        restart_by_the_book(chaos_stack, service)

    played = players.finish()
    found = Findings(played=played, relayed=Counter(confirmed=1), unrest=come_to_rest(chaos_stack))
    assert verdict(gather(chaos_stack, found)) == {}
    for service in SERVICES:
        events = Counter(line["event"] for line in log_lines(chaos_stack, service))
        assert events["stopped"] == 1
        assert events["drain-limit"] == events["stop-limit"] == 0
        swept = [name for name in events if name.startswith("swept")]
        assert swept == [], f"{service} had left {swept}"
