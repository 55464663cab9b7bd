"""One parked queue: reading it without taking from it, and moving messages out of it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from deploy.cli.channel import declared, properties
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

    @property
    def type(self) -> str:
        """The event's type, as its sender named it; of what is no event, where it was sent to."""
        return str(self.properties.type or self.headers.get("x-original-key") or "")

    @property
    def since(self) -> datetime | None:
        """When it first failed; where nobody noted that, when it was sent, if that is known."""
        try:
            return datetime.fromisoformat(self.headers["x-first-failure"]).astimezone(UTC)
        except (KeyError, TypeError, ValueError, OverflowError):
            sent = self.properties.timestamp
            return datetime.fromtimestamp(sent, UTC) if sent else None

    def as_dict(self) -> dict[str, Any]:
        """What people see of it."""
        return {
            "id": self.id,
            "type": self.type,
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
        return bool(declared(self.channel.connection, self.target))

    def peek(self) -> Iterator[Parked]:
        """The messages in order; those that nobody settles go back when the iteration is over."""
        try:
            for _ in range(self.count):
                method, properties, body = self.channel.basic_get(self.name)
                if method is None:
                    return
                yield Parked(method.delivery_tag, properties, body)
        finally:
            self.channel.basic_nack(0, multiple=True, requeue=True)  # 0: all that are held.

    def redrive(self, message: Parked) -> None:
        """Put it back into its handler's queue; only then does it leave this one."""
        copied = headers.copied(message.headers)
        kept = {
            name: value
            for name, value in copied.items()
            if name not in AGAIN and isinstance(value, PLAIN)
        }
        about = properties(kept, message.properties)
        self.channel.basic_publish(REDELIVER, self.target, message.body, about, mandatory=True)
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
    return sorted(declared(channel.connection, *parked))
