"""The broker for commands that move messages: a channel on which every publish is confirmed."""

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import pika
from pika.exceptions import AMQPConnectionError, AMQPError, ChannelClosedByBroker

from deploy.cli.main import Refusal
from deploy.cli.settings import with_broker
from shared.config import Broker

BLOCKED_SECONDS = 30  # A broker that is short of memory or disk takes nothing for longer than that.


def with_channel(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its `broker` and a pika `channel`, on which every publish is confirmed."""

    @wraps(command)
    @with_broker
    def run(*args: Any, broker: Broker, **options: Any) -> Any:
        with connect(broker.amqp_uri) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            try:
                return command(*args, broker=broker, channel=channel, **options)
            except AMQPError as exc:
                raise Refusal(f"the broker broke off: {exc!r}") from None

    return run


def connect(uri: str) -> Any:
    """A blocking connection; raises Refusal where the broker is away or refuses us."""
    # It tells in seven lines what we do in one.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    parameters = pika.URLParameters(uri)
    # No heartbeat: a command may be busy with other things than this connection for long.
    parameters.heartbeat, parameters.blocked_connection_timeout = 0, BLOCKED_SECONDS
    try:
        return pika.BlockingConnection(parameters)
    except AMQPConnectionError as exc:
        raise Refusal(f"the broker does not answer: {exc!r}") from None


def declared(connection: Any, *queues: str) -> dict[str, Any]:
    """What the broker says (`message_count`, `consumer_count`) of those queues that there are."""
    found, channel = {}, connection.channel()
    for queue in queues:
        try:
            found[queue] = channel.queue_declare(queue, passive=True).method
        except ChannelClosedByBroker:
            channel = connection.channel()
    channel.close()
    return found


def properties(headers: Mapping[str, Any], of: Any) -> pika.BasicProperties:
    """Those of a copy of a message: its own identity, and these headers."""
    return pika.BasicProperties(
        headers=dict(headers),
        delivery_mode=2,
        content_type=of.content_type,
        content_encoding=of.content_encoding,
        message_id=of.message_id,
        type=of.type,
        app_id=of.app_id,
        timestamp=of.timestamp,
    )
