"""How partners, endpoints and deliveries are shown."""

from collections.abc import Mapping
from typing import Any

from services.notifications.partners.domain.partner import Partner, Status

View = dict[str, Any]


def partner_view(partner: Partner) -> View:
    return {
        "id": partner.id,
        "version": partner.version,
        "name": partner.name,
        "org_id": partner.org_id,
        "account_id": partner.account_id,
        "kinds": partner.kinds,
        "status": partner.status,
        "created_at": partner.created_at,
        "endpoints": [
            endpoint_view(partner, one.id)
            for one in partner.endpoints
            if one.status is not Status.REMOVED
        ],
    }


def endpoint_view(partner: Partner, id: str) -> View:
    """Without its secrets: of those only when each was made and how long it signs."""
    endpoint = partner.endpoint(id)
    names = ("id", "url", "kinds", "status", "reason", "created_at", "failing_since")
    return {
        "partner_id": partner.id,
        **{name: getattr(endpoint, name) for name in names},
        "secrets": [
            {"id": one.id, "created_at": one.created_at, "expires_at": one.expires_at}
            for one in endpoint.secrets
        ],
    }


def delivery_view(delivery: Mapping[str, Any]) -> View:
    names = ("endpoint_id", "event_id", "type", "sequence", "status", "attempts", "replay")
    return {
        "id": delivery["_id"],
        **{name: delivery.get(name) for name in names},
        "created_at": delivery["created_at"],
        "next_attempt_at": delivery.get("due_at"),
        "log": list(delivery["log"]),
    }
