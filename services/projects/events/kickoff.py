"""What the projects service announces of kick-offs, and of the rights agreed there."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class OfEngagement:
    """What every event of a kick-off says first: `by` is a side of it, never a person."""

    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KickoffProposed(OfEngagement):
    """One side changed the checklist: what stands now is to be read and signed anew."""

    type: ClassVar[str] = "kickoff.proposed.v1"
    by: str
    version: int
    sha256: str
    changed: list[str]
    kickoff_due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KickoffSigned(OfEngagement):
    """One side signed this version of the checklist."""

    type: ClassVar[str] = "kickoff.signed.v1"
    by: str
    version: int
    sha256: str
    waiting_for: list[str]
    kickoff_due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KickoffReminded(OfEngagement):
    """The limit comes near, and somebody has not signed."""

    type: ClassVar[str] = "kickoff.reminded.v1"
    waiting_for: list[str]
    kickoff_due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementAccepted(OfEngagement):
    """One side accepted the exact text of an agreement."""

    type: ClassVar[str] = "agreement.accepted.v1"
    by: str
    kind: str
    version: int
    sha256: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictDeclared(OfEngagement):
    """Somebody answered whether they have a conflict of interest."""

    type: ClassVar[str] = "conflict.declared.v1"
    declaration_id: str
    by: str
    declared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictAcknowledged(OfEngagement):
    """The other side knows of a conflict of interest and goes on."""

    type: ClassVar[str] = "conflict.acknowledged.v1"
    declaration_id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsAssigned(OfEngagement):
    """The fee was released: the rights in the work are the company's from now on."""

    type: ClassVar[str] = "rights.assigned.v1"
    agreement_version: int
    agreement_sha256: str
    assigned_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceRevoked(OfEngagement):
    """The whole fee went back: the rights stay with the candidate, nobody else uses the files."""

    type: ClassVar[str] = "licence.revoked.v1"
    file_ids: list[str]
    revoked_at: datetime


KickoffEvent = (
    KickoffProposed
    | KickoffSigned
    | KickoffReminded
    | AgreementAccepted
    | ConflictDeclared
    | ConflictAcknowledged
    | RightsAssigned
    | LicenceRevoked
)
