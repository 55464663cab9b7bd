"""What figures are made of: when what happened to one engagement, and what it cost.

Each fact is kept so that it comes out the same in whatever order, and however often, its events are
heard: of moments the earliest counts, of amounts and counts the largest.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from services.applications.events import Event


@dataclass
class EngagementFacts:
    """`cost_amount` is what the company's money went to: the candidate and the platform's fee."""

    id: str
    engagement_id: str
    project_id: str
    org_id: str
    engaged_at: datetime | None = None
    started_at: datetime | None = None
    submitted_at: datetime | None = None
    accepted_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    released_at: datetime | None = None
    fault: str | None = None
    rounds: int = 0
    cost_amount: int = 0
    currency: str | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def note(self, **seen: Any) -> None:
        """Take over what an event tells; nothing where it is known."""
        for name, value in seen.items():
            if name not in NOTABLE:
                raise TypeError(f"{name} is no fact")
            setattr(self, name, _merged(getattr(self, name), value))


NOTABLE = {one.name for one in fields(EngagementFacts)} - {
    *("id", "engagement_id", "project_id", "org_id", "version", "events"),
}


def _merged(known: Any, told: Any) -> Any:
    if known is None or told is None:
        return told if known is None else known
    if isinstance(known, datetime):
        return min(known, told)
    return max(known, told)
