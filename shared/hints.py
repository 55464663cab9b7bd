"""Hints: who waits hears at once that something was announced. Nothing may depend on them.

They come through a queue of this process alone, which is gone with its connection: what is
announced meanwhile is not heard, and who waits looks by himself after a while.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import eventlet
import orjson
import structlog
from eventlet.event import Event as Signal
from kombu import Connection
from nameko.extensions import DependencyProvider

from shared import topology
from shared.broker import HEARTBEAT, backoff, describe, turns

log = structlog.get_logger(__name__)

ALL = "*"  # Hears everything.
# Unread hints are worth nothing: of many that nobody took in time the oldest go.
QUEUE = {"x-queue-type": "classic", "x-max-length": 1000}


class Bell:
    """What one who waits listens to; rung before the wait, it does not wait."""

    def __init__(self) -> None:
        self._rung = Signal()

    def ring(self) -> None:
        if not self._rung.ready():
            self._rung.send()

    def wait(self, seconds: float) -> None:
        """Until it is rung, or so long."""
        with eventlet.Timeout(seconds, False):
            self._rung.wait()

    def taken(self) -> bool:
        """Whether it was rung since it was last asked."""
        if not self._rung.ready():
            return False
        self._rung = Signal()
        return True


class Hints(DependencyProvider):
    """Rings the bells of those whom an announced event names, by any text among its data."""

    def __init__(self) -> None:
        self._bells: dict[str, set[Bell]] = {}
        self._stopping = False
        self.listening = False  # While it is, who waits hears of everything that is announced.

    def start(self) -> None:
        self.container.spawn_managed_thread(self._run, identifier="hints")

    def stop(self) -> None:
        self._stopping = True

    def get_dependency(self, worker_ctx: Any) -> "Hints":
        return self

    def listen(self, names: Iterable[str]) -> tuple[Bell, Callable[[], None]]:
        """A bell for events that name one of these, and what ends it."""
        bell, wanted = Bell(), set(names)
        for name in wanted:
            self._bells.setdefault(name, set()).add(bell)

        def end() -> None:
            for name in wanted:
                bells = self._bells.get(name, set())
                bells.discard(bell)
                if not bells:
                    self._bells.pop(name, None)

        return bell, end

    def heard(self, body: bytes | str) -> None:
        """Ring for this event; what is none is nobody's."""
        if not self._bells:
            return
        with suppress(ValueError, TypeError, KeyError, RecursionError):
            for name in {ALL, *_texts(orjson.loads(body)["data"])}:
                for bell in self._bells.get(name, ()):
                    bell.ring()

    def ring_all(self) -> None:
        for bells in self._bells.values():
            for bell in bells:
                bell.ring()

    def _run(self) -> None:
        pauses = backoff()
        while not self._stopping:
            try:
                with Connection(self.container.uri, heartbeat=HEARTBEAT, connect_timeout=5) as line:
                    self._listen(line)
                    pauses = backoff()
            except Exception as exc:  # noqa: BLE001 Whatever it is, the next connection may do.
                log.warning("hints-away", error=describe(exc))
            self.listening = False
            if not self._stopping:
                eventlet.sleep(next(pauses))

    def _listen(self, line: Connection) -> None:
        channel, name = line.channel(), f"{self.container.service_name}.live.{uuid4()}"
        channel.auto_decode = False
        channel.queue_declare(
            name, durable=False, exclusive=True, auto_delete=True, arguments=QUEUE
        )
        channel.queue_bind(name, topology.EVENTS, "#")
        channel.basic_consume(name, no_ack=True, callback=lambda message: self.heard(message.body))
        log.info("listening", queue=name)
        self.listening = True
        self.ring_all()  # What was announced while nobody listened is looked for now.
        for _ in turns(line):
            if self._stopping:
                return


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict | list):
        for inner in found.values() if isinstance(found, dict) else found:
            yield from _texts(inner)
