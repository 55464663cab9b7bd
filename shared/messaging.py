"""What a service class is made of: `@on` events, `@every` so many seconds, what it is `provide`d.

A handler is never given a message that is not as its contract says, runs at most `limit` seconds,
and loses nothing: its message is acknowledged, retried on the ladder, parked, or held.
"""

import random
from collections.abc import Callable
from typing import Any

import eventlet
import structlog
from eventlet.event import Event as Signal
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import DependencyProvider, Entrypoint

from shared import metrics, topology
from shared.broker import Consumers, backoff, describe
from shared.config import PREFETCH
from shared.container import AWAY
from shared.delivery import Delivery
from shared.envelope import CONTENT_TYPE, Event, Malformed, parse
from shared.errors import Conflict, Forbidden, Invalid, StintError
from shared.logs import saw_duplicate
from shared.platform import Platform

log = structlog.get_logger(__name__)

PERMANENT = (Malformed, Invalid, Forbidden, Conflict)
HANDLER_LIMIT = 30  # seconds


class TimedOut(Exception):
    """The handler took longer than it may."""


class On(Entrypoint):
    """Runs the method for each event of its queue, `<service>.<method>`."""

    consumers = Consumers()

    def __init__(
        self, *types: str, prefetch: int = PREFETCH, limit: float = HANDLER_LIMIT, **options: Any
    ) -> None:
        self.types, self.prefetch, self.limit = types, prefetch, limit
        super().__init__(**options)

    def setup(self) -> None:
        service = self.container.service_name
        self.queue = topology.queue_name(service, self.method_name)
        self.ladder = [
            topology.retry_name(service, step) for step in self.container.platform.settings.ladder
        ]
        self.consumers.register(self)

    def stop(self) -> None:
        self.consumers.drain()

    def receive(self, message: Any) -> None:
        """Take a message from the broker: give it to a worker, or park what is no event for us."""
        delivery = Delivery(self.queue, message, self.consumers, self.container.publisher)
        try:
            event = self._read(delivery)
        except Malformed as exc:
            self.container.spawn_managed_thread(self._parking(delivery, exc), "park")
            return
        try:
            self.container.spawn_worker(
                self, (event,), {}, handle_result=lambda *end: self._settle(delivery, event, *end)
            )
        except ContainerBeingKilled:
            self.consumers.settled()  # The channel closes with us; the broker gives it to another.

    def _read(self, delivery: Delivery) -> Event:
        if delivery.content_type != CONTENT_TYPE:
            raise Malformed(f"content type {delivery.content_type!r} is not {CONTENT_TYPE}")
        event = parse(delivery.body)
        if event.type not in self.types and "#" not in self.types:
            raise Malformed(f"{self.method_name} does not take {event.type}")
        self.container.contracts.check(event.type, event.data)
        return event

    def _parking(self, delivery: Delivery, exc: Malformed) -> Callable[[], None]:
        def park() -> None:
            delivery.park(exc)
            self._tell(
                delivery, "parked", exc, event_id=delivery.message.properties.get("message_id")
            )

        return park

    def invoke(self, worker: Any, method: Callable[[Event], object]) -> object:
        """Run the method, again and again while the database is away.

        Meanwhile the message stays here unacknowledged: a full prefetch is what pauses consumption.
        """
        (event,) = worker.args
        structlog.contextvars.bind_contextvars(
            handler=self.method_name,
            event_id=event.id,
            correlation_id=event.correlation_id,
        )
        for pause in backoff():
            try:
                return bounded(self.limit, lambda: method(event))
            except AWAY as exc:
                if self.consumers.draining:
                    raise
                log.warning("held", error=describe(exc), wait=round(pause, 2))
                eventlet.sleep(pause)
        return None

    def _settle(
        self, delivery: Delivery, event: Event, _worker: Any, result: object, exc_info: Any
    ) -> tuple[object, Any]:
        exc = exc_info[1] if exc_info else None
        outcome = self._end(delivery, exc)
        facts = {"event_id": event.id, "correlation_id": event.correlation_id}
        self._tell(delivery, outcome, exc, type=event.type, subject=event.subject, **facts)
        return result, exc_info

    def _end(self, delivery: Delivery, exc: BaseException | None) -> str:
        if exc is None:
            delivery.ack()
            return "duplicate" if saw_duplicate() else "ok"
        if isinstance(exc, AWAY) and self.consumers.draining:
            delivery.requeue()
            return "returned"
        if isinstance(exc, PERMANENT) or delivery.attempt > len(self.ladder):
            delivery.park(exc)
            return "parked"
        delivery.retry(self.ladder[delivery.attempt - 1], exc)
        return "retried"

    def _tell(
        self, delivery: Delivery, outcome: str, exc: BaseException | None, **facts: Any
    ) -> None:
        metrics.messages.labels(self.method_name, outcome).inc()
        metrics.handler_seconds.labels(self.method_name).observe(delivery.milliseconds / 1000)
        if exc is not None:
            facts |= {"error": describe(exc), "exc_info": unexpected(exc)}
        tell = {"parked": log.error, "retried": log.warning}.get(outcome, log.info)
        tell(
            "handled",
            handler=self.method_name,
            outcome=outcome,
            attempt=delivery.attempt,
            ms=delivery.milliseconds,
            **facts,
        )


