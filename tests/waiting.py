"""Waiting for a state, with a deadline, in place of sleeping and hoping."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.2  # seconds; asking all the time would slow what is awaited


def wait_until(
    predicate: Callable[[], T],
    seconds: float = 10,
    describe: str | Callable[[], str] = "",
) -> T:
    """The first true answer of the predicate; AssertionError, described, when none came in time."""
    deadline, pause = time.monotonic() + seconds, FIRST_PAUSE
    while not (answer := predicate()):
        if time.monotonic() > deadline:
            text = describe() if callable(describe) else describe
            text = text or str(predicate)
            raise AssertionError(f"not so after {seconds:g} s: {text} (last answer: {answer!r})")
        time.sleep(pause)
        pause = min(pause * 1.3, LONGEST_PAUSE)
    return answer
