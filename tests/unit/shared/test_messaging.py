"""Whatever the headers of a message hold, it is settled once; limits hold; waits grow."""

from itertools import islice
from typing import Any

import eventlet
import pytest

from shared import headers
from shared.broker import backoff
from shared.delivery import Delivery
from shared.messaging import TimedOut, bounded, on, provide


class Message:
    """A message of kombu's, as far as a delivery looks at it."""

    def __init__(self, fields: dict[str, Any] | None = None, *, connected: bool = True) -> None:
        self.headers, self.body, self.content_type = fields or {}, b"body", "text/plain"
        self.properties: dict[str, Any] = {"message_id": "m-1", "user_id": "guest", "priority": 9}
        self.delivery_info = {"routing_key": "book.returned.v1"}
        self.channel = self
        self.connection: object = object() if connected else None
        self.settled: list[str] = []
        self.failures = 0

    def ack(self) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("the connection is in trouble")
        self.settled.append("ack")

    def requeue(self) -> None:
        self.settled.append("requeue")


class Consumers:
    draining = False

    def __init__(self) -> None:
        self.count = 0

    def settled(self) -> None:
        self.count += 1


class Publisher:
    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.published: list[tuple[str, str, bytes, dict[str, Any]]] = []

    def publish(self, exchange: str, key: str, body: bytes, **about: Any) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("not confirmed")
        self.published.append((exchange, key, body, about))


def deliver(message: Message, publisher: Publisher | None = None) -> tuple[Delivery, Consumers]:
    consumers = Consumers()
    delivery = Delivery("lending.on_book", message, consumers, publisher or Publisher())  # type: ignore[arg-type]
    return delivery, consumers


@pytest.mark.parametrize(
    ("value", "attempt"),
    [(3, 3), (1, 1), (0, 1), (-4, 1), (10**9, 1), ("2", 1), (True, 1), (None, 1), ([2], 1)],
)
def test_only_a_sensible_attempt_counts(value: object, attempt: int) -> None:
    delivery, _ = deliver(Message({"x-attempt": value}))

    assert delivery.attempt == attempt


def test_a_retry_is_a_copy_with_the_next_attempt_and_then_an_acknowledgement() -> None:
    message, publisher = Message({"x-attempt": 2, "x-death": [], "a": "b"}), Publisher()
    delivery, consumers = deliver(message, publisher)

    delivery.retry("stint.retry.lending.30s", ValueError("no"))

    ((exchange, key, body, about),) = publisher.published
    assert (exchange, key, body) == ("stint.retry.lending.30s", "lending.on_book", b"body")
    assert about["message_id"] == "m-1"
    assert "user_id" not in about  # The broker would refuse somebody else's.
    assert about["headers"]["x-attempt"] == 3
    assert about["headers"]["x-error"] == "ValueError: no"
    assert about["headers"]["a"] == "b"
    assert "x-death" not in about["headers"]
    assert message.settled == ["ack"]
    assert consumers.count == 1


def test_the_first_failure_stays_the_first() -> None:
    message, publisher = Message({"x-first-failure": "2030", "x-original-key": "k"}), Publisher()
    delivery, _ = deliver(message, publisher)

    delivery.park(ValueError("no"))

    (_, _, _, about) = publisher.published[0]
    assert about["headers"]["x-first-failure"] == "2030"
    assert about["headers"]["x-original-key"] == "k"


def test_a_copy_that_is_not_confirmed_is_tried_again_before_the_acknowledgement() -> None:
    message, publisher = Message(), Publisher(failures=2)
    delivery, consumers = deliver(message, publisher)

    delivery.park(ValueError("no"))

    assert len(publisher.published) == 1
    assert message.settled == ["ack"]
    assert consumers.count == 1


def test_a_copy_is_published_once_though_the_acknowledgement_fails_at_first() -> None:
    message, publisher = Message(), Publisher()
    message.failures = 2
    delivery, _ = deliver(message, publisher)

    delivery.park(ValueError("no"))

    assert len(publisher.published) == 1
    assert message.settled == ["ack"]


def test_a_message_that_cannot_be_copied_goes_back_when_the_service_stops() -> None:
    message = Message()
    delivery, consumers = deliver(message, Publisher(failures=10**6))
    consumers.draining = True

    delivery.park(ValueError("no"))

    assert message.settled == ["requeue"]
    assert consumers.count == 1


def test_nothing_is_told_to_a_connection_that_is_gone() -> None:
    message = Message(connected=False)
    delivery, consumers = deliver(message)

    delivery.ack()

    assert message.settled == []
    assert consumers.count == 1


def test_headers_of_brokers_and_of_other_recipients_are_not_copied() -> None:
    kept = {"traceparent": "00", "x-attempt": 2, "x-original-key": "k"}
    dropped = {"x-death": 1, "x-first-death-queue": 1, "x-last-death-reason": 1, "CC": 1, "BCC": 1}
    added = {"x-delivery-count": 1, "x-acquired-count": 1, "x-opt-deliveries": 1}

    assert headers.copied({**kept, **dropped, **added}) == kept


def test_a_call_over_its_limit_ends_though_it_catches_exceptions() -> None:
    def careless() -> None:
        while True:
            try:
                eventlet.sleep(0.01)
            except Exception:  # noqa: BLE001 (what careless code does)
                continue

    with pytest.raises(TimedOut, match=r"not finished in 0\.05 s"):
        bounded(0.05, careless)


def test_the_limit_leaves_no_timer_behind() -> None:
    assert bounded(0.05, lambda: "done") == "done"

    eventlet.sleep(0.1)  # A timer that was left behind would go off here.


def test_waits_double_up_to_the_longest_and_differ_by_chance() -> None:
    waits = list(islice(backoff(), 10))

    assert 0.05 <= waits[0] <= 0.1
    assert all(2.5 <= wait <= 5 for wait in waits[6:])
    assert len(set(waits[6:])) > 1


def test_a_decorated_method_stays_a_method_that_tests_can_call() -> None:
    class LendingService:
        name = "lending"
        shelf = provide(lambda _platform: ["book"])

        @on("book.returned.v1")
        def on_book_returned(self, event: str) -> str:
            return event

    assert LendingService().on_book_returned("e") == "e"
