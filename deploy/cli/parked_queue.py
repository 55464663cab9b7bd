"""One parked queue: reading it without taking from it, and moving messages out of it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pika
from pika.exceptions import ChannelClosedByBroker

from deploy.cli.management import Management
from shared import headers
from shared.config import Broker
from shared.topology import REDELIVER, parked_name, plan, read_handlers

SUFFIX = parked_name("")
AGAIN = ("x-attempt", "x-error", "x-first-failure")  # A redriven message starts from the beginning.

PLAIN = (str, int, bytes)  # pika cannot write all that it reads; ours are plain.


@dataclass
class Parked:
    """A parked message that this connection holds until it ends, or the message is settled."""

    tag: int
    properties: Any
    body: bytes

    @property
    def headers(self) -> dict[str, Any]:
        return self.properties.headers or {}

    @property
    def id(self) -> str:
        """The event's id; of what is no event, the start of its body's hash."""
        if self.properties.message_id:
            return str(self.properties.message_id)
        try:
            return str(json.loads(self.body)["id"])
        except (ValueError, KeyError, TypeError):
            return hashlib.sha256(self.body).hexdigest()[:12]

    @property
    def error(self) -> str:
        """What parked it; the broker itself says nothing when a message was delivered too often."""
        return str(self.headers.get("x-error", "delivered too often without an end"))

    def as_dict(self) -> dict[str, Any]:
        """What people see of it."""
        return {
            "id": self.id,
            "error": self.error,
            "attempts": self.headers.get("x-attempt", 1),
            "first_failure": self.headers.get("x-first-failure"),
            "routing_key": self.headers.get("x-original-key"),
            "content_type": self.properties.content_type,
            "body": self.body.decode(errors="replace"),
        }


@dataclass
class ParkedQueue:
    """`count` is of the moment when it was opened; later arrivals are left alone."""

    channel: Any
    name: str
    count: int

    @classmethod
    def open(cls, channel: Any, name: str) -> "ParkedQueue":
        declared = channel.queue_declare(name, passive=True)
        return cls(channel, name, declared.method.message_count)

    @property
    def target(self) -> str:
        """The queue whose messages are parked here."""
        return self.name.removesuffix(SUFFIX)

    def target_exists(self) -> bool:
        return _exists(self.channel.connection.channel(), self.target)

    def peek(self, limit: int | None = None) -> Iterator[Parked]:
        """The messages in order; those that nobody settles go back when the iteration is over."""
        held = 0
        try:
            for _ in range(min(self.count, limit or self.count)):
                method, properties, body = self.channel.basic_get(self.name)
                if method is None:
                    return
                held = method.delivery_tag
                yield Parked(held, properties, body)
        finally:
            if held:
                self.channel.basic_nack(held, multiple=True, requeue=True)

    def redrive(self, message: Parked) -> None:
        """Put it back into its handler's queue; only then does it leave this one."""
        copied = headers.copied(message.headers)
        kept = {
            name: value
            for name, value in copied.items()
            if name not in AGAIN and isinstance(value, PLAIN)
        }
        properties = pika.BasicProperties(
            headers=kept,
            delivery_mode=2,
            content_type=message.properties.content_type,
            content_encoding=message.properties.content_encoding,
            message_id=message.properties.message_id,
            type=message.properties.type,
            app_id=message.properties.app_id,
            timestamp=message.properties.timestamp,
        )
        self.channel.basic_publish(REDELIVER, self.target, message.body, properties, mandatory=True)
        self.channel.basic_ack(message.tag)

    def discard(self, message: Parked) -> None:
        self.channel.basic_ack(message.tag)


def names(broker: Broker, channel: Any) -> list[str]:
    """Every parked queue that there is; without management API, of those the contracts know."""
    if broker.management_uri:
        queues = Management(broker.management_uri, broker.amqp_uri).every("queues")
        return sorted(queue["name"] for queue in queues if queue["name"].endswith(SUFFIX))
    known = plan(read_handlers(), broker.ladder).queues
    parked = (queue.name for queue in known if queue.name.endswith(SUFFIX))
    return sorted(name for name in parked if _exists(channel.connection.channel(), name))


def _exists(channel: Any, name: str) -> bool:
    try:
        channel.queue_declare(name, passive=True)
        channel.close()
    except ChannelClosedByBroker:
        return False
    return True
