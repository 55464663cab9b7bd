"""What is announced of hires: taken back, begun, ended, and how they last."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True)
class HireOfferRescinded:
    """The company took it back before the candidate answered."""

    type: ClassVar[str] = "hire-offer.rescinded.v1"
    offer_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    kind: str
    reason: str


@dataclass(frozen=True)
class HireOfferDropped:
    """A draft came to nothing; nothing for its candidate."""

    type: ClassVar[str] = "hire-offer.dropped.v1"
    offer_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    kind: str
    reason: str


@dataclass(frozen=True)
class HireOfferReminded:
    """Nobody has told whether the job has begun."""

    type: ClassVar[str] = "hire-offer.reminded.v1"
    offer_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    kind: str
    answer_by: datetime


@dataclass(frozen=True)
class HireOfferStarted:
    type: ClassVar[str] = "hire-offer.started.v1"
    offer_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    kind: str
    by: str
    started_at: datetime


@dataclass(frozen=True)
class HireOfferEnded:
    """`began` says whether there was a job to leave; `by` is a side, or the clock."""

    type: ClassVar[str] = "hire-offer.ended.v1"
    offer_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    kind: str
    by: str
    reason: str
    began: bool


@dataclass(frozen=True)
class HireOfferRetained:
    type: ClassVar[str] = "hire-offer.retained.v1"
    offer_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    kind: str


@dataclass(frozen=True)
class HireCheckInDue:
    type: ClassVar[str] = "hire-check-in.due.v1"
    offer_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    day: int
    closes_at: datetime


@dataclass(frozen=True)
class HireCheckInAnswered:
    """That a side has answered; what it said stays with it."""

    type: ClassVar[str] = "hire-check-in.answered.v1"
    offer_id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    day: int
    by: str
