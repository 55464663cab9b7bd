"""What is announced of applications: sent, judged, decided, answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True)
class ApplicationSubmitted:
    type: ClassVar[str] = "application.submitted.v1"
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    skills: list[dict[str, Any]]
    brief_version: int | None = None


@dataclass(frozen=True)
class ApplicationShortlisted:
    type: ClassVar[str] = "application.shortlisted.v1"
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str


@dataclass(frozen=True)
class ApplicationDeclined:
    type: ClassVar[str] = "application.declined.v1"
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    reason: str


@dataclass(frozen=True)
class ApplicationSelected:
    """Announced by the project's card, whose slot it is; the application follows."""

    type: ClassVar[str] = "application.selected.v1"
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    expires_at: datetime


@dataclass(frozen=True)
class ApplicationAccepted:
    type: ClassVar[str] = "application.accepted.v1"
    application_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    fee_amount: int
    fee_currency: str


@dataclass(frozen=True)
class ApplicationWithdrawn:
    """`reason` is candidate or expired; `engagement_id` is set once the candidate had accepted.

    `code` is why the candidate turned an offered position down.
    """

    type: ClassVar[str] = "application.withdrawn.v1"
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    engagement_id: str | None
    reason: str
    previous_status: str
    code: str | None = None


@dataclass(frozen=True)
class ApplicationReserved:
    """An alternate: first in line from rank 1 on, should a chosen candidate drop out."""

    type: ClassVar[str] = "application.reserved.v1"
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    rank: int
    reserved_until: datetime


@dataclass(frozen=True)
class DecisionDue:
    """Announced by the project's card, once for all applications that wait until that moment."""

    type: ClassVar[str] = "decision.due.v1"
    project_id: str
    org_id: str
    due_at: datetime


@dataclass(frozen=True)
class ScorecardLocked:
    """Whose scores they are; never what they say."""

    type: ClassVar[str] = "scorecard.locked.v1"
    application_id: str
    project_id: str
    org_id: str
    reviewer_id: str


@dataclass(frozen=True)
class IdentityRevealed:
    """A reviewer has learnt whose application it is; says to its candidate who that was."""

    type: ClassVar[str] = "identity.revealed.v1"
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    reviewer_id: str
