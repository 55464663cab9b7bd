"""One process of the counting service: the real store, outbox, relay, consumer and delivery.

Everything between it and the world waits until a test lets it happen: an operation of the database,
the broker's receipt of an event, its confirm, a delivery.
"""

import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any, Protocol

import eventlet
import pika
from eventlet.event import Event as Signal
from greenlet import GreenletExit

from shared.envelope import CONTENT_TYPE, Event
from shared.messaging import On
from shared.relay import Relay
from shared.store import Store
from tests.chaos.model.broker import LADDER, Broker, Letter
from tests.chaos.model.counting import (
    HIT,
    TOLD,
    Counter,
    CounterDocument,
    Mirror,
    MirrorDocument,
)
from tests.chaos.model.memory import Collection, Fate


@dataclass(frozen=True)
class Parts:
    """What a replica is made of; planted bugs replace one of them."""

    on: type[On] = On
    relay: type[Relay] = Relay
    store: type[Store[Any]] = Store
    collection: type[Collection] = Collection


class Surroundings(Protocol):
    """The world as a process sees it."""

    parts: Parts
    now: Any
    rows: dict[str, dict[str, bytes]]
    broker: Broker

    def publish(self, type_: str, body: bytes, id_: str) -> None: ...


class Incoming:
    """A delivery as kombu presents it; settling it twice, or after the connection, is nothing."""

    def __init__(self, replica: "Replica", letter: Letter) -> None:
        self._replica, self.letter = replica, letter
        self.body, self.headers = letter.body, dict(letter.headers)
        self.content_type = CONTENT_TYPE
        self.properties = {"message_id": letter.id, "content_type": CONTENT_TYPE}
        self.delivery_info = {"routing_key": letter.queue}
        self.channel = SimpleNamespace(connection=object())

    def ack(self) -> None:
        if self in self._replica.unsettled:
            self._replica.unsettled.remove(self)

    def requeue(self) -> None:
        raise AssertionError("nobody stops here")


class Held:
    """An operation that waits for its fate."""

    def __init__(self, what: str) -> None:
        self.what, self.signal = what, Signal()


