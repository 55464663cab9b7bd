"""What payments announces of money beside the fee and its release."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True)
class PartReleased:
    type: ClassVar[str] = "part.released.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    purpose: str
    note: str
    amount: int  # The candidate's.
    fee_amount: int
    held_amount: int  # Of the fee, after this.
    currency: str


@dataclass(frozen=True)
class ExtraFailed:
    type: ClassVar[str] = "extra.failed.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    purpose: str
    amount: int
    currency: str
    code: str
    retryable: bool


@dataclass(frozen=True)
class PaymentUnconfirmed:
    """`org_id` is the payer's: the company's, or a sponsor's."""

    type: ClassVar[str] = "payment.unconfirmed.v1"
    engagement_id: str
    project_id: str
    org_id: str
    purpose: str
    amount: int
    currency: str
    confirm_by: datetime


@dataclass(frozen=True)
class FeeChanged:
    type: ClassVar[str] = "fee.changed.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    fee_amount: int
    difference: int
    currency: str
    reason: str


@dataclass(frozen=True)
class RefundFailed:
    """`org_id` is whose card it was for: the company's, or a sponsor's."""

    type: ClassVar[str] = "refund.failed.v1"
    engagement_id: str
    project_id: str
    org_id: str
    number: int
    amount: int
    currency: str
    code: str


@dataclass(frozen=True)
class RepaymentAsked:
    type: ClassVar[str] = "repayment.asked.v1"
    request_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    amount: int
    currency: str
    reason: str
    answer_by: datetime


@dataclass(frozen=True)
class RepaymentAnswered:
    type: ClassVar[str] = "repayment.answered.v1"
    request_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    amount: int
    currency: str
    agreed: bool


@dataclass(frozen=True)
class SponsorshipProposed:
    """`org_id` is the sponsor's, who is asked."""

    type: ClassVar[str] = "sponsorship.proposed.v1"
    plan_id: str
    project_id: str
    org_id: str
    company_org_id: str
    cap_amount: int
    share_percent: int
    currency: str


@dataclass(frozen=True)
class SponsorshipAnswered:
    """`org_id` is the company's, who has asked."""

    type: ClassVar[str] = "sponsorship.answered.v1"
    plan_id: str
    project_id: str
    org_id: str
    sponsor_org_id: str
    agreed: bool


@dataclass(frozen=True)
class SponsorshipFailed:
    """`org_id` is the sponsor's, whose part of a fee the company has to bring now."""

    type: ClassVar[str] = "sponsorship.failed.v1"
    engagement_id: str
    project_id: str
    org_id: str
    company_org_id: str
    amount: int
    currency: str
    code: str
