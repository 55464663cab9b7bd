"""A job that a good result leads to: offered, answered, begun, and asked after."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from services.applications.domain import check_in
from services.applications.domain.check_in import CheckIn, CheckInAnswer, Side
from services.applications.domain.hire_terms import (
    DRAFT_DAYS,
    NO_WORD,
    UNDATED_START,
    HireTerms,
    OfferStatus,
)
from services.applications.events import (
    Event,
    HireCheckInAnswered,
    HireCheckInDue,
    HireOfferAccepted,
    HireOfferDeclined,
    HireOfferDrafted,
    HireOfferDropped,
    HireOfferEnded,
    HireOfferExpired,
    HireOfferExtended,
    HireOfferReminded,
    HireOfferRescinded,
    HireOfferRetained,
    HireOfferStarted,
)
from shared.errors import Conflict, Invalid

CLOCK = "clock"  # Who did what nobody did.


@dataclass
class HireOffer:
    """`due_at` is the next moment at which silence has a meaning."""

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
    rescind_reason: str | None = None
    accepted_at: datetime | None = None
    reminded_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None
    check_ins: list[CheckIn] = field(default_factory=list)
    waits_for_release: bool = False
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def draft(self) -> None:
        """Wait for the company's approval; the candidate does not see it yet."""
        self.due_at = self.created_at + DRAFT_DAYS
        self.events.append(HireOfferDrafted(self.id, **self._whose(), kind=self.terms.kind))

    def hold(self) -> None:
        """The project promised it at once, but it would tell how the work was rated: it is
        extended with the release of the evaluations, or by the company itself before."""
        self.waits_for_release, self.due_at = True, self.created_at + DRAFT_DAYS

    def release(self, now: datetime) -> None:
        """Both sides may read the evaluations now."""
        if self.waits_for_release and self.status is OfferStatus.DRAFTED:
            self.extend(now)

    def extend(self, now: datetime, terms: HireTerms | None = None) -> None:
        """Offer the job, on these terms where given; it stands for their `valid_days`."""
        if self.status is OfferStatus.EXTENDED and terms in (None, self.terms):
            return
        self._require("extended", OfferStatus.DRAFTED)
        self.terms = terms or self.terms
        if self.terms.start_is_past(now.date()):
            field_ = {"starts_on": "Name a day to come."}
            raise Invalid("start-passed", "The job cannot start before today.", field_)
        self.status, self.waits_for_release = OfferStatus.EXTENDED, False
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
        self.status, self.accepted_at = OfferStatus.ACCEPTED, now
        named = self.terms.starts_on
        self.due_at = max(_midnight(named), now) if named else now + UNDATED_START
        self.events.append(HireOfferAccepted(self.id, **self._whose(), kind=self.terms.kind))

    def decline(self, reason: str) -> None:
        if self.status is OfferStatus.DECLINED:
            return
        self._require("declined", OfferStatus.EXTENDED)
        self.status, self.due_at, self.decline_reason = OfferStatus.DECLINED, None, reason
        self.events.append(
            HireOfferDeclined(self.id, **self._whose(), kind=self.terms.kind, reason=reason)
        )

    def rescind(self, reason: str, now: datetime) -> None:
        """The company takes it back before it is answered; a draft goes unheard."""
        if self.status in (OfferStatus.RESCINDED, OfferStatus.DROPPED):
            return
        self._require("rescinded", OfferStatus.EXTENDED, OfferStatus.DRAFTED)
        if self._is_past(now):
            raise Conflict("hire-offer-expired", "This hire offer is over already.")
        if self.status is OfferStatus.DRAFTED:
            self._drop(reason)
            return
        self.status, self.due_at, self.rescind_reason = OfferStatus.RESCINDED, None, reason
        self.events.append(
            HireOfferRescinded(self.id, **self._whose(), kind=self.terms.kind, reason=reason)
        )

    def start(self, side: Side, on: date, now: datetime) -> None:
        """The job has begun that day, as one side says."""
        if self.status is OfferStatus.STARTED:
            return
        self._require("started", OfferStatus.ACCEPTED)
        if not self.created_at.date() <= on <= now.date():
            sentence = "Name a day between the offer and today."
            raise Invalid("start-invalid", sentence, {"started_on": sentence})
        self.status, self.started_at = OfferStatus.STARTED, _midnight(on.isoformat())
        self.due_at = check_in.next_due([], self._began())
        self.events.append(
            HireOfferStarted(
                self.id, **self._whose(), kind=self.terms.kind, by=side, started_at=self._began()
            )
        )

    def end(self, by: str, reason: str, now: datetime) -> None:
        """It never began, or it is over."""
        if self.status in (OfferStatus.LEFT, OfferStatus.NOT_STARTED):
            return
        self._require("ended", OfferStatus.ACCEPTED, OfferStatus.STARTED)
        began = self.status is OfferStatus.STARTED
        self.status = OfferStatus.LEFT if began else OfferStatus.NOT_STARTED
        self.ended_at, self.end_reason, self.due_at = now, reason, None
        self.events.append(
            HireOfferEnded(
                self.id,
                **self._whose(),
                kind=self.terms.kind,
                by=by,
                reason=reason,
                began=began,
            )
        )

    def answer_check_in(self, side: Side, day: int, answer: CheckInAnswer, now: datetime) -> None:
        """One side's word on how it goes; who says that it is over has ended it."""
        asked = check_in.find(self.check_ins, day)
        if asked.answer(side, answer, now):
            self.events.append(HireCheckInAnswered(self.id, **self._whose(), day=day, by=side))
        if self.status is not OfferStatus.STARTED:
            return
        if not answer.employed:
            self.end(side, "check-in", now)
        elif len(asked.answers) == len(Side):
            self._close(asked)

    def pass_time(self, now: datetime) -> None:
        """What silence means in each state; nothing where somebody was faster."""
        if self.due_at is None or now < self.due_at:
            return
        if self.waits_for_release:
            self.release(now)
        elif self.status is OfferStatus.DRAFTED:
            self._drop("no-decision")
        elif self.status is OfferStatus.EXTENDED:
            self.status, self.due_at = OfferStatus.EXPIRED, None
            self.events.append(HireOfferExpired(self.id, **self._whose(), kind=self.terms.kind))
        elif self.status is OfferStatus.ACCEPTED:
            self._miss_start(now)
        elif self.check_ins and self.due_at == self.check_ins[-1].closes_at:
            self._close(self.check_ins[-1])
        else:
            self._ask(now)

    def _miss_start(self, now: datetime) -> None:
        if self.reminded_at is not None:
            self.end(CLOCK, "no-word", now)
            return
        self.reminded_at, self.due_at = now, now + NO_WORD
        self.events.append(
            HireOfferReminded(self.id, **self._whose(), kind=self.terms.kind, answer_by=self.due_at)
        )

    def _ask(self, now: datetime) -> None:
        day = check_in.due_days(self.check_ins, self._began(), now)[-1]
        asked = check_in.ask(day, now)
        self.check_ins.append(asked)
        self.due_at = asked.closes_at
        self.events.append(
            HireCheckInDue(self.id, **self._whose(), day=day, closes_at=asked.closes_at)
        )

    def _close(self, asked: CheckIn) -> None:
        """Both have answered, or the time is over; who was silent has said nothing."""
        self.due_at = check_in.next_due(self.check_ins, self._began())
        if self.due_at is None and asked.answers:
            self.status = OfferStatus.RETAINED
            self.events.append(HireOfferRetained(self.id, **self._whose(), kind=self.terms.kind))

    def _drop(self, reason: str) -> None:
        self.status, self.due_at, self.rescind_reason = OfferStatus.DROPPED, None, reason
        self.waits_for_release = False
        self.events.append(
            HireOfferDropped(self.id, **self._whose(), kind=self.terms.kind, reason=reason)
        )

    def _began(self) -> datetime:
        if self.started_at is None:
            raise Conflict("hire-not-started", "The job has not begun.")
        return self.started_at

    def _is_past(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at

    def _require(self, participle: str, *allowed: OfferStatus) -> None:
        if self.status not in allowed:
            raise Conflict(
                f"hire-offer-{self.status.replace('_', '-')}",
                f"The hire offer is {self.status.replace('_', ' ')}: it cannot be {participle}.",
            )

    def _whose(self) -> dict[str, str]:
        return {
            "engagement_id": self.engagement_id,
            "project_id": self.project_id,
            "org_id": self.org_id,
            "candidate_id": self.candidate_id,
        }


def _midnight(day: str) -> datetime:
    """The first moment of an ISO date in UTC."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
