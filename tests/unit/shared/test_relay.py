"""The order in which an aggregate's events reach the broker, without one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pika
import pytest

from shared import underway
from shared.relay import WINDOW, Relay
from shared.underway import Item, Pending, UnderWay

AT = datetime(2026, 1, 1, tzinfo=UTC)


def event(name: str, size: int = 2) -> Pending:
    return {"id": name, "type": "thing.moved.v1", "at": AT, "body": b"x" * size}


class FakeSource:
    """Outboxes that remember what was confirmed."""

    service = "tally"

    def __init__(self) -> None:
        self.settled: list[str] = []

    def settle(self, _id: str, event_id: str) -> None:
        self.settled.append(event_id)

    def trim(self) -> None:
        raise AssertionError("nobody trims here")

    def sweep(self, _age: float) -> Iterator[tuple[str, list[Pending]]]:
        raise AssertionError("nobody sweeps here")


class FakeChannel:
    """Takes what is published; `broken` makes publishing raise, `is_open` ends with it or not."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.is_open = True
        self.broken: dict[str, Exception] = {}

    def basic_publish(
        self, _exchange: str, _key: str, _body: bytes, properties: Any, *, mandatory: bool
    ) -> None:
        assert mandatory
        if properties.message_id in self.broken:
            raise self.broken[properties.message_id]
        self.sent.append(properties.message_id)


class Broker:
    """Drives a relay as the broker would."""

    def __init__(self) -> None:
        self.source, self.relay = FakeSource(), Relay("amqp://nowhere")
        self.reconnect()

    def reconnect(self) -> None:
        self.relay._drop()
        self.channel = FakeChannel()
        self.relay._ready(self.channel)
        self.relay._connection = SimpleNamespace(
            ioloop=SimpleNamespace(
                add_callback_threadsafe=lambda call: call(), stop=lambda: None, close=lambda: None
            )
        )

    def offer(self, aggregate: str, *names: str) -> None:
        self.relay.offer(self.source, aggregate, [event(name) for name in names])

    def answer(self, tag: int, *, ack: bool = True, multiple: bool = False) -> None:
        category = pika.spec.Basic.Ack if ack else pika.spec.Basic.Nack
        self.relay._on_confirm(SimpleNamespace(method=category(tag, multiple)))


@pytest.fixture
def broker() -> Broker:
    return Broker()


def test_the_whole_outbox_is_sent_in_order(broker: Broker) -> None:
    broker.offer("a", "a1", "a2", "a3")

    assert broker.channel.sent == ["a1", "a2", "a3"]


def test_what_is_under_way_is_not_sent_again(broker: Broker) -> None:
    broker.offer("a", "a1", "a2")
    broker.offer("a", "a1", "a2", "a3")

    assert broker.channel.sent == ["a1", "a2", "a3"]


def test_a_confirmed_event_leaves_the_outbox(broker: Broker) -> None:
    broker.offer("a", "a1", "a2", "a3")
    broker.answer(2, multiple=True)

    assert broker.source.settled == ["a1", "a2"]
    assert broker.relay.waiting == 1


def test_after_a_refusal_the_later_events_of_that_aggregate_are_not_confirmed(
    broker: Broker,
) -> None:
    broker.offer("a", "a1", "a2")
    broker.offer("b", "b1")
    broker.answer(1, ack=False)
    broker.answer(3, multiple=True)

    assert broker.source.settled == ["b1"]
    assert broker.relay.waiting == 0


def test_a_refused_aggregate_takes_nothing_on_until_all_is_through(broker: Broker) -> None:
    broker.offer("a", "a1", "a2")
    broker.answer(1, ack=False)

    broker.offer("a", "a1", "a2", "a3")
    assert broker.channel.sent == ["a1", "a2"]

    broker.answer(2)
    broker.offer("a", "a1", "a2", "a3")
    assert broker.channel.sent == ["a1", "a2", "a1", "a2", "a3"]


def test_events_that_wait_behind_a_refused_one_are_not_sent(broker: Broker) -> None:
    for number in range(WINDOW):
        broker.offer(f"b{number}", f"b{number}")
    broker.offer("a", "a1", "a2")
    broker.answer(1)  # Room for a1 alone.
    broker.answer(WINDOW + 1, ack=False)
    broker.answer(WINDOW, multiple=True)

    assert broker.channel.sent[-1] == "a1"
    assert broker.relay.waiting == 0


def test_a_returned_event_stays_although_it_is_acknowledged(broker: Broker) -> None:
    broker.offer("a", "a1", "a2")
    broker.relay._on_return(None, None, pika.BasicProperties(message_id="a1"), b"")
    broker.answer(2, multiple=True)

    assert broker.source.settled == []
    assert broker.relay.counts["returned"] == 1


