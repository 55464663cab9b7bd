"""Running partners and their endpoints: who may, what is made, what is sent again."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.notifications.partners.domain.partner import (
    Endpoint,
    Partner,
    Secret,
    Status,
    chosen,
)
from services.notifications.partners.usecases.ports import Kept, PublicEvents
from shared.errors import Conflict, NotFound
from shared.principal import Principal

MOST_PARTNERS = 20
REPLAYED = 500  # Events that one request makes due again.


def require_own(by: Principal, operation: str, partner: Partner | None) -> Partner:
    """The partner where it is this principal's to do this with; raises NotFound and Forbidden."""
    by.require(
        operation,
        org_id=partner.org_id if partner else None,
        person_id=partner.account_id if partner else None,
    )
    if partner is None:
        raise NotFound("partner-not-found", "There is no such partner.")
    return partner


def new_partner(call_id: str, by: Principal, given: Mapping[str, Any], now: datetime) -> Partner:
    """The organisation's where the caller has one, else the caller's own; raises Invalid."""
    return Partner(
        id=f"par-{call_id}",
        name=given["name"],
        created_at=now,
        org_id=by.org_id,
        account_id=None if by.org_id else by.id,
        kinds=chosen(given["kinds"]),
    )


def require_room(count: int) -> None:
    """Raises Conflict where there are as many partners as one may have."""
    if count >= MOST_PARTNERS:
        raise Conflict("too-many-partners", f"At most {MOST_PARTNERS} partners.")


def new_endpoint(call_id: str, given: Mapping[str, Any], secret: Secret, now: datetime) -> Endpoint:
    """Raises Invalid where a kind does not exist."""
    kinds = chosen(given["kinds"])
    return Endpoint(
        f"end-{call_id}", given["url"], created_at=now, since=now, kinds=kinds, secrets=[secret]
    )


def rotation(endpoint_id: str, secret: Secret, hours: int) -> Callable[[Partner], None]:
    """Sign by this secret, and so many hours by the one before it as well."""
    return lambda partner: partner.living(endpoint_id).rotate(secret, timedelta(hours=hours))


def to_replay(
    public_events: PublicEvents, partner: Partner, endpoint: Endpoint, range_: Mapping[str, Any]
) -> tuple[list[Kept], int | None]:
    """The kept events of the range that the endpoint wants; where to go on, if there are more.

    `range_` names `from_sequence` and `to_sequence` (included), or `since` and `until` (excluded).
    """
    require_active(partner, endpoint)
    first, last = range_["from_sequence"], range_["to_sequence"]
    if range_["since"] is not None:
        first = public_events.before(partner.id, range_["since"]) + 1
    if range_["until"] is not None:
        last = public_events.before(partner.id, range_["until"])
    until = public_events.last(partner.id) if last is None else last
    rows = public_events.page(partner.id, (first or 1) - 1, REPLAYED + 1, endpoint.kinds, until + 1)
    following = rows[REPLAYED]["sequence"] if len(rows) > REPLAYED else None
    return rows[:REPLAYED], following


def require_active(partner: Partner, endpoint: Endpoint) -> None:
    """Raises Conflict where nothing would be sent."""
    if partner.status is not Status.ACTIVE or endpoint.status is not Status.ACTIVE:
        raise Conflict("endpoint-disabled", "Enable the endpoint first: nothing is sent to it.")
