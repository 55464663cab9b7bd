"""What is announced of people a company knows: positions offered again, places in its pool."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True)
class ReengagementOffered:
    """Announced by the project's card, whose slot it is."""

    type: ClassVar[str] = "reengagement.offered.v1"
    reengagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    former_engagement_id: str
    expires_at: datetime


@dataclass(frozen=True)
class ReengagementAccepted:
    type: ClassVar[str] = "reengagement.accepted.v1"
    reengagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    former_engagement_id: str


@dataclass(frozen=True)
class ReengagementDeclined:
    type: ClassVar[str] = "reengagement.declined.v1"
    reengagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    former_engagement_id: str
    reason: str


@dataclass(frozen=True)
class ReengagementExpired:
    type: ClassVar[str] = "reengagement.expired.v1"
    reengagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    former_engagement_id: str


@dataclass(frozen=True)
class TalentConsentAsked:
    type: ClassVar[str] = "talent-consent.asked.v1"
    talent_id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    expires_at: datetime


@dataclass(frozen=True)
class TalentConsentGranted:
    type: ClassVar[str] = "talent-consent.granted.v1"
    talent_id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str


@dataclass(frozen=True)
class TalentConsentRefused:
    type: ClassVar[str] = "talent-consent.refused.v1"
    talent_id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str


@dataclass(frozen=True)
class TalentConsentRevoked:
    type: ClassVar[str] = "talent-consent.revoked.v1"
    talent_id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str


@dataclass(frozen=True)
class TalentConsentDropped:
    """The company keeps the place no longer."""

    type: ClassVar[str] = "talent-consent.dropped.v1"
    talent_id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str


@dataclass(frozen=True)
class TalentConsentExpired:
    type: ClassVar[str] = "talent-consent.expired.v1"
    talent_id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
