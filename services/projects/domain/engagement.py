"""An engagement: funded, started by two signatures, delivered, revised, accepted or cancelled."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from services.projects import events as announce
from services.projects.domain.clocks import Clock
from services.projects.domain.delivering import Delivering
from services.projects.domain.ending import Ending
from services.projects.domain.flagging import Flagging
from services.projects.domain.ordering import Ordering
from services.projects.domain.planning import Planning
from services.projects.domain.rights import Rights
from services.projects.domain.starting import Starting
from services.projects.domain.work import (
    ENDED,
    OPEN,
    SENTENCES,
    Fault,
    Freeze,
    PaymentStatus,
    Status,
)
from shared.errors import NotYet


@dataclass
class Engagement(Starting, Delivering, Planning, Ordering, Flagging, Ending, Rights):
    """One candidate's work on one project, from its acceptance to its end."""

    # Review

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

    # Time

    def settle_overdue(self, now: datetime) -> None:
        """What silence means where a limit has passed; nothing if another replica was first."""
        if self.due_at is None or now < self.due_at:
            return None
        if self.status is Status.KICKOFF_PENDING:
            return self._settle_kickoff(now)
        if self.status is Status.AWAITING_FUNDING:
            return self._cancel("unfunded", Fault.COMPANY, now)
        return self._settle_work(now)

    def _clocks(self) -> Iterator[Clock]:
        yield from super()._clocks()
        if self.status is Status.SUBMITTED and self.review_ends_at:
            yield self.review_ends_at, partial(self._accept, automatic=True)

    # Money and disputes, as payments tells of them

    def note_payment(self, status: PaymentStatus, problem: str | None = None) -> None:
        """Show what became of the money, and why a charge failed."""
        self.payment = self.payment.heard(status, problem)

    def note_fee(self, amount: int) -> None:
        """Both sides have agreed on another fee."""
        self.terms = replace(self.terms, fee_amount=amount)

    def note_refund(self, total: int, now: datetime) -> None:
        """A part of the fee given back changes nothing here; all of it ends what has not ended."""
        if total < self.terms.fee_amount + self._taken_off:
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
            self._thaw_clocks(freeze, at)
            self._thaw_kickoff(freeze, at)