def test_what_was_under_way_is_sent_first_after_a_lost_connection(broker: Broker) -> None:
    broker.offer("a", "a1", "a2")
    broker.offer("b", "b1")
    broker.answer(1)
    broker.relay._lost("gone")
    broker.offer("a", "a2", "a3")

    broker.reconnect()

    assert broker.channel.sent == ["a2", "b1", "a3"]


def test_a_lost_connection_does_not_bring_a_refused_aggregate_out_of_order(broker: Broker) -> None:
    broker.offer("a", "a1", "a2")
    broker.answer(1, ack=False)
    broker.reconnect()
    assert broker.channel.sent == []

    broker.offer("a", "a1", "a2")
    assert broker.channel.sent == ["a1", "a2"]


def test_a_channel_that_is_closing_loses_nothing(broker: Broker) -> None:
    broker.channel.broken["a1"] = pika.exceptions.ChannelWrongStateError()
    broker.channel.is_open = False
    broker.offer("a", "a1", "a2")

    broker.reconnect()

    assert broker.channel.sent == ["a1", "a2"]


def test_a_channel_that_breaks_while_publishing_loses_nothing(broker: Broker) -> None:
    broker.channel.broken["a2"] = pika.exceptions.ChannelWrongStateError()
    channel = broker.channel

    def close_and_raise(*_: object, **__: object) -> None:
        channel.is_open = False
        raise pika.exceptions.ChannelWrongStateError

    channel.basic_publish = close_and_raise  # type: ignore[method-assign]
    broker.offer("a", "a1", "a2")
    assert broker.relay.waiting == 2

    broker.reconnect()
    assert broker.channel.sent == ["a1", "a2"]


def test_an_event_that_cannot_be_published_holds_up_its_aggregate_alone(broker: Broker) -> None:
    broker.channel.broken["a1"] = ValueError("no such type")
    broker.offer("a", "a1", "a2")
    broker.offer("b", "b1")
    broker.answer(1)

    assert broker.channel.sent == ["b1"]
    assert broker.source.settled == ["b1"]
    assert broker.relay.waiting == 0


def test_no_more_than_the_window_is_unconfirmed(broker: Broker) -> None:
    for number in range(WINDOW + 5):
        broker.offer(f"a{number}", f"a{number}")
    assert len(broker.channel.sent) == WINDOW

    broker.answer(3, multiple=True)
    assert len(broker.channel.sent) == WINDOW + 3


def test_a_broker_that_blocks_gets_no_more(broker: Broker) -> None:
    broker.relay._on_blocked(True)
    broker.offer("a", "a1")
    assert broker.channel.sent == []
    assert not broker.relay.connected

    broker.relay._on_blocked(False)
    assert broker.channel.sent == ["a1"]


def test_what_is_over_the_bound_stays_for_the_sweep(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(underway, "QUEUED", 3)
    broker.relay._on_blocked(True)
    broker.offer("a", "a1", "a2")
    broker.offer("b", "b1", "b2")
    broker.offer("c", "c1")
    broker.offer("a", "a1", "a2", "a3")
    assert broker.relay.waiting == 4

    broker.relay._on_blocked(False)
    broker.answer(4, multiple=True)
    broker.offer("a", "a3", "a4")

    assert broker.channel.sent == ["a1", "a2", "b1", "b2", "a3", "a4"]


def test_the_bound_counts_bytes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(underway, "QUEUED_BYTES", 10)
    under_way, source = UnderWay(), FakeSource()
    large = Item(source, "a", event("a1", size=10))

    assert under_way.add([large]) == [large]
    assert under_way.full
    under_way.remove(large)
    assert not under_way.full


def test_what_only_a_sweep_sends_is_counted(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_over = [("a", [event("a1"), event("a2")]), ("b", [])]
    monkeypatch.setattr(broker.source, "sweep", lambda _age: iter(left_over))

    broker.relay.attach(broker.source)

    broker.relay._sweep()
    broker.relay._sweep()  # They are under way now.

    assert broker.channel.sent == ["a1", "a2"]
    assert broker.relay.counts["swept"] == 2


def test_one_round_sweeps_all_collections(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first one's sweep has put into the queue must not make the others wait."""
    other = FakeSource()
    broker.relay.attach(broker.source)
    broker.relay.attach(other)
    monkeypatch.setattr(broker.source, "sweep", lambda _age: iter([("a", [event("a1")])]))
    monkeypatch.setattr(other, "sweep", lambda _age: iter([("b", [event("b1")])]))

    broker.relay._sweep()

    assert broker.channel.sent == ["a1", "b1"]


def test_a_relay_refuses_to_block_a_process_that_is_not_patched() -> None:
    with pytest.raises(RuntimeError, match="monkey_patch"):
        Relay("amqp://nowhere").start()
