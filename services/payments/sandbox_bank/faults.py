"""Rehearsed misfortune between us and the bank: requests and answers that get lost, and crashes."""

import os
from collections import Counter
from collections.abc import Callable


class NoAnswer(Exception):
    """Raised by a fault plan: the request, or its answer, got lost on the way."""


Faults = Callable[[str, str], None]  # Called with `request` or `answer` and the operation's key.


def no_faults(_point: str, _key: str) -> None:
    """Everything arrives."""


class FaultPlan:
    """`answer:transfer:2,crash:refund:1`: the answers of two transfers get lost, and the process
    dies after the bank has made a refund and before anybody knows. The same in every run.
    """

    def __init__(self, text: str) -> None:
        self._left = Counter[tuple[str, str]]()
        for step in filter(None, text.split(",")):
            point, kind, times = step.split(":")
            self._left[point, kind] += int(times)

    def __call__(self, point: str, key: str) -> None:
        kind = next((kind for _, kind in self._left if f":{kind}:" in key), "")
        if point == "answer" and self._take("crash", kind):
            os._exit(70)
        if self._take(point, kind):
            raise NoAnswer

    def _take(self, point: str, kind: str) -> bool:
        if not self._left[point, kind]:
            return False
        self._left[point, kind] -= 1
        return True
