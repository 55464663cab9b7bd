"""Pages of lists by time, and the cursors between them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

from mongoengine import DynamicDocument

from shared.errors import Invalid

State = dict[str, Any]
NEWEST, OLDEST = "newest", "oldest"  # Which comes first.


def page(
    document: type[DynamicDocument],
    where: State,
    moment: str,
    limit: int,
    after: str | None,
    sort: str = NEWEST,
) -> tuple[list[State], str | None]:
    """Up to so many of these, and the cursor of what follows. Raises Invalid."""
    rows: list[State] = []
    way = "-" if sort == NEWEST else ""
    for past in behind(moment, after, sort) if after else [{}]:
        found = document.objects(__raw__={**where, **past}).order_by(f"{way}{moment}", f"{way}_id")
        rows += [state_of(row) for row in found.limit(limit + 1).as_pymongo()]
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], cursor(last[moment], last["id"])


def behind(moment: str, after: str, sort: str = NEWEST) -> list[State]:
    """Of the same moment, then beyond: two plain questions, as one with $or would use no index."""
    at, id_ = read_cursor(after)
    beyond = "$lt" if sort == NEWEST else "$gt"
    return [{moment: at, "_id": {beyond: id_}}, {moment: {beyond: at}}]


def cursor(at: datetime, id_: str) -> str:
    """What a page ends with, to ask for the next one."""
    return urlsafe_b64encode(f"{at.isoformat()}|{id_}".encode()).decode()


def read_cursor(after: str) -> tuple[datetime, str]:
    """Behind what a page begins; raises Invalid for a cursor that is none of ours."""
    try:
        at, id_ = urlsafe_b64decode(after.encode()).decode().split("|", 1)
        return datetime.fromisoformat(at).astimezone(UTC), id_
    except (ValueError, OverflowError):
        sentence = "Send the `next` of the page before, unchanged."
        raise Invalid("cursor-invalid", "There is no such page.", {"after": sentence}) from None


def state_of(row: State) -> State:
    """A document as stored, by the names of its aggregate."""
    return {"id": row["_id"], **row}
