"""What figures are made of: when what happened to one engagement, and what it cost.

Each fact is kept so that it comes out the same in whatever order, and however often, its events are
heard: of moments the earliest counts, of rounds the largest, and of money each event once.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from services.applications.events import Event


@dataclass
class EngagementFacts:
    """`costs` are what was released to the candidate and as the platform's fee, by the event that
    told so, since there may be several of the same amount. `minutes` is the candidate's
    own word, the latest one: it is shown to nobody, and counted among others' alone. `released_at`
    is the money's, `opened_at` when both sides could read the evaluations.
    """

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
    opened_at: datetime | None = None
    fault: str | None = None
    rounds: int = 0
    currency: str | None = None
    costs: dict[str, int] = field(default_factory=dict)
    minutes: int | None = None
    noted_at: datetime | None = None
    fee_amount: int = 0
    fee_currency: str | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def note(self, **seen: Any) -> None:
        """Take over what an event tells; nothing where it is known."""
        for name, value in seen.items():
            if name not in NOTABLE:
                raise TypeError(f"{name} is no fact")
            setattr(self, name, _merged(getattr(self, name), value))

    def note_cost(self, event_id: str, amount: int) -> None:
        """Money was released: the fee, or a part of it, or a bonus."""
        self.costs = {**self.costs, event_id: amount}

    def note_time(self, minutes: int, fee_amount: int, fee_currency: str, at: datetime) -> None:
        if self.noted_at is None or at > self.noted_at:
            self.minutes, self.noted_at = minutes, at
            self.fee_amount, self.fee_currency = fee_amount, fee_currency


NOTABLE = {one.name for one in fields(EngagementFacts)} - {
    *("id", "engagement_id", "project_id", "org_id", "version", "events"),
    *("costs", "minutes", "noted_at", "fee_amount", "fee_currency"),
}


def _merged(known: Any, told: Any) -> Any:
    if known is None or told is None:
        return told if known is None else known
    if isinstance(known, datetime):
        return min(known, told)
    return max(known, told)
