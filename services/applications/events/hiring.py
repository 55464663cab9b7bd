"""What is announced of what good work leads to: hire offers."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True)
class HireOfferDrafted:
    type: ClassVar[str] = "hire-offer.drafted.v1"
    offer_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    kind: str


@dataclass(frozen=True)
class HireOfferExtended:
    type: ClassVar[str] = "hire-offer.extended.v1"
    offer_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    kind: str
    title: str
    pay_amount: int
    pay_currency: str
    pay_period: str
    expires_at: datetime


@dataclass(frozen=True)
class HireOfferAccepted:
    type: ClassVar[str] = "hire-offer.accepted.v1"
    offer_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    kind: str


@dataclass(frozen=True)
class HireOfferDeclined:
    type: ClassVar[str] = "hire-offer.declined.v1"
    offer_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    kind: str
    reason: str


@dataclass(frozen=True)
class HireOfferExpired:
    type: ClassVar[str] = "hire-offer.expired.v1"
    offer_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    kind: str
