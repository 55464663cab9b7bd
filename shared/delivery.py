"""One message until it is settled: acknowledged, retried later, parked, or given back."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import eventlet
import structlog

from shared import headers
from shared.broker import Consumers, Publisher, backoff, describe
from shared.topology import PARKED

log = structlog.get_logger(__name__)

SETTLE_LIMIT = 60  # seconds that a message is held while the broker takes nothing
MOST_ATTEMPTS = 1000
KEPT = ("content_type", "content_encoding", "message_id", "type", "app_id", "timestamp")


class Delivery:
    """A message under way. Its headers are hostile input: whatever they hold, it can be settled."""

    def __init__(
        self, queue: str, message: Any, consumers: Consumers, publisher: Publisher
    ) -> None:
        self.queue, self.message = queue, message
        self.body: bytes = message.body or b""  # py-amqp makes an empty body a str.
        self.headers: dict[str, Any] = message.headers
        self.content_type: str | None = message.content_type
        self.started = time.monotonic()
        self._consumers, self._publisher = consumers, publisher
        self._copied = False

    @property
    def attempt(self) -> int:
        """1 for the first; anything odd in the header counts as the first."""
        value = self.headers.get("x-attempt")
        if not isinstance(value, int) or isinstance(value, bool):
            return 1
        return value if 1 <= value <= MOST_ATTEMPTS else 1

    @property
    def milliseconds(self) -> float:
        """Since it came from the broker."""
        return round((time.monotonic() - self.started) * 1000, 1)

    def ack(self) -> None:
        self._settle(self.message.ack)

    def retry(self, exchange: str, error: BaseException) -> None:
        """Put a copy with the next attempt's number on a step of the ladder."""
        self._settle(lambda: self._move(exchange, error, self.attempt + 1))

    def park(self, error: BaseException) -> None:
        """Put a copy in the queue's parked queue, byte for byte, with the error."""
        self._settle(lambda: self._move(PARKED, error, self.attempt))

    def requeue(self) -> None:
        """Give it back at once by basic.reject, which every broker counts to the delivery limit."""
        self._settle(self.message.requeue)

    def _settle(self, act: Callable[[], None]) -> None:
        """Never raises. A closed channel has already given the message back to the broker."""
        until, pauses = time.monotonic() + SETTLE_LIMIT, backoff()
        try:
            while self.message.channel.connection:
                try:
                    return act()
                except Exception as exc:  # noqa: BLE001 An error here would end the service.
                    log.warning("not-settled", queue=self.queue, error=describe(exc))
                if self._consumers.draining or time.monotonic() > until:
                    return self.message.requeue()
                eventlet.sleep(next(pauses))
        except Exception as exc:  # noqa: BLE001 As above.
            log.warning("not-requeued", queue=self.queue, error=describe(exc))
        finally:
            self._consumers.settled()

    def _move(self, exchange: str, error: BaseException, attempt: int) -> None:
        if not self._copied:
            properties = {
                name: value for name, value in self.message.properties.items() if name in KEPT
            }
            self._publisher.publish(
                exchange,
                self.queue,
                self.body,
                headers=self._headers(error, attempt),
                delivery_mode=2,
                **properties,
            )
            self._copied = True
        self.message.ack()

    def _headers(self, error: BaseException, attempt: int) -> dict[str, Any]:
        kept = headers.copied(self.headers)
        kept.setdefault("x-first-failure", datetime.now(UTC).isoformat(timespec="milliseconds"))
        kept.setdefault("x-original-key", self.message.delivery_info["routing_key"])
        return kept | {"x-attempt": attempt, "x-error": describe(error)}
