"""An engagement with its money, its people and its thread: several reads in the time of one.

Each part is read as its own operation reads it, so that nobody sees here what is not theirs there.
"""

from functools import partial
from typing import Any

from services.gateway.calls import ask, gather
from services.gateway.operations import Resource
from services.gateway.ports import ports
from services.gateway.schemas.overview import Overview
from shared.container import AWAY
from shared.errors import Forbidden, NotFound, Unavailable

resource = Resource("overview", __name__, description="An engagement at one glance")
MESSAGES = 20
WITHHELD = object()  # Stands for what is not for this reader.
Part = dict[str, Any] | None


@resource.operation("GET", "/engagements/<engagement_id>/overview", answer=Overview)
def get_engagement_overview(engagement_id: str) -> Any:
    about = {"engagement_id": engagement_id}
    parts: dict[str, Any] = gather(
        {
            "engagement": partial(ask, "projects", "get_engagement", **about),
            "thread": partial(
                ask, "projects", "list_messages", limit=MESSAGES, after=None, **about
            ),
            "payment": partial(_readable, "payments", "get_escrow", **about),
        }
    )
    parts["people"] = _people(parts["engagement"])
    away = sorted(name for name, part in parts.items() if isinstance(part, Unavailable))
    withheld = sorted(name for name, part in parts.items() if part is WITHHELD)
    view = {name: None if name in (*away, *withheld) else part for name, part in parts.items()}
    if not any(view.values()):
        raise Unavailable("service-unavailable", "No service answers just now.")
    return {**view, "incomplete": away, "withheld": withheld}


def _readable(service: str, method: str, **about: Any) -> Any:
    """The part, WITHHELD, or None where there is none yet: then the engagement says who may ask."""
    try:
        return ask(service, method, **about)
    except Forbidden:
        return WITHHELD
    except NotFound:
        return None


def _people(engagement: dict[str, Any] | Unavailable) -> Part | Unavailable:
    """Who has the engagement may know who is in it."""
    if isinstance(engagement, Unavailable):
        return engagement
    accounts = ports().accounts
    try:
        candidate = accounts.accounts.find(engagement["candidate_id"])
        company = accounts.organisations.find(engagement["org_id"])
    except AWAY:
        return Unavailable("database-unavailable", "The gateway cannot reach its data just now.")
    return {
        "candidate": candidate and {"id": candidate.id, "name": candidate.name},
        "organisation": company and {"id": company.id, "name": company.name},
    }
