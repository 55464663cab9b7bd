"""Brings public events to the partners' streams on the broker: stored first, then sent in order.

Each stream is one process's at a time. What the broker has confirmed is recorded afterwards, so a
crash repeats events under their ids and loses none. While the broker or the vhost is away nothing
else waits: what is missing is brought later.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import orjson

from services.notifications.partners.domain.streams import Progress, Stream
from services.notifications.partners.usecases.keeping import document
from shared.clock import Clock
from shared.partner_bus import routing_key
from shared.relay import Pending, Relay
from shared.store import Store
from shared.sweep import each

AT_ONCE = 500  # Events of one partner on their way.
Row = Mapping[str, Any]


class PublicEvents(Protocol):
    def page(self, partner_id: str, after: int, limit: int) -> Sequence[Row]: ...


class Streams:
    """The sender, and for the relay the place that its events come from."""

    service = "stint"  # As partners know us: the `app_id` of each message.

    def __init__(
        self,
        streams: Store[Stream],
        events: PublicEvents,
        relay: Relay,
        now: Clock,
        holder: str,
    ) -> None:
        self._streams, self._events, self._relay = streams, events, relay
        self._now, self._holder = now, holder
        self._progress: dict[str, Progress] = {}
        self._started = False

    def bring(self, streams: Sequence[Stream]) -> None:
        """Offer what these open streams lack; needs no broker where there are none."""
        if streams and not self._started:
            self._started = True
            self._relay.attach(self)
            self._relay.start()
        if streams and self._relay.connected:
            each(streams, self._bring)

    def stop(self) -> None:
        """Send and record what was offered, for a few seconds at most."""
        if self._started:
            self._relay.stop()

    def settle(self, id_: str, event_id: str) -> None:
        """The broker has this event."""
        self._progress[id_].settle(event_id)

    def trim(self) -> None:
        """Record how far each stream has come."""
        each(
            [id_ for id_, at in self._progress.items() if at.confirmed > at.recorded], self._record
        )

    def sweep(self, age: float) -> Iterator[tuple[str, list[Pending]]]:
        """Nothing: `bring` looks at every stream anyway."""
        return iter(())

    def _bring(self, stream: Stream) -> None:
        now, progress = self._now(), self._progress.setdefault(stream.id, Progress())
        if not stream.free_for(self._holder, now) or not progress.may_offer(now):
            return
        if not self._lacking(stream, progress, 1):
            return
        if not stream.lasts(self._holder, now):
            stream = self._streams.change(stream.id, None, lambda s: s.claim(self._holder, now))
        if not stream.lasts(self._holder, now):
            return  # Another process was faster.
        if rows := self._lacking(stream, progress, AT_ONCE):
            progress.offer([(row["sequence"], row["_id"]) for row in rows], now)
            self._relay.offer(self, stream.id, [_pending(row) for row in rows])

    def _lacking(self, stream: Stream, progress: Progress, limit: int) -> Sequence[Row]:
        after = max(stream.position, progress.confirmed)
        return self._events.page(stream.id, after, limit)

    def _record(self, id_: str) -> None:
        progress = self._progress[id_]
        confirmed = progress.confirmed
        self._streams.change(id_, None, lambda stream: stream.advance(confirmed))
        progress.recorded = confirmed


def _pending(row: Row) -> Pending:
    return {
        "id": row["_id"],
        "type": row["type"],
        "key": routing_key(row["partner_id"], row["type"]),
        "at": row["at"],
        "body": orjson.dumps(document(row)),
    }
