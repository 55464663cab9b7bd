"""What is announced of candidates: their profiles, and who asks them to apply."""

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
class InvitationSent:
    type: ClassVar[str] = "invitation.sent.v1"
    invitation_id: str
    project_id: str
    org_id: str
    candidate_id: str
    expires_at: datetime


@dataclass(frozen=True)
class InvitationDeclined:
    type: ClassVar[str] = "invitation.declined.v1"
    invitation_id: str
    project_id: str
    org_id: str
    candidate_id: str
    reason: str
