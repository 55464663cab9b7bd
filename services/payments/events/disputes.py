"""What payments announces of disputes, chargebacks, and money that is held back."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True)
class DisputeOpened:
    type: ClassVar[str] = "dispute.opened.v1"
    dispute_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    amount: int
    currency: str
    reason: str
    by: str
    asked_released: int
    asked_refunded: int
    response_due_at: datetime | None = None


@dataclass(frozen=True)
class DisputeResponded:
    type: ClassVar[str] = "dispute.responded.v1"
    dispute_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    currency: str
    by: str
    due_at: datetime


@dataclass(frozen=True)
class DisputeOffered:
    type: ClassVar[str] = "dispute.offered.v1"
    dispute_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    currency: str
    by: str
    offer_id: str
    released_amount: int
    refunded_amount: int
    due_at: datetime


@dataclass(frozen=True)
class DisputeEscalated:
    type: ClassVar[str] = "dispute.escalated.v1"
    dispute_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    currency: str
    by: str
    reminder: bool
    due_at: datetime


@dataclass(frozen=True)
class DisputeDecided:
    type: ClassVar[str] = "dispute.decided.v1"
    dispute_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    currency: str
    by: str
    released_amount: int
    refunded_amount: int
    appeal_until: datetime


@dataclass(frozen=True)
class DisputeAppealed:
    type: ClassVar[str] = "dispute.appealed.v1"
    dispute_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    currency: str
    by: str
    due_at: datetime


@dataclass(frozen=True)
class DisputeResolved:
    type: ClassVar[str] = "dispute.resolved.v1"
    dispute_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    outcome: str
    released_amount: int
    refunded_amount: int
    currency: str
    basis: str


@dataclass(frozen=True)
class ChargebackOpened:
    type: ClassVar[str] = "chargeback.opened.v1"
    chargeback_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    amount: int
    currency: str


@dataclass(frozen=True)
class ChargebackClosed:
    type: ClassVar[str] = "chargeback.closed.v1"
    chargeback_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    amount: int
    currency: str
    outcome: str


@dataclass(frozen=True)
class FundsFrozen:
    type: ClassVar[str] = "funds.frozen.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    amount: int
    currency: str


@dataclass(frozen=True)
class FundsUnfrozen:
    type: ClassVar[str] = "funds.unfrozen.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    amount: int
    currency: str


@dataclass(frozen=True)
class FundsAged:
    type: ClassVar[str] = "funds.aged.v1"
    engagement_id: str
    amount: int
    currency: str
    held_since: datetime
    days: int
    limit_at: datetime


@dataclass(frozen=True)
class ApprovalRequested:
    type: ClassVar[str] = "approval.requested.v1"
    engagement_id: str
    approval_id: str
    kind: str
    amount: int
    currency: str
    reason: str


CustodyEvent = (
    DisputeOpened
    | DisputeResponded
    | DisputeOffered
    | DisputeEscalated
    | DisputeDecided
    | DisputeAppealed
    | DisputeResolved
    | ChargebackOpened
    | ChargebackClosed
    | FundsFrozen
    | FundsUnfrozen
    | FundsAged
    | ApprovalRequested
)
