"""What two sides keep about work under way: milestones, changes of the terms, flags, notes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.projects.domain.brief import Expected
from services.projects.domain.work import File, Party

MOST_MILESTONES = MOST_ORDERS = MOST_FLAGS = 20
FLAG_KINDS = ("communication", "unmet-expectations", "inappropriate-behaviour", "other")


class Step(StrEnum):
    """Where a milestone stands."""

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    DONE = "done"  # Says the candidate.
    ACCEPTED = "accepted"  # Says the company.
    DROPPED = "dropped"


UNFINISHED = (Step.PLANNED, Step.IN_PROGRESS)


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """A check-point on the way; `late` once its time has passed unfinished."""

    milestone_id: str
    title: str
    due_at: datetime
    state: Step
    by: Party
    changed_at: datetime
    remind_at: datetime | None = None
    late: bool = False


class Answer(StrEnum):
    """Where a change order stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """What is to be otherwise; None stays as it is. The fee counts minor units."""

    fee_amount: int | None = None
    hours: int | None = None
    due_at: datetime | None = None
    deliverables: list[Expected] | None = None


@dataclass(frozen=True, kw_only=True)
class Order:
    """A change order: proposed by one side, in force once the other accepts.

    `fee_difference` is the new fee less the one that stood when it was proposed.
    """

    order_id: str
    by: Party
    person_id: str
    why: str
    amendment: Amendment
    fee_difference: int
    proposed_at: datetime
    expires_at: datetime
    answer: Answer = Answer.OPEN
    answered_at: datetime | None = None
    answered_by: str | None = None
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Flag:
    """Something that an operator should know; the other side does not see it."""

    flag_id: str
    by: Party
    person_id: str
    kind: str
    text: str
    evidence: list[File]
    raised_at: datetime
    resolution: str | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class TimeNote:
    """How long it really took, for the candidate alone."""

    hours: float
    note: str
    noted_at: datetime


@dataclass(frozen=True, kw_only=True)
class Reflection:
    """What the candidate learned; the company reads it where it is shared."""

    learned: str
    proud_of: str
    next_time: str
    shared: bool
    written_at: datetime
