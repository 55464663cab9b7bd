"""Where partners hear us on the broker: a vhost of their own, one exchange, a stream for each."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from shared.topology import Exchange, Queue

VHOST, PUBLIC = "partners", "stint.public"
DAYS = 30
EXCHANGE = Exchange(PUBLIC, "topic")
ID = re.compile(r"[A-Za-z0-9_-]{1,80}")  # No dot and no wildcard: the id is a word of routing keys.
# Age is looked at only when a segment is full, and the usual 500 MB would be full after years.
STREAM: Mapping[str, Any] = {
    "x-queue-type": "stream",
    "x-max-age": f"{DAYS}D",
    "x-max-length-bytes": 1_000_000_000,
    "x-stream-max-segment-size-bytes": 4_000_000,
}


def address(amqp_uri: str, own: str = "") -> str:
    """The vhost's AMQP URI: `own` where it is configured, else a vhost of the platform's broker."""
    if own:
        return own
    return urlunsplit(urlsplit(amqp_uri)._replace(path="/" + quote(VHOST, safe="")))


def vhost_of(uri: str) -> str:
    """Which vhost a URI names."""
    return unquote(urlsplit(uri).path[1:]) or "/"


def stream_name(partner_id: str) -> str:
    return f"partner.{partner_id}"


def routing_key(partner_id: str, type_: str) -> str:
    """The partner comes first, so that nobody's stream can be filled with another's events."""
    return f"{partner_id}.{type_}"


def stream(partner_id: str) -> Queue:
    """The one queue that a partner reads."""
    return Queue(stream_name(partner_id), STREAM, ((PUBLIC, routing_key(partner_id, "#")),))
