"""The terms of a job that is offered, and what the offer of it may come to."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

OFFER_KINDS = ("full-time", "part-time", "internship", "contract", "follow-on-project")
# Whom a company meets here it may hire without paying anybody for it, now and later.
CONVERSION_FEE = 0
DRAFT_DAYS = timedelta(days=30)  # For the company to approve.
UNDATED_START = timedelta(days=30)  # After acceptance, where the terms name no day.
NO_WORD = timedelta(days=60)  # After the reminder that nobody has told of a start.


class OfferStatus(StrEnum):
    DRAFTED = "drafted"
    EXTENDED = "extended"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    RESCINDED = "rescinded"
    DROPPED = "dropped"  # A draft that came to nothing; its candidate never hears of it.
    STARTED = "started"
    NOT_STARTED = "not_started"
    RETAINED = "retained"  # Still there after 90 days.
    LEFT = "left"


COMPANY_ONLY = frozenset({OfferStatus.DRAFTED, OfferStatus.DROPPED})
HIRED = frozenset(
    {OfferStatus.ACCEPTED, OfferStatus.STARTED, OfferStatus.RETAINED, OfferStatus.LEFT}
)


@dataclass(frozen=True)
class HireTerms:
    """`pay_amount` counts minor units per `pay_period`; the offer stands for `valid_days`.

    `starts_on` is an ISO date; the texts stay here, no event carries them.
    """

    kind: str
    title: str
    pay_amount: int
    pay_currency: str
    pay_period: str
    valid_days: int
    starts_on: str | None = None
    weekly_hours: int | None = None
    place: str = ""
    note: str = ""

    def start_is_past(self, today: date) -> bool:
        return self.starts_on is not None and date.fromisoformat(self.starts_on) < today
