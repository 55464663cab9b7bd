"""What this service announces: profiles, applications, hire offers and credentials."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True)
class CandidateUpdated:
    type: ClassVar[str] = "candidate.updated.v1"
    candidate_id: str
    skills: list[dict[str, Any]]
    weekly_hours: int
    open_to_work: bool


@dataclass(frozen=True)
class ApplicationSubmitted:
    type: ClassVar[str] = "application.submitted.v1"
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    skills: list[dict[str, Any]]


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
    """`reason` is candidate or expired; `engagement_id` is set once the candidate had accepted."""

    type: ClassVar[str] = "application.withdrawn.v1"
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    engagement_id: str | None
    reason: str
    previous_status: str


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


@dataclass(frozen=True)
class CredentialIssued:
    type: ClassVar[str] = "credential.issued.v1"
    credential_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    skills: list[str]
    issued_at: datetime


Event = (
    CandidateUpdated
    | ApplicationSubmitted
    | ApplicationShortlisted
    | ApplicationDeclined
    | ApplicationSelected
    | ApplicationAccepted
    | ApplicationWithdrawn
    | HireOfferDrafted
    | HireOfferExtended
    | HireOfferAccepted
    | HireOfferDeclined
    | HireOfferExpired
    | CredentialIssued
)
