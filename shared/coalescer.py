"""Group commit: calls that wait while a batch runs make up the next batch."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import eventlet
from eventlet.event import Event

BATCH = 200

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Coalescer(Generic[Item, Answer]):
    """Calls of one item each become `run(items)`, which gives one answer or exception per item.

    A batch holds only calls made before it starts: what a call reads is never older than the call.
    """

    def __init__(self, run: Callable[[Sequence[Item]], Sequence[Answer | BaseException]]) -> None:
        self._run = run
        self._waiting: list[tuple[Item, Event]] = []
        self._busy = False

    def __call__(self, item: Item) -> Answer:
        """The answer to this item; raises what `run` raised or answered for it."""
        answer = Event()
        self._waiting.append((item, answer))
        if not self._busy:
            self._busy = True
            eventlet.spawn_n(self._work)
        result: Answer = answer.wait()
        return result

    def _work(self) -> None:
        try:
            while self._waiting:
                eventlet.sleep(0)  # Lets the greenlets that are ready join this batch.
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                self._answer(batch)
        finally:
            self._busy = False

    def _answer(self, batch: Sequence[tuple[Item, Event]]) -> None:
        try:
            results = self._run([item for item, _ in batch])
        except BaseException as exc:  # noqa: BLE001 Whatever it is, nobody may be left waiting.
            results = [exc] * len(batch)
        for (_, answer), result in zip(batch, results, strict=True):
            if isinstance(result, BaseException):
                answer.send_exception(result)
            else:
                answer.send(result)
