"""Greenlets that have lost a race take turns, and none waits for ever."""

import eventlet
import pytest
from eventlet.semaphore import Semaphore

from shared import store
from shared.store import Race


def test_those_who_lost_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "RACE_SECONDS", 300.0)  # A process that stands still is no matter.
    semaphore, inside, most = Semaphore(), 0, 0

    def attempt(_: int) -> None:
        nonlocal inside, most
        with Race(semaphore).turn():
            inside += 1
            most = max(most, inside)
            eventlet.sleep(0.001)
            inside -= 1

    list(eventlet.GreenPool().imap(attempt, range(10)))

    assert most == 1
    assert semaphore.balance == 1


def test_whose_turn_does_not_come_tries_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "RACE_SECONDS", 0.05)
    semaphore = Semaphore()
    semaphore.acquire()
    race = Race(semaphore)
    until = race.until

    with race.turn():
        assert semaphore.balance <= 0

    assert semaphore.balance <= 0
    assert race.until >= until + 0.04


def test_a_turn_that_fails_is_passed_on() -> None:
    semaphore = Semaphore()

    with pytest.raises(ZeroDivisionError), Race(semaphore).turn():
        raise ZeroDivisionError

    assert semaphore.balance == 1


def test_a_race_ends_after_some_losses_and_some_time(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = Race(Semaphore())
    monkeypatch.setattr(store, "RACE_SECONDS", -1.0)
    late = Race(Semaphore())

    assert not any(patient.lost_for_good() for _ in range(20))
    assert [late.lost_for_good() for _ in range(5)] == [False] * 4 + [True]
