"""What an engagement keeps: terms, submissions, revisions, payment, dispute, end."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.projects.domain.brief import Brief, Expected
from services.projects.domain.deadlines import Deadlines
from services.projects.domain.parts import Criterion
from shared.errors import Invalid

FUNDING_LIMIT = timedelta(days=5)
KICKOFF_LIMIT = timedelta(days=5)
KICKOFF_NUDGE = timedelta(days=3)  # After so long, whoever has not signed is reminded.
REVISION_TIME = timedelta(days=7)
AI_USES = ("none", "assisted", "generated")


class Status(StrEnum):
    """Where an engagement stands."""

    AWAITING_FUNDING = "awaiting_funding"
    KICKOFF_PENDING = "kickoff_pending"
    ACTIVE = "active"
    SUBMITTED = "submitted"
    REVISION_REQUESTED = "revision_requested"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    DISPUTED = "disputed"


ENDED = (Status.COMPLETED, Status.CANCELLED)
OPEN = tuple(status for status in Status if status not in (*ENDED, Status.DISPUTED))
MAKING = (Status.ACTIVE, Status.REVISION_REQUESTED)  # The candidate is at work.
WORKING = (*MAKING, Status.SUBMITTED)


class PaymentStatus(StrEnum):
    """What was last heard of the money, in the order in which it happens."""

    PENDING = "pending"
    FAILED = "failed"
    FUNDED = "funded"
    RELEASED = "released"
    PAID = "paid"
    REFUNDED = "refunded"


PAYMENT_ORDER = {status: place for place, status in enumerate(PaymentStatus)}


class Party(StrEnum):
    """The two sides of an engagement, and the platform that stands between them."""

    COMPANY = "company"
    CANDIDATE = "candidate"
    OPERATOR = "operator"


class Fault(StrEnum):
    """Whose doing it is that an engagement ended without accepted work."""

    COMPANY = "company"
    CANDIDATE = "candidate"
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What both sides agreed on, copied from the brief; the fee counts minor units."""

    title: str
    fee_amount: int
    fee_currency: str
    hours: int
    weeks: int
    review_days: int
    max_revision_rounds: int
    skills: list[str]
    expected: list[Expected]
    time_zone: str = "UTC"
    ai_policy: str = "assist"
    ai_note: str = ""
    evaluation_criteria: list[Criterion] = field(default_factory=list)
    deadlines: Deadlines = field(default_factory=Deadlines)

    @classmethod
    def of(cls, brief: Brief) -> "Terms":
        """The terms of one engagement on this brief."""
        return cls(
            title=brief.title,
            fee_amount=brief.fee_amount,
            fee_currency=brief.fee_currency,
            hours=brief.hours,
            weeks=brief.weeks,
            review_days=brief.review_days,
            max_revision_rounds=brief.max_revision_rounds,
            skills=[skill.skill_id for skill in brief.skills],
            expected=brief.deliverables,
            time_zone=brief.time_zone or "UTC",
            ai_policy=brief.ai_policy,
            ai_note=brief.ai_note or "",
            evaluation_criteria=brief.evaluation_criteria,
            deadlines=brief.deadlines or Deadlines(),
        )

    def require_criteria(self, named: list[str]) -> None:
        """Raise Invalid where one of these is no acceptance criterion that was agreed on."""
        agreed = {text for each in self.expected for text in each.acceptance_criteria}
        unknown = [at for at, text in enumerate(named) if text not in agreed]
        if unknown:
            sentence = "Name criteria in the words of the brief; say the rest in the comment."
            at_fault = {f"criteria.{at}": "The brief has no such criterion." for at in unknown}
            raise Invalid("criterion-unknown", sentence, at_fault)


@dataclass(frozen=True)
class Payment:
    """The money as payments last told of it; `problem` is why a charge failed."""

    status: PaymentStatus = PaymentStatus.PENDING
    problem: str | None = None

    def heard(self, status: PaymentStatus, problem: str | None = None) -> "Payment":
        """Move forward only: what comes late or twice changes nothing."""
        late = PAYMENT_ORDER[status] < PAYMENT_ORDER[self.status]
        return self if late else Payment(status, problem)


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that the gateway stores; `size` in bytes, `sha256` in lower-case hex."""

    file_id: str
    name: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, kw_only=True)
class AIUse:
    """What a machine did in a version of the work, as the candidate declares it."""

    level: str
    tools: list[str] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class Submission:
    """One version of the work, never changed afterwards."""

    deliverable_id: str
    version: int
    files: list[File]
    note: str
    submitted_at: datetime
    late: bool
    ai_use: AIUse | None = None


@dataclass(frozen=True)
class Revision:
    """What the company wants changed, by acceptance criterion."""

    round: int
    criteria: list[str]
    comment: str
    requested_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class Cancellation:
    """How an engagement ended without accepted work; `comment` is what the canceller wrote.

    `cause` is the canceller's reason; `fault` follows from what is on record, not from that.
    """

    reason: str
    fault: Fault
    comment: str
    cancelled_at: datetime
    cause: str | None = None


@dataclass(frozen=True)
class Freeze:
    """A dispute that stands still on the state it interrupted."""

    dispute_id: str
    opened_at: datetime
    interrupted: Status
    due_at: datetime | None
    others: list[str] = field(default_factory=list)  # Open too: a chargeback beside a dispute.

    def with_other(self, dispute_id: str) -> "Freeze":
        return replace(self, others=[*self.others, dispute_id])

    def without(self, dispute_id: str) -> "Freeze | None":
        """What still freezes when this one is over; None where it was the only one."""
        left = [id_ for id_ in (self.dispute_id, *self.others) if id_ != dispute_id]
        return replace(self, dispute_id=left[0], others=left[1:]) if left else None

    def thawed(self, moment: datetime | None, resolved_at: datetime) -> datetime | None:
        """This moment, later by as long as the dispute lasted."""
        return moment and moment + max(resolved_at - self.opened_at, timedelta())


# What to tell somebody whose wish does not fit the status.
SENTENCES = {
    Status.AWAITING_FUNDING: "The fee is not held yet; this can go on once it is.",
    Status.KICKOFF_PENDING: "Both sides sign the kick-off first.",
    Status.ACTIVE: "The work is under way and nothing has been handed in yet.",
    Status.SUBMITTED: "The work is under review; wait for the company's answer.",
    Status.REVISION_REQUESTED: "A revision is under way; wait for the next version.",
    Status.COMPLETED: "The work is accepted; nothing changes it any more.",
    Status.CANCELLED: "The engagement is cancelled; nothing changes it any more.",
    Status.DISPUTED: "A dispute is open; everything stands still until it is decided.",
}
