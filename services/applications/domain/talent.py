"""A place in a company's talent pool: asked for, and kept as long as the candidate consents."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.applications.events import (
    Event,
    TalentConsentAsked,
    TalentConsentDropped,
    TalentConsentExpired,
    TalentConsentGranted,
    TalentConsentRefused,
    TalentConsentRevoked,
)
from shared.errors import Conflict

ANSWER_WITHIN = timedelta(days=30)


class TalentStatus(StrEnum):
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    EXPIRED = "expired"
    REVOKED = "revoked"
    DROPPED = "dropped"  # By the company.


@dataclass
class Talent:
    """`lists` are the company's own names for it; they go when the consent does.

    One per application, for an id of its own per candidate would tell which applications are one
    person's.
    """

    id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    project_title: str
    asked_at: datetime
    expires_at: datetime
    lists: list[str] = field(default_factory=list)
    status: TalentStatus = TalentStatus.ASKED
    due_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def ask(self, lists: list[str]) -> None:
        self.lists, self.due_at = lists, self.expires_at
        self.events.append(TalentConsentAsked(self.id, **self._whose(), expires_at=self.expires_at))

    def grant(self, now: datetime) -> None:
        if self.status is TalentStatus.GRANTED:
            return
        self._require("granted", TalentStatus.ASKED)
        if now >= self.expires_at:
            raise Conflict("talent-expired", "The time to answer this is over.")
        self.status, self.due_at = TalentStatus.GRANTED, None
        self.events.append(TalentConsentGranted(self.id, **self._whose()))

    def refuse(self) -> None:
        if self.status is TalentStatus.REFUSED:
            return
        self._require("refused", TalentStatus.ASKED)
        self._end(TalentStatus.REFUSED)
        self.events.append(TalentConsentRefused(self.id, **self._whose()))

    def revoke(self) -> None:
        """The candidate takes the consent back, at any time and for no reason."""
        if self.status is TalentStatus.REVOKED:
            return
        self._require("revoked", TalentStatus.GRANTED)
        self._end(TalentStatus.REVOKED)
        self.events.append(TalentConsentRevoked(self.id, **self._whose()))

    def drop(self) -> None:
        """The company keeps it no longer."""
        if self.status is TalentStatus.DROPPED:
            return
        self._require("dropped", TalentStatus.ASKED, TalentStatus.GRANTED)
        self._end(TalentStatus.DROPPED)
        self.events.append(TalentConsentDropped(self.id, **self._whose()))

    def expire(self, now: datetime) -> None:
        """Silence is no consent."""
        if self.status is TalentStatus.ASKED and now >= self.expires_at:
            self._end(TalentStatus.EXPIRED)
            self.events.append(TalentConsentExpired(self.id, **self._whose()))

    def put_lists(self, lists: list[str]) -> None:
        self._require("listed", TalentStatus.ASKED, TalentStatus.GRANTED)
        self.lists = lists

    def _end(self, status: TalentStatus) -> None:
        self.status, self.due_at, self.lists = status, None, []

    def _require(self, participle: str, *allowed: TalentStatus) -> None:
        if self.status not in allowed:
            sentence = f"The consent is {self.status}: it cannot be {participle}."
            raise Conflict(f"talent-{self.status}", sentence)

    def _whose(self) -> dict[str, str]:
        return {
            "application_id": self.application_id,
            "project_id": self.project_id,
            "org_id": self.org_id,
            "candidate_id": self.candidate_id,
        }