class Replica:
    """One process. Once it is dead nothing that it still does reaches the world."""

    draining = False

    def __init__(self, world: Surroundings) -> None:
        self._world, self._parts = world, world.parts
        self.alive = True
        self.held: list[Held] = []
        self.unsettled: list[Incoming] = []
        self.sent: deque[tuple[str, bytes, str]] = deque()  # Published, not yet at the broker.
        self.unconfirmed = self._tag = 0
        self.relay = self._parts.relay("amqp://nowhere")
        platform: Any = SimpleNamespace(
            service="tally",
            now=lambda: world.now,
            settings=SimpleNamespace(replicas=2),
            database={
                name: self._parts.collection(rows, self._gate, name=name)
                for name, rows in world.rows.items()
            },
            relay=self.relay,
            one_log=True,
            register=lambda store: self.relay.attach(store.outbox),
        )
        self.counters = self._parts.store(platform, Counter, CounterDocument)
        self.mirrors = self._parts.store(platform, Mirror, MirrorDocument)
        self._entrypoints = {TOLD: self._on(TOLD, self._told), HIT: self._on(HIT, self._hit)}
        self.connect_relay()

    def receive(self, letter: Letter) -> None:
        """Take a message as the consumer does."""
        message = Incoming(self, letter)
        self.unsettled.append(message)
        self._entrypoints[letter.queue].receive(message)

    def decide(self, at: int, fate: Fate) -> None:
        """Let the operation happen, or not."""
        self.held.pop(at).signal.send(fate)

    def crash(self) -> None:
        """`kill -9`: the broker gives back what was not settled."""
        self.alive = False
        self.lose_consumer()

    def lose_consumer(self) -> None:
        """The consumer's connection breaks; what it held goes back, what runs goes on."""
        for message in self.unsettled:
            message.channel.connection = None
            self._world.broker.ready.append(message.letter)
        self.unsettled.clear()

    def connect_relay(self) -> None:
        """A new connection of the relay; what was on its way over the old one is lost."""
        self.relay._drop()
        self.sent.clear()
        self.unconfirmed = self._tag = 0
        self.relay._ready(self)  # This is its channel as well.
        loop = SimpleNamespace(add_callback_threadsafe=self._soon, stop=int, close=int)
        self.relay._connection = SimpleNamespace(ioloop=loop)

    def arrives(self) -> None:
        """The next published event reaches the broker."""
        type_, body, id_ = self.sent.popleft()
        self._world.publish(type_, body, id_)
        self.unconfirmed += 1

    def confirm(self, count: int, *, ack: bool = True) -> None:
        """The broker's answer to the oldest `count` events that it has."""
        self._tag, self.unconfirmed = self._tag + count, self.unconfirmed - count
        answer = (pika.spec.Basic.Ack if ack else pika.spec.Basic.Nack)(self._tag, count > 1)
        self.relay._on_confirm(SimpleNamespace(method=answer))

    def tidy(self) -> None:
        """A round of trimming and a round of sweeping."""
        eventlet.spawn(self._tidy)

    # What the relay sees as its channel.

    is_open = True

    def basic_publish(
        self, _exchange: str, type_: str, body: bytes, about: Any, *, mandatory: bool
    ) -> None:
        assert mandatory
        if self.alive:
            self.sent.append((type_, body, about.message_id))

    # What the entrypoints see as their consumers, their publisher and their container.

    def settled(self) -> None:
        """The count of messages under way is kept in `unsettled`."""

    def publish(
        self, exchange: str, key: str, body: bytes, *, headers: Mapping[str, Any], **about: Any
    ) -> None:
        fate = self._gate("publish")
        if fate is Fate.LOST:
            raise OSError(fate.value)
        self._world.broker.route(exchange, key, body, about["message_id"], headers)
        if fate is Fate.ANSWER_LOST:
            raise OSError(fate.value)

    def spawn_worker(self, on: On, args: tuple[Event], _kwargs: Any, handle_result: Any) -> None:
        eventlet.spawn_n(self._work, on, SimpleNamespace(args=args), handle_result)

    def _work(self, on: Any, worker: Any, handle_result: Any) -> None:
        exc_info = None
        try:
            on.invoke(worker, on.method)
        except GreenletExit:
            return
        except BaseException:  # noqa: BLE001 (as the container does)
            exc_info = sys.exc_info()
        handle_result(worker, None, exc_info)

    def _on(self, type_: str, method: Any) -> Any:
        on: Any = self._parts.on(type_, limit=3600)
        on.queue, on.ladder, on.method_name, on.method = type_, LADDER, type_, method
        on.consumers, on.container = self, self
        return on

    @property
    def publisher(self) -> "Replica":
        return self

    @property
    def contracts(self) -> Any:
        return SimpleNamespace(check=lambda _type, _data: None)

    def _told(self, event: Event) -> None:
        id_ = event.data["counter"]
        self.counters.change(id_, event, Counter.hit, new=partial(Counter, id_))

    def _hit(self, event: Event) -> None:
        id_, count = event.data["counter"], event.data["count"]
        note = partial(Mirror.note, count=count)
        self.mirrors.change(id_, event, note, new=partial(Mirror, id_))

    def _tidy(self) -> None:
        self.relay._each("trim", lambda source: source.trim())
        self.relay._sweep()

    def _soon(self, call: Any) -> None:
        eventlet.spawn_n(call)

    def _gate(self, what: str) -> Fate:
        if not self.alive:
            raise GreenletExit
        held = Held(what)
        self.held.append(held)
        fate: Fate = held.signal.wait()
        if not self.alive:
            raise GreenletExit
        return fate
