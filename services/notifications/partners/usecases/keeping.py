"""Keeping an event for those partners that may hear of it, and making it due."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.notifications.partners.domain.delivery import Outcome, delivery_id
from services.notifications.partners.domain.partner import Partner
from services.notifications.partners.domain.public import (
    PublicEvent,
    cloud_event,
    public_id,
    translate,
)
from services.notifications.partners.domain.shapes import PING
from services.notifications.partners.usecases.ports import (
    Deliveries,
    Kept,
    PublicEvents,
    Queues,
)
from shared.envelope import Event

RETENTION = timedelta(days=30)


def entry(partner: Partner, event: PublicEvent, now: datetime) -> Kept:
    """The copy that is kept for this partner, still without its number."""
    id_ = public_id(partner.id, event.origin)
    document = cloud_event(id_, event.type, event.subject, event.time, partner.id, event.data)
    return {
        "_id": id_,
        "partner_id": partner.id,
        "type": event.type,
        "event": document,
        "at": now,
    }


def document(kept: Mapping[str, Any]) -> Kept:
    """The event as every way sends it: a CloudEvents document with its sequence.

    Twelve digits, because the extension `sequence` of CloudEvents is a text that sorts.
    """
    return {**kept["event"], "sequence": f"{kept['sequence']:012d}"}


def delivery(partner_id: str, endpoint_id: str, kept: Mapping[str, Any], now: datetime) -> Kept:
    """The record of one event's way to one endpoint, due at once."""
    return {
        "_id": delivery_id(endpoint_id, kept["_id"]),
        **_fresh(partner_id, endpoint_id, now),
        "event_id": kept["_id"],
        "type": kept["type"],
        "sequence": kept["sequence"],
        "place": _place(now, kept["_id"]),
    }


def ping(partner_id: str, endpoint_id: str, call_id: str, now: datetime) -> Kept:
    """The record of a test; its event is in it, since it is in no sequence."""
    id_ = delivery_id(endpoint_id, call_id)
    data = {"endpoint_id": endpoint_id, "partner_id": partner_id}
    return {
        "_id": id_,
        **_fresh(partner_id, endpoint_id, now),
        "event_id": id_,
        "type": PING,
        "sequence": None,
        "place": _place(now, id_),
        "event": cloud_event(id_, PING, f"endpoint:{endpoint_id}", now, partner_id, data),
    }


def renewed(delivery: Mapping[str, Any], now: datetime) -> Kept:
    """The same record, due again with all its attempts."""
    return {**delivery, "status": Outcome.PENDING, "attempts": 0, "due_at": now, "replay": True}


def _fresh(partner_id: str, endpoint_id: str, now: datetime) -> Kept:
    return {
        "partner_id": partner_id,
        "endpoint_id": endpoint_id,
        "status": Outcome.PENDING,
        "attempts": 0,
        "due_at": now,
        "created_at": now,
        "replay": False,
        "log": [],
    }


def _place(now: datetime, id: str) -> str:
    return f"{round(now.timestamp() * 1000):015d}.{id}"


def hear(
    event: Event,
    subscribers: Callable[[Sequence[str]], Iterable[Partner]],
    public_events: PublicEvents,
    deliveries: Deliveries,
    queues: Queues,
    now: datetime,
) -> None:
    """Keep the event's public copy for each partner that may hear it, then make it due.

    May run again after a crash anywhere in it: every record's id is made of what it is about.
    """
    public = translate(event)
    if public is None:
        return
    for partner in subscribers(public.audience):
        if partner.hears(public):
            kept = entry(partner, public, now)
            kept["sequence"] = public_events.add(kept)
            to = [one for one in partner.endpoints if one.takes(public.type, public.time)]
            deliveries.add([delivery(partner.id, one.id, kept, now) for one in to])
            for endpoint in to:
                queues.wake(endpoint.id, partner.id, now)
