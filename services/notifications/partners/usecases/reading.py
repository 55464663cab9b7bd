"""Polling: what was kept for a partner, in pages that can be asked for again at any time."""

import base64
from collections.abc import Sequence

from services.notifications.partners.domain.partner import Partner
from services.notifications.partners.usecases.keeping import document
from services.notifications.partners.usecases.ports import Kept, PublicEvents
from shared.errors import Invalid

NEWEST = "newest"  # A cursor: begin behind everything that is there.


def events_page(
    public_events: PublicEvents,
    partner: Partner,
    after: str | None,
    limit: int,
    types: Sequence[str],
) -> Kept:
    """Events behind the cursor, in order; `next` is to be asked with in any case, then or later."""
    if after == NEWEST:
        end = cursor(partner.id, public_events.last(partner.id))
        return {"items": [], "next": end, "more": False}
    behind = position(partner.id, after)
    rows = public_events.page(partner.id, behind, limit + 1, types)
    shown = rows[:limit]
    last = shown[-1]["sequence"] if shown else behind
    return {
        "items": [document(row) for row in shown],
        "next": cursor(partner.id, last),
        "more": len(rows) > limit,
    }


def cursor(partner_id: str, sequence: int) -> str:
    """Opaque to partners; good for ever, also when the event behind it is forgotten."""
    text = f"{sequence}|{partner_id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position(partner_id: str, after: str | None) -> int:
    """The number in the cursor; raises Invalid where it is not this partner's."""
    if after is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode()
    except ValueError:
        raise no_cursor() from None
    number, _, of = text.partition("|")
    if of != partner_id or not number.isascii() or not number.isdigit() or len(number) > 15:
        raise no_cursor()
    return int(number)


def no_cursor() -> Invalid:
    return Invalid(
        "cursor-invalid", "This is no cursor of this list.", {"after": "Use `next` of a page."}
    )
