"""What is announced of credentials and of who speaks for the work."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


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


@dataclass(frozen=True)
class CredentialShared:
    type: ClassVar[str] = "credential.shared.v1"
    credential_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    public: bool


@dataclass(frozen=True)
class CredentialRevoked:
    """`status_index` is its place in the status lists; None where it was never shared."""

    type: ClassVar[str] = "credential.revoked.v1"
    credential_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    reason: str
    status_index: int | None
    revoked_at: datetime


@dataclass(frozen=True)
class ReferenceRequested:
    type: ClassVar[str] = "reference.requested.v1"
    credential_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    message: str


@dataclass(frozen=True)
class ReferenceGiven:
    type: ClassVar[str] = "reference.given.v1"
    credential_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    public: bool
