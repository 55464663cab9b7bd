"""Where an application stands, and what each state is for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DECISION_DAYS = 14  # Where the project does not say.
REMINDER = timedelta(days=3)  # So long before its decisions are due a company is reminded.
RESERVED = timedelta(days=14)  # So long an alternate is kept.
DAY = timedelta(days=1)
LAST_RANK = 50  # Of an alternate.
# Why a candidate says no to an invitation or an offered position.
CANDIDATE_REASONS = ("other-offer", "pay", "timing", "location", "scope", "personal", "other")


class Status(StrEnum):
    SUBMITTED = "submitted"
    SHORTLISTED = "shortlisted"
    ALTERNATE = "alternate"
    SELECTED = "selected"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


OPEN = frozenset({Status.SUBMITTED, Status.SHORTLISTED})  # Nobody has decided.
CHOOSABLE = OPEN | {Status.ALTERNATE}
PENDING = CHOOSABLE | {Status.SELECTED}  # It may still come to something or to nothing.
OVER = frozenset({Status.DECLINED, Status.WITHDRAWN, Status.EXPIRED})
ENGAGEMENT_ORDER = {None: 0, "started": 1, "completed": 2, "cancelled": 2}


@dataclass(frozen=True)
class Step:
    """When an application came into a state."""

    status: Status
    at: datetime


@dataclass(frozen=True)
class Remark:
    """One line of feedback for who was not chosen: `level` is below, meets or exceeds."""

    criterion: str
    level: str
    comment: str = ""


def decide_by(apply_by: datetime | None, submitted_at: datetime, decision_days: int) -> datetime:
    """The end of a day, so that the moment tells nobody in which hour somebody applied."""
    last = (apply_by or submitted_at) + timedelta(days=decision_days)
    return last.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
