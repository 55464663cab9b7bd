"""Threads and their messages as documents."""

from mongoengine import DynamicDocument

from services.projects.domain.thread import Message, Thread
from services.projects.store.pages import State, behind, state_of
from shared.platform import Platform
from shared.store import Store


class ThreadDocument(DynamicDocument):
    """Read by id only."""

    meta = {"collection": "threads", "auto_create_index": False, "indexes": []}


class MessageDocument(DynamicDocument):
    """Lists go from new to old: an engagement's. Found by writer for who asks for their own."""

    meta = {
        "collection": "messages",
        "auto_create_index": False,
        "indexes": [["engagement_id", "-posted_at", "-_id"], ["person_id"]],
    }


def threads(platform: Platform) -> Store[Thread]:
    """Who wrote how much, by engagement."""
    return Store(platform, Thread, ThreadDocument)


def messages(platform: Platform) -> Store[Message]:
    """What was written."""
    return Store(platform, Message, MessageDocument)


def find_messages(engagement_id: str, limit: int, after: str | None) -> list[State]:
    """Up to so many messages behind the cursor, the newest first. Raises Invalid."""
    rows: list[State] = []
    for past in behind("posted_at", after) if after else [{}]:
        where = {"engagement_id": engagement_id, **past}
        found = MessageDocument.objects(__raw__=where).order_by("-posted_at", "-_id")
        rows += [state_of(row) for row in found.limit(limit).as_pymongo()]
    return rows[:limit]
