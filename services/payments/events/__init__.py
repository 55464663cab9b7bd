"""What payments announces: money held, given back, owed, paid or fought over."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.payments.events.disputes import (
    ApprovalRequested,
    ChargebackClosed,
    ChargebackOpened,
    CustodyEvent,
    DisputeAppealed,
    DisputeDecided,
    DisputeEscalated,
    DisputeOffered,
    DisputeOpened,
    DisputeResolved,
    DisputeResponded,
    FundsAged,
    FundsFrozen,
    FundsUnfrozen,
)
from services.payments.events.extras import (
    ExtraFailed,
    FeeChanged,
    PartReleased,
    PaymentUnconfirmed,
    RefundFailed,
    RepaymentAnswered,
    RepaymentAsked,
    SponsorshipAnswered,
    SponsorshipFailed,
    SponsorshipProposed,
)


@dataclass(frozen=True)
class PaymentFunded:
    type: ClassVar[str] = "payment.funded.v1"
    engagement_id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    amount: int
    currency: str


@dataclass(frozen=True)
class PaymentFailed:
    type: ClassVar[str] = "payment.failed.v1"
    engagement_id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    amount: int
    currency: str
    code: str
    retryable: bool


@dataclass(frozen=True)
class PaymentRefunded:
    type: ClassVar[str] = "payment.refunded.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    amount: int
    refunded_amount: int  # With all that went back before.
    currency: str
    reason: str


@dataclass(frozen=True)
class PayoutReleased:
    type: ClassVar[str] = "payout.released.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    amount: int
    fee_amount: int
    currency: str


@dataclass(frozen=True)
class PayoutPaid:
    type: ClassVar[str] = "payout.paid.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    amount: int
    currency: str
    paid_at: datetime
    complete: bool  # The whole fee was released and has arrived.


@dataclass(frozen=True)
class PayoutFailed:
    type: ClassVar[str] = "payout.failed.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    amount: int
    currency: str
    code: str
    retryable: bool


@dataclass(frozen=True)
class PayoutAccountUpdated:
    type: ClassVar[str] = "payout-account.updated.v1"
    candidate_id: str
    status: str


Event = (
    PaymentFunded
    | PaymentFailed
    | PaymentRefunded
    | PayoutReleased
    | PayoutPaid
    | PayoutFailed
    | PayoutAccountUpdated
    | CustodyEvent
    | PartReleased
    | ExtraFailed
    | FeeChanged
    | RepaymentAsked
    | RepaymentAnswered
    | SponsorshipProposed
    | SponsorshipAnswered
    | SponsorshipFailed
    | PaymentUnconfirmed
    | RefundFailed
)

__all__ = [
    "ApprovalRequested",
    "ChargebackClosed",
    "ChargebackOpened",
    "CustodyEvent",
    "DisputeAppealed",
    "DisputeDecided",
    "DisputeEscalated",
    "DisputeOffered",
    "DisputeOpened",
    "DisputeResolved",
    "DisputeResponded",
    "Event",
    "ExtraFailed",
    "FeeChanged",
    "FundsAged",
    "FundsFrozen",
    "FundsUnfrozen",
    "PartReleased",
    "PaymentFailed",
    "PaymentFunded",
    "PaymentRefunded",
    "PaymentUnconfirmed",
    "PayoutAccountUpdated",
    "PayoutFailed",
    "PayoutPaid",
    "PayoutReleased",
    "RefundFailed",
    "RepaymentAnswered",
    "RepaymentAsked",
    "SponsorshipAnswered",
    "SponsorshipFailed",
    "SponsorshipProposed",
]
