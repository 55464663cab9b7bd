"""What the projects service announces of work under way: dates, changes, messages, flags."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.projects.events.kickoff import OfEngagement


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineReminded(OfEngagement):
    """Something falls due soon: the work, its review, or a milestone."""

    type: ClassVar[str] = "deadline.reminded.v1"
    subject: str
    waiting_for: list[str]
    due_at: datetime
    milestone_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineMissed(OfEngagement):
    """The work is late: until when it is taken all the same, and when it is given up."""

    type: ClassVar[str] = "deadline.missed.v1"
    due_at: datetime
    consequence: str
    taken_until: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoShowSuspected(OfEngagement):
    """No sign of the candidate since the start; without one until then another takes over."""

    type: ClassVar[str] = "no-show.suspected.v1"
    answer_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneChanged(OfEngagement):
    """A milestone was planned, moved, or came a step further."""

    type: ClassVar[str] = "milestone.changed.v1"
    milestone_id: str
    milestone: str
    by: str
    state: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneMissed(OfEngagement):
    """The time of a milestone has passed, and it is not done."""

    type: ClassVar[str] = "milestone.missed.v1"
    milestone_id: str
    milestone: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OfOrder(OfEngagement):
    """A change order: what would stand once it is in force. Amounts count minor units."""

    order_id: str
    by: str
    fee_difference: int
    fee_amount: int
    fee_currency: str
    hours: int
    due_at: datetime
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOrderProposed(OfOrder):
    """One side asks for other terms."""

    type: ClassVar[str] = "change-order.proposed.v1"
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOrderAccepted(OfOrder):
    """The other side agreed: this stands now. The fee's difference is to be held, or given back."""

    type: ClassVar[str] = "change-order.accepted.v1"
    accepted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOrderDeclined(OfEngagement):
    """Nothing changes: it was declined, withdrawn, or nobody answered in time."""

    type: ClassVar[str] = "change-order.declined.v1"
    order_id: str
    by: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(OfEngagement):
    """Somebody wrote in the thread; `nudge` where the other side has not been told of one since."""

    type: ClassVar[str] = "message.posted.v1"
    message_id: str
    by: str
    files: int
    nudge: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRaised:
    """Somebody told operators of a problem; the event names neither side, so neither reads it."""

    type: ClassVar[str] = "flag.raised.v1"
    engagement_id: str
    project_id: str
    flag_id: str
    by: str
    kind: str
    evidence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagResolved:
    """An operator has answered a flag; only the side that raised it is named, and told."""

    type: ClassVar[str] = "flag.resolved.v1"
    engagement_id: str
    project_id: str
    flag_id: str
    by: str
    kind: str
    org_id: str | None
    candidate_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeNoted:
    """How long it took the candidate; it names no company, so none reads it."""

    type: ClassVar[str] = "time.noted.v1"
    engagement_id: str
    project_id: str
    candidate_id: str
    minutes: int
    fee_amount: int
    fee_currency: str
    noted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflectionShared(OfEngagement):
    """The candidate shares with the company what they learned."""

    type: ClassVar[str] = "reflection.shared.v1"


WorkEvent = (
    DeadlineReminded
    | DeadlineMissed
    | NoShowSuspected
    | MilestoneChanged
    | MilestoneMissed
    | ChangeOrderProposed
    | ChangeOrderAccepted
    | ChangeOrderDeclined
    | MessagePosted
    | FlagRaised
    | FlagResolved
    | ReflectionShared
    | TimeNoted
)
