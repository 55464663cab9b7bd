"""RabbitMQ as a service sees it: one connection that consumes, and confirmed publishing."""

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Protocol

import amqp
import eventlet
import structlog
from eventlet.event import Event as Signal
from eventlet.semaphore import Semaphore
from kombu import Connection
from nameko.extensions import SharedExtension

from shared.errors import StintError

log = structlog.get_logger(__name__)

HEARTBEAT = 30  # seconds
TICK = 0.5  # seconds that the loop waits for the next frame
DRAIN_LIMIT = 25  # seconds that running handlers get after SIGTERM
PUBLISH_LIMIT = 10  # seconds for connecting, publishing and the broker's confirm

GONE = (amqp.exceptions.ConnectionError, OSError)


class Unconfirmed(Exception):
    """The broker did not say in time that it has the message."""


class Feed(Protocol):
    """A queue to read and who takes its messages; `receive` may not raise."""

    queue: str
    prefetch: int

    def receive(self, message: Any) -> None: ...


class Consumers(SharedExtension):
    """Reads all queues of the process over one connection, kept until the last message is settled.

    A lost connection is made again for ever; the broker gives unsettled messages back by itself.
    """

    def __init__(self) -> None:
        self.feeds: list[Feed] = []
        self.in_flight = 0
        self.connected = False
        self.draining = False
        self._stopped = Signal()

    def register(self, feed: Feed) -> None:
        self.feeds.append(feed)

    def start(self) -> None:
        self.container.spawn_managed_thread(self._run, identifier="consumers")

    def drain(self) -> None:
        """Take no more messages; return when those under way are settled, or after 25 s."""
        self.draining = True
        with eventlet.Timeout(DRAIN_LIMIT, False):
            self._stopped.wait()
            return
        log.error("drain-limit", unsettled=self.in_flight)

    def settled(self) -> None:
        """One message less under way."""
        self.in_flight -= 1

    def _run(self) -> None:
        pauses = backoff()
        while not self.draining:
            try:
                with Connection(self.container.uri, heartbeat=HEARTBEAT, connect_timeout=5) as line:
                    self._consume(line)
                    pauses = backoff()
            except Exception as exc:  # noqa: BLE001 An error here would end the service.
                log.warning("broker-away", error=describe(exc))
            self.connected = False
            if not self.draining:
                eventlet.sleep(next(pauses))
        self._stopped.send()

    def _consume(self, line: Connection) -> None:
        consumers = [self._subscribe(line, feed) for feed in self.feeds]
        self.connected = True
        log.info("consuming", queues=len(consumers))
        for _ in turns(line):
            if self.draining and self.in_flight == 0:
                return
            if self.draining and consumers:
                self._cancel(consumers)

    def _subscribe(self, line: Connection, feed: Feed) -> tuple[Any, str]:
        channel = line.channel()
        channel.auto_decode = False  # Bodies stay the bytes they were.
        channel.basic_qos(0, feed.prefetch, False)
        taken = partial(self._take, feed, channel)
        return channel, channel.basic_consume(feed.queue, callback=taken)

    def _take(self, feed: Feed, channel: Any, message: Any) -> None:
        self.in_flight += 1
        feed.receive(channel.message_to_python(message))

    def _cancel(self, consumers: list[tuple[Any, str]]) -> None:
        for channel, tag in consumers:
            channel.basic_cancel(tag)
        consumers.clear()
        log.info("takes-no-more", under_way=self.in_flight)


class Publisher:
    """Publishes one message at a time per connection and returns when the broker has it.

    A connection that failed is thrown away: its confirms may be out of step. Safe for greenlets.
    """

    def __init__(self, uri: str, connections: int = 8) -> None:
        self._uri = uri
        self._idle: list[Any] = []
        self._slots = Semaphore(connections)

    def publish(
        self,
        exchange: str,
        key: str,
        body: bytes,
        *,
        headers: Mapping[str, Any] | None = None,
        mandatory: bool = True,
        **properties: Any,
    ) -> None:
        """Raises when it was not confirmed, or was routed nowhere; it may have arrived even so."""
        message = amqp.Message(body, application_headers=dict(headers or {}), **properties)
        give_up = Unconfirmed(f"not confirmed in {PUBLISH_LIMIT} s")
        with eventlet.Timeout(PUBLISH_LIMIT, give_up), self._slots:
            stale = len(self._idle)
            while True:
                try:
                    with self._channel() as channel:
                        channel.basic_publish_confirm(message, exchange, key, mandatory)
                    return
                except GONE:
                    # The connections that were idle may all be dead: try each, then a new one.
                    stale -= 1
                    if stale < 0:
                        raise

    def close(self) -> None:
        while self._idle:
            self._idle.pop().connection.collect()

    @contextmanager
    def _channel(self) -> Iterator[Any]:
        channel = self._idle.pop() if self._idle else self._open()
        try:
            yield channel
        except BaseException:
            if channel.connection:
                channel.connection.collect()
            raise
        self._idle.append(channel)

    def _open(self) -> Any:
        return Connection(self._uri, connect_timeout=5).channel()


def turns(line: Connection) -> Iterator[None]:
    """For ever: before each, time to look whether to go on; then what has come is taken."""
    beat = time.monotonic()
    while True:
        yield
        with suppress(TimeoutError):
            line.drain_events(timeout=TICK)
        if time.monotonic() - beat > 1:
            line.heartbeat_check()
            beat = time.monotonic()


def backoff(longest: float = 5.0) -> Iterator[float]:
    """Seconds to wait before the next try: 0.1 doubling up to `longest`, each cut by chance."""
    pause = 0.1
    while True:
        yield random.uniform(pause / 2, pause)
        pause = min(pause * 2, longest)


def describe(error: BaseException) -> str:
    """The error in one short line, for logs and headers."""
    code = f" {error.code}" if isinstance(error, StintError) else ""
    return f"{type(error).__name__}{code}: {error}".replace("\n", " ")[:500]
