"""A company takes somebody on again whose work it knows: a position, and no application."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.applications.domain.ids import sibling_id
from services.applications.events import (
    Event,
    ReengagementAccepted,
    ReengagementDeclined,
    ReengagementExpired,
)
from shared.errors import Conflict


class ReengagementStatus(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass
class Reengagement:
    """The card holds its slot first and announces it; this document alone says how it ends."""

    id: str
    project_id: str
    org_id: str
    candidate_id: str
    former_engagement_id: str
    project_title: str
    expires_at: datetime
    status: ReengagementStatus = ReengagementStatus.OFFERED
    due_at: datetime | None = None
    decline_reason: str | None = None
    application_id: str | None = None
    engagement_id: str | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def accept(self, application_id: str, now: datetime) -> None:
        """Yes: from here on it is that application's engagement."""
        if self.status is ReengagementStatus.ACCEPTED:
            return
        self._require("accepted")
        if now >= self.expires_at:
            raise Conflict("reengagement-expired", "The time to accept this position is over.")
        self._end(ReengagementStatus.ACCEPTED)
        self.application_id = application_id
        self.engagement_id = sibling_id("eng", application_id)
        self.events.append(ReengagementAccepted(self.id, **self._whose()))

    def decline(self, reason: str) -> None:
        if self.status is ReengagementStatus.DECLINED:
            return
        self._require("declined")
        self._end(ReengagementStatus.DECLINED)
        self.decline_reason = reason
        self.events.append(ReengagementDeclined(self.id, **self._whose(), reason=reason))

    def expire(self, now: datetime) -> None:
        """Silence is a no; nothing where it was answered."""
        if self.status is ReengagementStatus.OFFERED and now >= self.expires_at:
            self._end(ReengagementStatus.EXPIRED)
            self.events.append(ReengagementExpired(self.id, **self._whose()))

    @property
    def holds_its_slot(self) -> bool:
        return self.status in (ReengagementStatus.OFFERED, ReengagementStatus.ACCEPTED)

    def _end(self, status: ReengagementStatus) -> None:
        self.status, self.due_at = status, None

    def _require(self, participle: str) -> None:
        if self.status is not ReengagementStatus.OFFERED:
            sentence = f"The position is {self.status}: it cannot be {participle}."
            raise Conflict(f"reengagement-{self.status}", sentence)

    def _whose(self) -> dict[str, str]:
        return {
            "project_id": self.project_id,
            "org_id": self.org_id,
            "candidate_id": self.candidate_id,
            "former_engagement_id": self.former_engagement_id,
        }
