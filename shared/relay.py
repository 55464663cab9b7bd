"""The only publisher of events: pipelined confirms over a connection that comes back by itself."""

import logging
import random
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import Any

import eventlet
import pika
from eventlet.patcher import is_monkey_patched

from shared.envelope import CONTENT_TYPE
from shared.underway import Item, Pending, Source, UnderWay

log = logging.getLogger(__name__)

WINDOW = 1_000  # Events published and not yet confirmed.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0


class Relay:
    """Sends each aggregate's whole pending outbox in order; what is under way is not sent again.

    An event that the broker refuses or returns stays in its outbox, and so do the later ones of its
    aggregate: the next sweep offers them all again, in order. Times are in seconds.
    """

    def __init__(
        self,
        uri: str,
        exchange: str = "stint.events",
        *,
        trim_every: float = 1.0,
        sweep_every: float = 5.0,
        sweep_age: float = 10.0,
        heartbeat: int = 30,
    ) -> None:
        self._parameters, self._exchange = _parameters(uri, heartbeat), exchange
        self._trim_every, self._sweep_every = trim_every, sweep_every
        self._sweep_age = sweep_age
        self._sources: list[Source] = []
        self._under_way = UnderWay()
        self._queue: deque[Item] = deque()
        self._flight: OrderedDict[int, Item] = OrderedDict()  # By delivery tag.
        self._returned: set[str] = set()
        self._connection: Any = None
        self._channel: Any = None
        self._tag, self._asked, self._blocked, self._was_up = 0, False, False, True
        self._pause = FIRST_PAUSE
        self._jobs: list[Any] = []
        self.counts: Counter[str] = Counter()  # published, confirmed, refused, returned, swept

    @property
    def connected(self) -> bool:
        """Whether the broker takes events now."""
        return self._channel is not None and self._channel.is_open and not self._blocked

    @property
    def waiting(self) -> int:
        """Events that the broker has not confirmed yet."""
        return len(self._queue) + len(self._flight)

    def attach(self, source: Source) -> None:
        """From now on trim and sweep these outboxes."""
        self._sources.append(source)

    def start(self) -> None:
        """Connect and stay connected, in greenlets; needs `eventlet.monkey_patch()` first."""
        if not is_monkey_patched("select"):
            raise RuntimeError("the relay would block its process: call eventlet.monkey_patch()")
        logging.getLogger("pika").setLevel(logging.CRITICAL + 1)  # Seven lines per failed attempt.
        jobs = (self._keep_connected, self._keep_trimmed, self._keep_swept)
        self._jobs = [eventlet.spawn(job) for job in jobs]

    def stop(self, limit: float = 5.0) -> None:
        """Send, confirm and trim what was offered; what is left is for another process's sweep."""
        with eventlet.Timeout(limit, False):
            while self._jobs and self.waiting:
                eventlet.sleep(0.02)
            self._each("trim", lambda source: source.trim())
        for job in self._jobs:
            job.kill()
        self._jobs = []
        self._drop()

    def offer(self, source: Source, id_: str, events: Sequence[Pending]) -> int:
        """Take on an aggregate's whole pending outbox; where there is no room, the sweep does.

        How many of the events were not under way already.
        """
        new = self._under_way.add([Item(source, id_, event) for event in events])
        self._queue.extend(new)
        if new and self._channel is not None and not self._asked:
            self._asked = True
            self._connection.ioloop.add_callback_threadsafe(self._pump)
        return len(new)

    # Inside the connection's loop.

    def _pump(self) -> None:
        self._asked = False
        while self._queue and len(self._flight) < WINDOW and self.connected:
            item = self._queue.popleft()
            if self._under_way.is_held(item):
                self._under_way.remove(item)
            elif not self._publish(item):
                return

    def _publish(self, item: Item) -> bool:
        """False where the channel is gone; an event that cannot be sent at all is refused."""
        try:
            self._channel.basic_publish(
                self._exchange,
                item.event.get("key") or item.event["type"],
                item.event["body"],
                _properties(item),
                mandatory=True,
            )
        except Exception as exc:  # noqa: BLE001 One bad event must not end the loop again and again.
            if not self._channel.is_open:
                self._queue.appendleft(item)
                return False
            log.error("event cannot be published: %s %r", item.event["id"], exc)
            self._finish(item, accepted=False)
            return True
        self._tag += 1
        self._flight[self._tag] = item
        self.counts["published"] += 1
        return True

    def _on_confirm(self, frame: Any) -> None:
        method = frame.method
        accepted = isinstance(method, pika.spec.Basic.Ack)
        first = next(iter(self._flight), 1) if method.multiple else method.delivery_tag
        for tag in range(first, method.delivery_tag + 1):
            item = self._flight.pop(tag, None)
            if item is not None:
                self._finish(item, accepted)
        self._pump()

    def _finish(self, item: Item, accepted: bool) -> None:
        """A returned event is acknowledged as well, so its return has to be remembered."""
        event_id = item.event["id"]
        if event_id in self._returned or not accepted:
            self._returned.discard(event_id)
            self._under_way.refused(item)
            self.counts["refused"] += 1
        held = self._under_way.is_held(item)
        self._under_way.remove(item)
        if not held:
            self.counts["confirmed"] += 1
            item.source.settle(item.id, event_id)

    def _on_return(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        self._returned.add(properties.message_id)
        self.counts["returned"] += 1
        log.error("no queue takes this event: %s %s", properties.type, properties.message_id)

    def _on_open(self, connection: Any) -> None:
        connection.add_on_connection_blocked_callback(lambda *_: self._on_blocked(True))
        connection.add_on_connection_unblocked_callback(lambda *_: self._on_blocked(False))
        connection.channel(on_open_callback=self._on_channel)

    def _on_blocked(self, blocked: bool) -> None:
        self._blocked = blocked
        log.warning("the broker %s publishing", "has blocked" if blocked else "allows")
        self._pump()

    def _on_channel(self, channel: Any) -> None:
        channel.add_on_close_callback(lambda _, reason: self._lost(reason))
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_confirm, callback=lambda _: self._ready(channel))

    def _ready(self, channel: Any) -> None:
        self._channel, self._tag, self._was_up = channel, 0, True
        self._pause = FIRST_PAUSE
        log.info("relay connected, %d events to send", len(self._queue))
        self._pump()

    def _lost(self, reason: object) -> None:
        self._channel = None
        self._tell(reason)
        if self._connection is not None:
            self._connection.ioloop.stop()

    def _tell(self, reason: object) -> None:
        """One line when the broker goes, none for each attempt while it is away."""
        level = logging.WARNING if self._was_up else logging.DEBUG
        self._was_up = False
        log.log(level, "relay has no broker, %d events wait: %r", self.waiting, reason)

    # Greenlets.

    def _keep_connected(self) -> None:
        while True:
            try:
                self._connection = self._connect()
                self._connection.ioloop.start()
            except Exception as exc:  # noqa: BLE001 What a callback raises ends pika's loop with it.
                self._tell(exc)
            self._drop()
            eventlet.sleep(random.uniform(self._pause / 2, self._pause))
            self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _connect(self) -> Any:
        return pika.SelectConnection(
            self._parameters,
            on_open_callback=self._on_open,
            on_open_error_callback=lambda _, reason: self._lost(reason),
            on_close_callback=lambda _, reason: self._lost(reason),
        )

    def _drop(self) -> None:
        """Forget the connection; what was under way is sent again first, in its order."""
        connection, self._connection, self._channel = self._connection, None, None
        self._queue.extendleft(reversed(self._flight.values()))
        self._flight.clear()
        self._returned.clear()
        self._tag, self._asked, self._blocked = 0, False, False
        if connection is not None:
            try:
                _abort(connection)
            except Exception as exc:  # noqa: BLE001 It is broken already.
                log.debug("closing: %r", exc)

    def _keep_trimmed(self) -> None:
        while True:
            eventlet.sleep(self._trim_every)
            self._each("trim", lambda source: source.trim())

    def _keep_swept(self) -> None:
        while True:
            eventlet.sleep(self._sweep_every * random.uniform(0.5, 1.5))
            self._sweep()

    def _sweep(self) -> None:
        """Only while nothing queues here: what this process can send it sends anyway."""
        if self.connected and not self._queue:
            self._each("sweep", self._sweep_source)

    def _sweep_source(self, source: Source) -> None:
        for id_, pending in source.sweep(self._sweep_age):
            while self._under_way.full and self.connected:
                eventlet.sleep(0.05)
            if not self.connected:
                return
            self._note_swept(self.offer(source, id_, pending))

    def _note_swept(self, events: int) -> None:
        """What a sweep sends was left over by a crash, a refusal or a full relay."""
        if events:
            self.counts["swept"] += events
            log.info("swept %d events", events)

    def _each(self, name: str, job: Callable[[Source], None]) -> None:
        for source in self._sources:
            try:
                job(source)
            except Exception as exc:  # noqa: BLE001 The database may be away: the next round comes.
                log.warning("%s failed: %r", name, exc)


def _parameters(uri: str, heartbeat: int) -> Any:
    parameters = pika.URLParameters(uri)
    parameters.heartbeat, parameters.socket_timeout = heartbeat, 5
    parameters.connection_attempts, parameters.stack_timeout = 1, 10
    return parameters


def _properties(item: Item) -> Any:
    event = item.event
    return pika.BasicProperties(
        content_type=CONTENT_TYPE,
        message_id=event["id"],
        type=event["type"],
        app_id=item.source.service,
        delivery_mode=2,
        timestamp=int(event["at"].timestamp()),
    )


def _abort(connection: Any) -> None:
    """Close the socket now, without a handshake, and free the loop; pika has no public way."""
    transport = getattr(connection, "_transport", None)
    if transport:
        transport.abort()
    connection.ioloop.close()
