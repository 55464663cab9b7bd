"""What the projects service announces: one class per contract in `shared/contracts/`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from services.projects.events.briefs import (
    BriefEvent,
    InquiryAnswered,
    InquiryAsked,
    ProjectApproved,
    ProjectClosed,
    ProjectExempted,
    ProjectPublished,
    ProjectReminded,
    ProjectReturned,
    ProjectRevised,
    ProjectSubmitted,
)
from services.projects.events.evaluations import (
    EvaluationCompleted,
    EvaluationEvent,
    EvaluationJudged,
    EvaluationReleased,
    EvaluationReplied,
    EvaluationReported,
    EvaluationSubmitted,
    MidpointAnswered,
    MidpointDue,
)
from services.projects.events.kickoff import (
    AgreementAccepted,
    ConflictAcknowledged,
    ConflictDeclared,
    KickoffEvent,
    KickoffProposed,
    KickoffReminded,
    KickoffSigned,
    LicenceRevoked,
    RightsAssigned,
)
from services.projects.events.work import (
    ChangeOrderAccepted,
    ChangeOrderDeclined,
    ChangeOrderProposed,
    DeadlineMissed,
    DeadlineReminded,
    FlagRaised,
    FlagResolved,
    MessagePosted,
    MilestoneChanged,
    MilestoneMissed,
    NoShowSuspected,
    ReflectionShared,
    TimeNoted,
    WorkEvent,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngagementOpened:
    """The fee is held; both sides sign the kick-off next."""

    type: ClassVar[str] = "engagement.opened.v1"
    engagement_id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    fee_amount: int
    fee_currency: str
    hours: int
    kickoff_due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EngagementStarted:
    """Both sides signed the kick-off; the work may begin."""

    type: ClassVar[str] = "engagement.started.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverableSubmitted:
    """A version of the work was handed in; the review window runs."""

    type: ClassVar[str] = "deliverable.submitted.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    deliverable_id: str
    version: int
    files: list[dict[str, Any]]
    review_due_at: datetime
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRequested:
    """The company asked for another version."""

    type: ClassVar[str] = "revision.requested.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    deliverable_id: str
    round: int
    rounds_left: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverableAccepted:
    """The work is accepted, by the company or because the review window passed; the fee is due."""

    type: ClassVar[str] = "deliverable.accepted.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    deliverable_id: str
    automatic: bool
    accepted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EngagementCompleted:
    """The work is done and accepted; `files` are those of the accepted version."""

    type: ClassVar[str] = "engagement.completed.v1"
    engagement_id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    automatic: bool
    hours: int
    skills: list[str]
    files: list[dict[str, str]]
    completed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EngagementCancelled:
    """The engagement ended without accepted work."""

    type: ClassVar[str] = "engagement.cancelled.v1"
    engagement_id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    reason: str
    fault: str
    cause: str | None = None
    started: bool = False
    hours: int | None  # That were agreed, where work had started.


__all__ = [
    "AgreementAccepted",
    "ChangeOrderAccepted",
    "ChangeOrderDeclined",
    "ChangeOrderProposed",
    "ConflictAcknowledged",
    "ConflictDeclared",
    "DeadlineMissed",
    "DeadlineReminded",
    "EvaluationCompleted",
    "EvaluationJudged",
    "EvaluationReleased",
    "EvaluationReplied",
    "EvaluationReported",
    "EvaluationSubmitted",
    "Event",
    "FlagRaised",
    "FlagResolved",
    "InquiryAnswered",
    "InquiryAsked",
    "KickoffProposed",
    "KickoffReminded",
    "KickoffSigned",
    "LicenceRevoked",
    "MessagePosted",
    "MidpointAnswered",
    "MidpointDue",
    "MilestoneChanged",
    "MilestoneMissed",
    "NoShowSuspected",
    "ProjectApproved",
    "ProjectClosed",
    "ProjectExempted",
    "ProjectPublished",
    "ProjectReminded",
    "ProjectReturned",
    "ProjectRevised",
    "ProjectSubmitted",
    "ReflectionShared",
    "RightsAssigned",
    "TimeNoted",
]

Event = (
    BriefEvent
    | EngagementOpened
    | EngagementStarted
    | DeliverableSubmitted
    | RevisionRequested
    | DeliverableAccepted
    | EngagementCompleted
    | EngagementCancelled
    | KickoffEvent
    | EvaluationEvent
    | WorkEvent
)
