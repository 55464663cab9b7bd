"""Whether a notice is one of too many that nobody asked for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from services.notifications.domain.channels import COMPANY_CAP, rule
from services.notifications.domain.notices import kind
from services.notifications.domain.outreach import ANSWERS, CAPS, RELEVANT, is_over
from shared.envelope import Event


class Log(Protocol):
    def times(
        self, before: str, person_id: str, types: Sequence[str], org_id: str | None
    ) -> list[datetime]:
        """When events of these types came to this person (from this organisation) before the one
        with this id."""
        ...


def is_capped(log: Log, event: Event, person_id: str) -> bool:
    """Whether its sender has sent this person enough, or it hardly fits them. The order of the log
    decides, so that every process and every repeat counts alike."""
    name = rule(kind(event.type)).cap
    if not name:
        return False
    if any(one["score"] < RELEVANT for one in _of(person_id, event)):
        return True
    org_id = event.data.get("org_id") if name == COMPANY_CAP else None
    if org_id and log.times(event.id, person_id, ANSWERS, org_id):
        return False  # Whoever has applied to a company has answered it: it is no stranger.
    before = log.times(event.id, person_id, (event.type,), org_id)
    return is_over(CAPS[name], before, event.time)


def _of(person_id: str, event: Event) -> list[dict[str, Any]]:
    """What a suggestion says of this person."""
    named = event.data.get("candidates", ())
    return [one for one in named if one["candidate_id"] == person_id]
