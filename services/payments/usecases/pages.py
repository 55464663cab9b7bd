"""Pages of escrows: where each begins, and the cursor behind its end."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from services.payments.domain import Escrow
from shared.errors import Invalid

MOST = 200
Mark = tuple[datetime, str]  # A page begins behind this moment and, of the same, this id.
Moment = Callable[[Escrow], datetime | None]


def mark(after: str | None) -> Mark | None:
    """What a cursor stands for; raises Invalid for one that is none of ours."""
    if after is None:
        return None
    try:
        at, id_ = urlsafe_b64decode(after.encode()).decode().split("|", 1)
        return datetime.fromisoformat(at).astimezone(UTC), id_
    except (ValueError, OverflowError):
        errors = {"after": "Send the `next` of the page before, unchanged."}
        raise Invalid("cursor-invalid", "There is no such page.", errors) from None


def cut(found: Sequence[Escrow], limit: int, moment: Moment) -> tuple[Sequence[Escrow], str | None]:
    """A page of `limit`, of one more than it, and the cursor of what follows."""
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    at = moment(last)
    text = f"{at.isoformat() if at else ''}|{last.id}"
    return found[:limit], urlsafe_b64encode(text.encode()).decode()
