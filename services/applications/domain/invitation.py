"""A company asks a candidate to apply; applying is the yes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.applications.events import Event, InvitationDeclined, InvitationSent
from shared.errors import Conflict

PER_PROJECT = 25
VALID = timedelta(days=14)


class InvitationStatus(StrEnum):
    SENT = "sent"
    APPLIED = "applied"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass
class Invitation:
    """`suggested` ones were sent to somebody whom the company does not know."""

    id: str
    project_id: str
    org_id: str
    candidate_id: str
    project_title: str
    blind_review: bool
    suggested: bool
    message: str
    sent_at: datetime
    expires_at: datetime
    status: InvitationStatus = InvitationStatus.SENT
    due_at: datetime | None = None
    decline_reason: str | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def send(self) -> None:
        self.due_at = self.expires_at
        self.events.append(InvitationSent(self.id, **self._whose(), expires_at=self.expires_at))

    def answer(self) -> None:
        """The candidate has applied, be it before, after a no or after the end."""
        self.status, self.due_at, self.decline_reason = InvitationStatus.APPLIED, None, None

    def decline(self, reason: str) -> None:
        if self.status is InvitationStatus.DECLINED:
            return
        if self.status is not InvitationStatus.SENT:
            raise Conflict(
                f"invitation-{self.status}", f"The invitation is {self.status} and needs no answer."
            )
        self.status, self.due_at, self.decline_reason = InvitationStatus.DECLINED, None, reason
        self.events.append(InvitationDeclined(self.id, **self._whose(), reason=reason))

    def expire(self, now: datetime) -> None:
        """Silence is a no that nobody is told of; nothing where it was answered."""
        if self.status is InvitationStatus.SENT and now >= self.expires_at:
            self.status, self.due_at = InvitationStatus.EXPIRED, None

    def _whose(self) -> dict[str, str]:
        return {
            "project_id": self.project_id,
            "org_id": self.org_id,
            "candidate_id": self.candidate_id,
        }
