"""What people may read: their inbox, and the events that concern them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notifications.domain.records import Notification
from services.notifications.domain.visibility import correlation, subject, visible
from services.notifications.usecases.telling import RETENTION
from shared.errors import NotFound
from shared.principal import Principal


def behind(cursor: str | None, position: Callable[[str], int | None], now: datetime) -> int | None:
    """The number behind which a page begins; None where the cursor is not the reader's.

    A cursor is the id of an event that its reader has seen: a number of the log would tell
    outsiders how much happens on the platform. All that is behind a forgotten one is still there.
    """
    if cursor is None:
        return 0
    found = position(cursor)
    if found is None and _forgotten(cursor, now):
        return 0
    return found


def _forgotten(cursor: str, now: datetime) -> bool:
    """Whether it is the id (a UUIDv7) of an event so old that the log has dropped it."""
    try:
        id_ = UUID(cursor)
    except ValueError:
        return False
    return id_.version == 7 and id_.int >> 80 < (now - RETENTION).timestamp() * 1000


def event_view(entry: Mapping[str, Any], by: Principal) -> dict[str, Any]:
    """A log entry as this principal may read it; operators alone see its number in the log."""
    type_, data = entry["type"], entry["data"]
    return {
        **({"sequence": entry["sequence"]} if by.role == "operator" else {}),
        "id": entry["_id"],
        "type": type_,
        "source": entry["source"],
        "subject": subject(type_, entry["subject"], data, by),
        "time": entry["time"],
        "data": visible(type_, data, by),
        "correlation_id": correlation(entry["correlation_id"], data, by),
    }


def notification_view(told: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the inbox."""
    names = ("kind", "title", "link", "created_at", "deadline_at", "read_at", "event_id")
    return {
        "id": told["id"],
        "version": told["version"],
        "text": f"{told['what']} {told['next']}".strip(),
        **{name: told.get(name) for name in names},
    }


def require_own(by: Principal, told: Notification | None) -> Notification:
    """The notification, where it is this principal's and in the inbox; else NotFound."""
    by.require("read_notification", person_id=told.person_id if told else None)
    if told is None or not told.in_app:
        raise NotFound("notification-not-found", "There is no such notification.")
    return told
