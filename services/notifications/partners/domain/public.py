"""Translation: what partners are told of an event, and which of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from services.notifications.domain import visibility
from services.notifications.partners.domain.shapes import SHAPES
from shared.envelope import Event
from shared.principal import Principal

NAMESPACE = UUID("5b0d5c1e-8f0e-4f5e-9a0c-3b6f0a7f2d11")
EVERYBODY = "public"  # The audience of what everybody may read without signing in.
BRIEF = "project.published.v1"


@dataclass(frozen=True)
class PublicEvent:
    """An event as partners may know it; `origin`, the event's own id, is for us alone."""

    origin: str
    type: str
    subject: str
    time: datetime
    data: dict[str, Any]
    audience: tuple[str, ...]

    def is_for(self, key: str, id: str) -> bool:
        """Whether the partner of this audience hears of it; what is about a partner, only it."""
        about = self.data.get("partner_id")
        return key in self.audience if about is None else about == id


def translate(event: Event) -> PublicEvent | None:
    """The public copy of an event, None where it is no partner's business."""
    shape = SHAPES.get(event.type)
    if shape is None:
        return None
    # What a company may not read in the log, its systems are not told either.
    company = Principal("partner", "owner", event.data.get("org_id"))
    shown = visibility.visible(event.type, event.data, company)
    data = {name: shown[name] for name in shape.facts if name in shown}
    return PublicEvent(
        origin=event.id,
        type=shape.type,
        subject=f"{shape.noun}:{data[shape.about]}",
        time=event.time,
        data=data,
        audience=_audience(event),
    )


def _audience(event: Event) -> tuple[str, ...]:
    """Organisations and accounts; a candidate that is named has no partner."""
    account = f"person:{event.data.get('account_id')}"
    keys = visibility.audience(event.data)
    found = [key for key in keys if key.startswith("org:") or key == account]
    if event.type == BRIEF and event.data.get("visibility") in (None, EVERYBODY):
        found.append(EVERYBODY)
    return tuple(found)


def public_id(partner_id: str, origin: str) -> str:
    """One per partner and event, whoever computes it: partners cannot compare what they got."""
    return str(uuid5(NAMESPACE, f"{partner_id}|{origin}"))


def cloud_event(
    id: str, type: str, subject: str, time: datetime, partner_id: str, data: Mapping[str, Any]
) -> dict[str, Any]:
    """A CloudEvents 1.0 document, still without its sequence."""
    return {
        "specversion": "1.0",
        "id": id,
        "source": "stint",
        "type": type,
        "subject": subject,
        "time": time.isoformat(timespec="milliseconds"),
        "datacontenttype": "application/json",
        "dataschema": f"stint:public:{type}",
        "partnerid": partner_id,
        "data": dict(data),
    }


def wanted(type: str, kinds: Collection[str]) -> bool:
    """Whether a choice of kinds has this one; no choice is all of them."""
    return not kinds or type in kinds
