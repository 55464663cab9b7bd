"""The dispute about an engagement's money: each step recorded and told, its end carried out."""

from datetime import datetime

from services.payments import events
from services.payments.domain.custody import Approval, Consent, Limits, Movement
from services.payments.domain.dispute_parts import (
    CANDIDATE,
    COMPANY,
    OPERATOR,
    SILENCE,
    Act,
    Post,
    Split,
    Step,
)
from services.payments.domain.disputes import Dispute
from services.payments.domain.guarded import Guarded
from services.payments.domain.operations import Kind
from shared.errors import Conflict, Invalid

RESOLVED = "dispute-resolved"


class Contested(Guarded):
    """Every post has the id of the call that made it: what is sent again changes nothing."""

    def open_dispute(self, dispute: Dispute, post: Post) -> None:
        """Freeze what is held; the post's split is what its side asks for, or all of it."""
        if any(one.id == dispute.id for one in self.disputes):
            return
        if self.dispute:
            raise Conflict("already-disputed", "A dispute is open already.")
        if not self.free:
            raise Conflict("nothing-held", "Nothing is held that could be disputed.")
        if any(operation.kind is not Kind.CHARGE for operation in self.under_way):
            raise Conflict("money-under-way", "Money is moving just now: try again in a minute.")
        self._require_whole(post.split)
        dispute.amount = self.free
        dispute.begin(post)
        self.disputes.append(dispute)
        self._tell(
            events.DisputeOpened,
            dispute_id=dispute.id,
            amount=self.free,
            reason=dispute.reason,
            by=dispute.opened_by,
            asked_released=post.split.released if post.split else 0,
            asked_refunded=post.split.refunded if post.split else 0,
            response_due_at=dispute.due_at,
        )
        self._restate(post.at)

    def post(self, post: Post, offer_id: str = "") -> None:
        """What a side, or an operator, adds to the record of the open dispute."""
        if any(dispute.knows(post.id) for dispute in self.disputes):
            return
        dispute = self.dispute
        if dispute is None:
            raise Conflict("no-dispute", "No dispute is open.")
        self._require_whole(post.split)
        {
            Act.STATEMENT: dispute.say,
            Act.OFFER: dispute.propose,
            Act.ACCEPTANCE: lambda post: dispute.accept(offer_id, post),
            Act.ESCALATION: lambda post: dispute.escalate(post, post.at),
            Act.APPEAL: dispute.appeal,
            Act.WAIVER: dispute.waive,
            Act.WITHDRAWAL: dispute.withdraw,
        }[post.act](post)
        self._tell_post(dispute, post)
        self._go_on(post.at)

    def decide_dispute(self, post: Post, limits: Limits) -> None:
        """Decide it, or above the limit ask a second operator to agree to the decision."""
        dispute, split = self.dispute, post.split
        if any(one.knows(post.id) for one in self.disputes) or split is None:
            return
        if dispute is None:
            raise Conflict("no-dispute", "No dispute is open.")
        self._require_whole(split)
        dispute.require_decidable(post.person_id)
        if limits.needs_two(split.total, self.currency):
            wish = (Movement.DECISION, split.total, split, post.text, post.person_id, post.at)
            self.ask_consent(Approval(post.id, *wish))
        else:
            self._decide_dispute(dispute, post, post.person_id)

    def approve(self, id_: str, by: str, now: datetime) -> None:
        """A second operator agrees: it happens now."""
        approval = self._approval(id_, by)
        self._consent(approval, Consent.APPROVED, by, "", now)
        if approval.kind is Movement.REFUND:
            self.refund(approval.id, approval.amount, approval.reason, now)
            return
        if self.dispute is None:
            raise Conflict("no-dispute", "The dispute is not open any more.")
        self._require_whole(approval.split)
        about = (approval.by, now, approval.reason)
        post = Post(approval.id, Act.DECISION, OPERATOR, *about, split=approval.split)
        self._decide_dispute(self.dispute, post, approval.by, by)

    def tick(self, now: datetime) -> None:
        """What the clock does to the dispute; harmless at any time."""
        dispute = self.dispute
        before = dispute.step if dispute else Step.FINAL
        if dispute and dispute.lapse(now):
            self._tell_lapse(dispute, before)
            self._go_on(now)

    def refund(self, decision_id: str, amount: int | None, reason: str, now: datetime) -> None:
        raise NotImplementedError

    def divide(self, split: Split, reason: str, now: datetime) -> None:
        """Split all that is held between candidate (less the platform's share) and company."""
        raise NotImplementedError

    def _go_on(self, now: datetime) -> None:
        dispute = self.dispute
        if dispute and dispute.step is not Step.FINAL and not self.free:
            dispute.moot()
        if dispute and dispute.step is Step.FINAL and not self.held_back:
            self._conclude(dispute, now)
        self._advance(now)

    def _advance(self, now: datetime) -> None:
        raise NotImplementedError

    def _decide_dispute(self, dispute: Dispute, post: Post, *deciders: str) -> None:
        dispute.decide(post, *deciders)
        self._tell_decision(dispute)
        self._go_on(post.at)

    def _conclude(self, dispute: Dispute, now: datetime) -> None:
        """Carry out how it ended; of what a chargeback has taken meanwhile nobody gets anything."""
        split = dispute.verdict.within(self.free) if dispute.verdict else None
        dispute.close(split, now)
        self._tell(
            events.DisputeResolved,
            dispute_id=dispute.id,
            outcome=dispute.outcome,
            released_amount=dispute.released_amount,
            refunded_amount=dispute.refunded_amount,
            basis=dispute.basis,
        )
        if split:
            self.divide(split, RESOLVED, now)

    def _require_whole(self, split: Split | None) -> None:
        if split and (min(split.released, split.refunded) < 0 or split.total != self.free):
            message = f"both amounts together must be {self.free}"
            fields = {"released_amount": message, "refunded_amount": message}
            raise Invalid(
                "split-not-whole", "Both amounts together are exactly what is held.", fields
            )

    def _who_has_to_act(self, now: datetime) -> str | None:
        if self.dispute:
            parties = {COMPANY: self.org_id, CANDIDATE: self.candidate_id}
            return parties.get(self.dispute.waits_for or "")
        return super()._who_has_to_act(now)

    def _next_due(self, now: datetime) -> datetime | None:
        dues = [super()._next_due(now), self.dispute.due_at if self.dispute else None]
        return min((due for due in dues if due), default=None)

    def _tell_post(self, dispute: Dispute, post: Post) -> None:
        about = {"dispute_id": dispute.id, "by": post.by, "due_at": dispute.due_at or post.at}
        if post.act is Act.STATEMENT:
            self._tell(events.DisputeResponded, **about)
        elif post.act is Act.OFFER and post.split:
            amounts = {
                "released_amount": post.split.released,
                "refunded_amount": post.split.refunded,
            }
            self._tell(events.DisputeOffered, **about, offer_id=post.id, **amounts)
        elif post.act is Act.APPEAL:
            self._tell(events.DisputeAppealed, **about)
        elif post.act is Act.ESCALATION:
            self._tell(events.DisputeEscalated, **about, reminder=False)

    def _tell_lapse(self, dispute: Dispute, before: Step) -> None:
        """The clock has moved it on: silence decides, leaves it to an operator, or is late."""
        if dispute.step is Step.APPEAL:
            self._tell_decision(dispute)
        elif dispute.step in (Step.DECISION, Step.REVIEW):
            about = {"dispute_id": dispute.id, "by": SILENCE, "due_at": dispute.due_at}
            self._tell(events.DisputeEscalated, **about, reminder=before is dispute.step)

    def _tell_decision(self, dispute: Dispute) -> None:
        if dispute.step is Step.APPEAL and dispute.verdict:
            self._tell(
                events.DisputeDecided,
                dispute_id=dispute.id,
                by=SILENCE if dispute.basis == SILENCE else OPERATOR,
                released_amount=dispute.verdict.released,
                refunded_amount=dispute.verdict.refunded,
                appeal_until=dispute.due_at,
            )
