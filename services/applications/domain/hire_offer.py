"""A job that a good result leads to: drafted for approval or extended at once, then answered."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.applications.events import (
    Event,
    HireOfferAccepted,
    HireOfferDeclined,
    HireOfferDrafted,
    HireOfferExpired,
    HireOfferExtended,
)
from shared.errors import Conflict


class OfferStatus(StrEnum):
    DRAFTED = "drafted"
    EXTENDED = "extended"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True)
class HireTerms:
    """`pay_amount` counts minor units per `pay_period`; the offer stands for `valid_days`."""

    kind: str
    title: str
    pay_amount: int
    pay_currency: str
    pay_period: str
    valid_days: int


@dataclass
class HireOffer:
    id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    terms: HireTerms
    created_at: datetime
    status: OfferStatus = OfferStatus.DRAFTED
    expires_at: datetime | None = None
    due_at: datetime | None = None
    decline_reason: str | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def draft(self) -> None:
        """Wait for the company's approval; the candidate does not see it yet."""
        self.events.append(HireOfferDrafted(self.id, **self._whose(), kind=self.terms.kind))

    def extend(self, now: datetime, terms: HireTerms | None = None) -> None:
        """Offer the job, on these terms where given; it stands for their `valid_days`."""
        if self.status is OfferStatus.EXTENDED and terms in (None, self.terms):
            return
        self._require("extended", OfferStatus.DRAFTED)
        self.terms = terms or self.terms
        self.status = OfferStatus.EXTENDED
        self.expires_at = self.due_at = now + timedelta(days=self.terms.valid_days)
        self.events.append(
            HireOfferExtended(
                self.id,
                **self._whose(),
                kind=self.terms.kind,
                title=self.terms.title,
                pay_amount=self.terms.pay_amount,
                pay_currency=self.terms.pay_currency,
                pay_period=self.terms.pay_period,
                expires_at=self.expires_at,
            )
        )

    def accept(self, now: datetime) -> None:
        if self.status is OfferStatus.ACCEPTED:
            return
        self._require("accepted", OfferStatus.EXTENDED)
        if self._is_past(now):
            raise Conflict("hire-offer-expired", "The time to accept this hire offer is over.")
        self.status, self.due_at = OfferStatus.ACCEPTED, None
        self.events.append(HireOfferAccepted(self.id, **self._whose(), kind=self.terms.kind))

    def decline(self, reason: str) -> None:
        if self.status is OfferStatus.DECLINED:
            return
        self._require("declined", OfferStatus.EXTENDED)
        self.status, self.due_at, self.decline_reason = OfferStatus.DECLINED, None, reason
        self.events.append(
            HireOfferDeclined(self.id, **self._whose(), kind=self.terms.kind, reason=reason)
        )

    def expire(self, now: datetime) -> None:
        """Silence until the end is a no; nothing where it was answered."""
        if self.status is OfferStatus.EXTENDED and self._is_past(now):
            self.status, self.due_at = OfferStatus.EXPIRED, None
            self.events.append(HireOfferExpired(self.id, **self._whose(), kind=self.terms.kind))

    def _is_past(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at

    def _require(self, participle: str, allowed: OfferStatus) -> None:
        if self.status is not allowed:
            raise Conflict(
                f"hire-offer-{self.status}",
                f"The hire offer is {self.status}: it cannot be {participle}.",
            )

    def _whose(self) -> dict[str, str]:
        return {
            "engagement_id": self.engagement_id,
            "project_id": self.project_id,
            "org_id": self.org_id,
            "candidate_id": self.candidate_id,
        }
