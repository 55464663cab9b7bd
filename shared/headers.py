"""The headers that a copy of a message takes along."""

from collections.abc import Mapping
from typing import Any

# What brokers add, and what would route the copy elsewhere: a copy starts afresh.
HISTORY = ("x-death", "x-first-death", "x-last-death", "x-delivery-count", "x-acquired-count")
DROPPED = (*HISTORY, "x-opt-", "x-stream-", "cc", "bcc")


def copied(headers: Mapping[str, Any]) -> dict[str, Any]:
    """The headers without those that belong to the delivery, not to the message."""
    return {name: value for name, value in headers.items() if not name.lower().startswith(DROPPED)}
