"""An engagement: funded, started by two signatures, delivered, revised, accepted or cancelled."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from services.projects import events as announce
from services.projects.domain.rights import Rights
from services.projects.domain.starting import Starting
from services.projects.domain.work import (
    ENDED,
    OPEN,
    REVISION_TIME,
    SENTENCES,
    Fault,
    File,
    Freeze,
    Party,
    PaymentStatus,
    Revision,
    Status,
    Submission,
)
from shared.errors import Conflict, NotYet


@dataclass
class Engagement(Starting, Rights):
    """One candidate's work on one project, from its acceptance to its end."""

    @property
    def deliverable_id(self) -> str:
        """What is handed in carries one id, however many versions it takes."""
        return f"dlv-{self.id.removeprefix('eng-')}"

    @property
    def rounds_left(self) -> int:
        """How many more revisions the company may ask for."""
        return self.terms.max_revision_rounds - len(self.revisions)

    # Work

    def submit(self, files: list[File], note: str, now: datetime) -> None:
        """Hand in the next version; the review window starts anew."""
        self._require(Status.ACTIVE, Status.REVISION_REQUESTED)
        version, late = len(self.submissions) + 1, bool(self.work_due_at and now > self.work_due_at)
        submission = Submission(self.deliverable_id, version, files, note, now, late)
        self.submissions.append(submission)
        review_due_at = now + timedelta(days=self.terms.review_days)
        self.status, self.due_at = Status.SUBMITTED, review_due_at
        self._announce(
            announce.DeliverableSubmitted,
            deliverable_id=self.deliverable_id,
            version=version,
            files=[asdict(file) for file in files],
            review_due_at=review_due_at,
            late=late,
        )

    def request_revision(self, criteria: list[str], comment: str, now: datetime) -> None:
        """Ask for another version, within the agreed rounds and the review window."""
        self._require(Status.SUBMITTED)
        self.terms.require_criteria(criteria)
        if not self.rounds_left:
            sentence = "All agreed revisions are used; evaluate the work or open a dispute."
            raise Conflict("revision-rounds-used", sentence)
        if self.due_at and now >= self.due_at:
            raise Conflict("review-window-over", "The review window is over: the work is accepted.")
        due_at = self._promise(max(self.work_due_at or now, now + REVISION_TIME))
        self.revisions.append(Revision(len(self.revisions) + 1, criteria, comment, now, due_at))
        self.status = Status.REVISION_REQUESTED
        self._announce(
            announce.RevisionRequested,
            deliverable_id=self.deliverable_id,
            round=len(self.revisions),
            rounds_left=self.rounds_left,
            due_at=due_at,
        )

    def accept(self, now: datetime) -> None:
        """The company takes the work as it is: the fee is due, whether or not anybody rates it."""
        if self.status is not Status.COMPLETED:
            self._require(Status.SUBMITTED)
            self._accept(now, automatic=False)

    def _accept(self, now: datetime, *, automatic: bool) -> None:
        self.automatic = automatic
        self.status, self.completed_at, self.due_at = Status.COMPLETED, now, None
        self._announce(
            announce.DeliverableAccepted,
            deliverable_id=self.deliverable_id,
            automatic=automatic,
            accepted_at=now,
        )
        self._announce(
            announce.EngagementCompleted,
            application_id=self.application_id,
            automatic=automatic,
            hours=self.terms.hours,
            skills=self.terms.skills,
            files=[
                {"name": file.name, "sha256": file.sha256, "media_type": file.media_type}
                for file in self.submissions[-1].files
            ],
            completed_at=now,
        )

    # Ends without accepted work

    def cancel(self, party: Party, comment: str, now: datetime) -> None:
        """End it for one side: nobody's fault before the start, the canceller's afterwards."""
        if self.status is Status.CANCELLED:
            return
        self._require(*OPEN)
        if party is Party.COMPANY and self.submissions:
            sentence = "Work was handed in: evaluate it, ask for a revision, or open a dispute."
            raise Conflict("work-delivered", sentence)
        self._cancel(f"{party}-cancelled", self._leaving(party), now, comment)

    def withdraw(self, now: datetime) -> None:
        """The candidate left; what has ended stays as it ended."""
        if (self.freeze.interrupted if self.freeze else self.status) not in ENDED:
            self._cancel("candidate-withdrew", self._leaving(Party.CANDIDATE), now)

    def settle_overdue(self, now: datetime) -> None:
        """What silence means where a limit has passed; nothing if another replica was first."""
        if self.due_at is None or now < self.due_at:
            return None
        if self.status is Status.SUBMITTED:
            return self._accept(now, automatic=True)
        if self.status is Status.KICKOFF_PENDING:
            return self._settle_kickoff(now)
        if self.status is Status.AWAITING_FUNDING:
            return self._cancel("unfunded", Fault.COMPANY, now)
        return self._cancel("not-delivered", Fault.CANDIDATE, now)

    def _leaving(self, party: Party) -> Fault:
        if self.started_at is None or party is Party.OPERATOR:
            return Fault.NOBODY
        return Fault(party.value)

    # Money and disputes, as payments tells of them

    def note_payment(self, status: PaymentStatus, problem: str | None = None) -> None:
        """Show what became of the money, and why a charge failed."""
        self.payment = self.payment.heard(status, problem)

    def note_refund(self, total: int, now: datetime) -> None:
        """A part of the fee given back changes nothing here; all of it ends what has not ended."""
        if total < self.terms.fee_amount:
            return
        self.payment = self.payment.heard(PaymentStatus.REFUNDED)
        self._revoke_licence(now)
        if self.status in OPEN:
            self._cancel("refunded", Fault.NOBODY, now)

    def open_dispute(self, dispute_id: str, at: datetime) -> None:
        """Stand still: status and limits are put aside until the decision."""
        if dispute_id in self.disputes:
            return
        if self.status is Status.AWAITING_FUNDING:
            raise NotYet("engagement-not-ready", SENTENCES[self.status])
        self.disputes.append(dispute_id)
        if self.freeze:
            self.freeze = self.freeze.with_other(dispute_id)
            return
        self.freeze = Freeze(dispute_id, at, self.status, self.due_at)
        self.status, self.due_at = Status.DISPUTED, None

    def resolve_dispute(self, dispute_id: str, outcome: str, at: datetime) -> None:
        """Go on where the dispute interrupted, unless all the money went back to the company."""
        if dispute_id not in self.disputes:
            raise NotYet("dispute-unknown", "The dispute's opening has not been seen yet.")
        freeze = self.freeze
        if freeze is None or dispute_id not in (freeze.dispute_id, *freeze.others):
            return
        if outcome == "released":
            self.payment = self.payment.heard(PaymentStatus.RELEASED)
        left = freeze.without(dispute_id)
        if left and outcome != "refunded":
            self.freeze = left
            return
        self.status, self.freeze = freeze.interrupted, None
        if self.status in ENDED:
            return
        if outcome == "refunded":
            self._cancel("dispute-refunded", Fault.NOBODY, at)
        else:
            self.due_at = freeze.thawed(freeze.due_at, at)
            self.work_due_at = freeze.thawed(self.work_due_at, at)
            self._thaw_kickoff(freeze, at)
