"""The archive, a stream of every event of the last 30 days: read from some time on to its end."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kombu import Connection  # pika rejects what it holds when it stops, which streams refuse.

from deploy.cli.channel import declared
from deploy.cli.conduct import progress
from deploy.cli.main import Refusal
from shared.envelope import Event, Malformed, parse
from shared.topology import ARCHIVE

PREFETCH, ACKED_AT_ONCE = 500, 100  # A stream sends nothing to a consumer without a prefetch.
FIRST_SECONDS = 5.0  # An archive that has shown nothing by then is empty.
IDLE_SECONDS = 0.5  # The last chunk arrives as a whole.
STALLED_SECONDS = 30.0
SKEW = timedelta(minutes=10)  # How far the broker's clock may be from the services'.


@dataclass(frozen=True, slots=True)
class Archived:
    offset: int
    body: bytes
    properties: dict[str, Any]
    event: Event


class Archive:
    """What the stream holds when it is opened; later events are not read."""

    def __init__(self, uri: str, connection: Any) -> None:
        """`connection` is pika's, for the one question whether there is an archive at all."""
        if not declared(connection, ARCHIVE):
            raise Refusal(f"there is no {ARCHIVE}: run `stint topology apply`")
        self._uri = uri
        self._last = self._find_last()

    def read(
        self, since: datetime | None = None, wanted: Callable[[bytes], bool] = lambda _: True
    ) -> Iterator[Archived]:
        """Every event in order, from about `since` on (never later); shows its progress.

        Bodies that are not `wanted` are passed over undecoded, and so is what is no event of ours.
        """
        if self._last is None:
            return
        start = self._start(since)
        with self._consume(start, STALLED_SECONDS) as messages:
            first = next(messages, None)
            if first is None:
                raise Refusal("the broker sends nothing of the archive")
            total = self._last - _offset(first) + 1
            with progress("reading the archive", max(total, 0)) as advance:
                for message in _and_then(first, messages):
                    advance(1)
                    if _offset(message) <= self._last and wanted(message.body or b""):
                        with suppress(Malformed):
                            yield _archived(message)
                    if _offset(message) >= self._last:
                        return
        raise Refusal("the broker stopped in the middle of the archive: try again")

    def _start(self, since: datetime | None) -> Any:
        """An event is stored after the time that it names, unless clocks differ."""
        if since is None or since > datetime.now(UTC):
            return "first"
        return (since - SKEW).replace(tzinfo=None)  # py-amqp takes naive times for UTC.

    def _find_last(self) -> int | None:
        with self._consume("last", FIRST_SECONDS, IDLE_SECONDS) as messages:
            offsets = [_offset(message) for message in messages]
        return max(offsets) if offsets else None

    @contextmanager
    def _consume(
        self, start: Any, patience: float, after: float | None = None
    ) -> Iterator[Iterator[Any]]:
        """The entries from an offset on, until none comes for `patience` (then `after`) seconds."""
        with Connection(self._uri, connect_timeout=5) as line:
            channel = line.channel()
            channel.auto_decode = False
            channel.basic_qos(0, PREFETCH, False)
            waiting: deque[Any] = deque()
            channel.basic_consume(
                ARCHIVE, callback=waiting.append, arguments={"x-stream-offset": start}
            )
            yield _drain(line, channel, waiting, patience, after or patience)


def _drain(
    line: Any, channel: Any, waiting: deque[Any], patience: float, after: float
) -> Iterator[Any]:
    unacknowledged = 0
    while True:
        while waiting:
            message = waiting.popleft()
            yield message
            unacknowledged += 1
            if unacknowledged == ACKED_AT_ONCE:
                channel.basic_ack(message.delivery_tag, multiple=True)
                unacknowledged = 0
            patience = after
        try:
            line.drain_events(timeout=patience)
        except TimeoutError:
            return


def _and_then(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _offset(message: Any) -> int:
    return int(message.headers["x-stream-offset"])


def _archived(message: Any) -> Archived:
    body: bytes = message.body or b""
    return Archived(_offset(message), body, dict(message.properties), parse(body))
