"""The end of a process: what is under way gets its time, and no more."""

import time
from collections.abc import Callable
from typing import Any

import eventlet
import pytest
from greenlet import GreenletExit

from shared import broker, process
from shared.broker import DRAIN_LIMIT, Consumers
from shared.process import STOP_LIMIT, Process
from tests.waiting import wait_until


class Stage:
    """A container that stops as the test says."""

    started = True

    def __init__(self, stop: Callable[[], object]) -> None:
        self.stop = stop


def test_what_is_under_way_has_25_seconds_and_the_process_30() -> None:
    assert (DRAIN_LIMIT, STOP_LIMIT) == (25, 30)


def test_draining_ends_at_its_limit_though_a_message_is_never_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broker, "DRAIN_LIMIT", 0.05)
    consumers = Consumers()
    consumers.in_flight = 1
    started = time.monotonic()
    consumers.drain()
    assert consumers.draining
    assert 0.05 <= time.monotonic() - started < 5


def test_draining_ends_as_soon_as_the_last_message_is_settled() -> None:
    consumers = Consumers()
    eventlet.spawn(consumers._stopped.send)
    started = time.monotonic()
    consumers.drain()
    assert time.monotonic() - started < 5


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The codes with which a process would have ended at once."""
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        raise GreenletExit  # Nothing goes on after it: what did would end the tests themselves.

    monkeypatch.setattr(process.os, "_exit", end)
    monkeypatch.setattr(process, "STOP_LIMIT", 0.05)
    return codes


def test_a_stop_that_hangs_is_cut_off_at_the_limit(ends: list[int]) -> None:
    container: Any = Stage(lambda: eventlet.sleep(60))
    hanging = eventlet.spawn(Process(container)._drain)

    def cut() -> bool:
        eventlet.sleep(0.01)
        return bool(ends)

    wait_until(cut, 10, "the hard stop")
    hanging.kill()
    assert ends == [1]


def test_a_second_signal_ends_the_process_at_once(ends: list[int]) -> None:
    container: Any = Stage(lambda: None)
    running = Process(container)
    running.draining = True
    with pytest.raises(GreenletExit):
        running._on_signal(15, None)
    assert ends == [143]