class Every(Entrypoint):
    """Runs the method now and then: about every `seconds`, by chance up to a fifth more or less.

    A round that fails is logged; the next one starts only when it is over.
    """

    LIMIT = 300  # seconds that one round may take

    def __init__(self, seconds: float, **options: Any) -> None:
        self.seconds = seconds
        self._stopping = Signal()
        super().__init__(**options)

    def start(self) -> None:
        self._loop = self.container.spawn_managed_thread(self._run, f"every-{self.method_name}")

    def stop(self) -> None:
        self._stopping.send()
        self._loop.wait()

    def kill(self) -> None:
        self._loop.kill()

    def invoke(self, _worker: Any, method: Callable[[], object]) -> object:
        structlog.contextvars.bind_contextvars(handler=self.method_name)
        return bounded(self.LIMIT, method)

    def _run(self) -> None:
        while not self._stopping_within(random.uniform(0.8, 1.2) * self.seconds):
            over = Signal()

            def end(_worker: Any, result: object, exc_info: Any, over: Signal = over) -> Any:
                over.send()
                self._tell(exc_info)
                return result, exc_info

            self.container.spawn_worker(self, (), {}, handle_result=end)
            over.wait()

    def _stopping_within(self, seconds: float) -> bool:
        with eventlet.Timeout(seconds, False):
            self._stopping.wait()
            return True
        return False

    def _tell(self, exc_info: Any) -> None:
        if exc_info:
            exc = exc_info[1]
            log.error("round-failed", error=describe(exc), exc_info=unexpected(exc))


class Provide(DependencyProvider):
    """One object per process, made from the platform when the service starts.

    One that works in the background has a `stop`: called when the last handler is through.
    """

    def __init__(self, factory: Callable[[Platform], object]) -> None:
        self.factory = factory

    def setup(self) -> None:
        self.object = self.factory(self.container.platform)

    def get_dependency(self, worker_ctx: Any) -> object:
        return self.object

    def stop(self) -> None:
        # Of its class: a database's collection has an attribute of every name.
        made: Any = getattr(self, "object", None)
        if callable(getattr(type(made), "stop", None)):
            made.stop()


def bounded(seconds: float, call: Callable[[], object]) -> object:
    """Call with a time limit; raises TimedOut.

    The limit is a BaseException while it travels, so that no `except Exception` on the way eats it.
    """
    try:
        with eventlet.Timeout(seconds):
            return call()
    except eventlet.Timeout as exc:
        raise TimedOut(f"not finished in {seconds} s") from exc


def unexpected(exc: BaseException) -> BaseException | None:
    """The error again where its traceback belongs in the log, else None."""
    return None if isinstance(exc, (StintError, Malformed, TimedOut, *AWAY)) else exc


on = On.decorator
every = Every.decorator
provide = Provide
