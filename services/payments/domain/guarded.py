"""Money that is held back: freezes, chargebacks, a second operator's consent, and its age."""

from datetime import datetime
from typing import Any

from services.payments import events
from services.payments.domain.custody import (
    ALERTS,
    DAY,
    HOLDING_LIMIT,
    Approval,
    Chargeback,
    ChargebackState,
    Consent,
    Freeze,
    next_alert,
)
from services.payments.domain.operations import Kind, Outcome, State
from services.payments.domain.refunding import Refunding
from shared.errors import Conflict, Forbidden, NotFound, NotYet

LOST = "chargeback-lost"


class Guarded(Refunding):
    """What operators and the card network do to a hold. `by` is an operator's id."""

    @property
    def open_chargebacks(self) -> list[Chargeback]:
        return [chargeback for chargeback in self.chargebacks if chargeback.open]

    @property
    def waiting_approvals(self) -> list[Approval]:
        return [approval for approval in self.approvals if approval.waiting]

    def freeze(self, id_: str, reason: str, by: str, now: datetime) -> None:
        """Let nothing move any more; what the bank was asked for already comes to its end."""
        if any(freeze.id == id_ for freeze in self.freezes):
            return
        if self.freeze_now:
            raise Conflict("frozen-already", "The money is frozen already.")
        self.freezes.append(Freeze(id_, reason, by, now))
        self._tell(events.FundsFrozen, amount=self.held)
        self._restate(now)

    def unfreeze(self, reason: str, by: str, now: datetime) -> None:
        """Lift the freeze; a dispute or a chargeback may go on holding the money."""
        freeze = self.freeze_now
        if freeze is None:
            raise Conflict("not-frozen", "The money is not frozen by an operator.")
        freeze.lifted_at, freeze.lifted_by, freeze.lift_reason = now, by, reason
        self._tell(events.FundsUnfrozen, amount=self.held)
        self._go_on(now)

    def charged_back(self, id_: str, key: str, amount: int, now: datetime) -> None:
        """The network took a charge's money back for the time being: freeze, and book it."""
        if self._chargeback(id_):
            return
        charge = next((one for one in self.charges if one.key == key), None)
        if charge is None:
            raise NotYet("charge-unknown", "The charge has not been recorded yet.")
        self.chargebacks.append(Chargeback(id_, key, charge.bank_id, amount, now))
        self._book(Kind.CHARGEBACK, self.chargebacks[-1], amount, now)
        self._tell(events.ChargebackOpened, chargeback_id=id_, amount=amount)
        self._restate(now)

    def chargeback_cost(self, id_: str, fee: int, returned: int, now: datetime) -> None:
        """What the processor has asked for it until now, and what of that it has given back.

        Both only grow, so that what is told late, or twice, changes nothing.
        """
        chargeback = self._chargeback(id_)
        if chargeback is None:
            return
        if (more := fee - chargeback.fee) > 0:
            chargeback.fee = fee
            self._book(Kind.CHARGEBACK_FEE, chargeback, more, now)
        if (more := returned - chargeback.fee_returned) > 0:
            chargeback.fee_returned = returned
            self._book(Kind.CHARGEBACK_FEE_RETURNED, chargeback, more, now)
        self._restate(now)

    def chargeback_won(self, id_: str, now: datetime) -> None:
        """The network gave the money back."""
        chargeback = self._chargeback(id_)
        if chargeback is None or not chargeback.open:
            return
        self._book(Kind.CHARGEBACK_WON, chargeback, chargeback.amount, now)
        self._close(chargeback, ChargebackState.WON, now)

    def chargeback_lost(self, id_: str, now: datetime) -> None:
        """The money is gone: what was owed to its payer for a failed refund and what is still held
        pay for it, the rest is the platform's loss.
        """
        chargeback = self._chargeback(id_)
        if chargeback is None or not chargeback.open:
            return
        covered = self._make_up(chargeback.charge_id, chargeback.amount)
        left = chargeback.amount - covered
        chargeback.taken = taken = min(left, self.free + max(self.unsent_refund, 0))
        self.returning -= max(taken - self.free, 0)
        self.lost += taken
        loss = {"loss_amount": left - taken, "covered_amount": covered}
        self._book(Kind.CHARGEBACK_LOST, chargeback, chargeback.amount, now, **loss)
        if taken and not self.free:
            self.closing, self.closing_at = self.closing or LOST, self.closing_at or now
        self._close(chargeback, ChargebackState.LOST, now)

    def prepare_answer(self, id_: str, evidence: str, by: str, now: datetime) -> None:
        """Keep what the network is to be told; it can be told once."""
        chargeback = self._chargeback(id_)
        if chargeback is None:
            raise NotFound("chargeback-not-found", "There is no such chargeback.")
        if chargeback.submitted_at or not chargeback.open:
            raise Conflict("chargeback-answered", "It was answered already, or is closed.")
        chargeback.evidence, chargeback.evidence_by = evidence, by
        self._restate(now)

    def mark_answered(self, id_: str, now: datetime) -> None:
        chargeback = self._chargeback(id_)
        if chargeback and chargeback.submitted_at is None:
            chargeback.submitted_at = now
        self._restate(now)

    def ask_consent(self, approval: Approval) -> None:
        """Let a second operator approve it or reject it."""
        if any(one.id == approval.id for one in self.approvals):
            return
        self.approvals.append(approval)
        self._tell_operators(
            events.ApprovalRequested,
            approval_id=approval.id,
            kind=approval.kind.value,
            amount=approval.amount,
            reason=approval.reason,
        )
        self._restate(approval.at)

    def reject(self, id_: str, reason: str, by: str, now: datetime) -> None:
        """Nothing happens; whoever asked may ask again."""
        self._consent(self._approval(id_, by), Consent.REJECTED, by, reason, now)
        self._restate(now)

    def tell_age(self, now: datetime) -> None:
        """Tell operators of money that has been held for long."""
        if self.alert_at is None or now < self.alert_at or self.held_since is None:
            return
        self.alerts_told = sum(now >= self.held_since + days * DAY for days in ALERTS)
        self._tell_operators(
            events.FundsAged,
            amount=self.held,
            held_since=self.held_since,
            days=ALERTS[self.alerts_told - 1],
            limit_at=self.held_since + HOLDING_LIMIT * DAY,
        )
        self._restate(now)

    def _go_on(self, now: datetime) -> None:
        """Decide what waited for money that is free again."""
        raise NotImplementedError

    def _close(self, chargeback: Chargeback, state: ChargebackState, now: datetime) -> None:
        chargeback.state, chargeback.closed_at = state, now
        about = {"chargeback_id": chargeback.id, "amount": chargeback.amount}
        self._tell(events.ChargebackClosed, **about, outcome=state.value)
        self._go_on(now)

    def _book(
        self, kind: Kind, chargeback: Chargeback, amount: int, now: datetime, **about: Any
    ) -> None:
        about |= {"charge_id": chargeback.charge_id}
        operation = self._decide(kind, amount, now, **about)
        operation.learn(Outcome(State.SUCCEEDED, bank_id=chargeback.id), now)

    def _chargeback(self, id_: str) -> Chargeback | None:
        return next((one for one in self.chargebacks if one.id == id_), None)

    def _approval(self, id_: str, by: str) -> Approval:
        approval = next((one for one in self.approvals if one.id == id_), None)
        if approval is None:
            raise NotFound("approval-not-found", "There is no such approval.")
        if not approval.waiting:
            raise Conflict("approval-closed", f"It was {approval.state.value} already.")
        if approval.by == by:
            raise Forbidden("same-operator", "Another operator has to agree to it.")
        return approval

    def _consent(
        self, approval: Approval, state: Consent, by: str, reason: str, now: datetime
    ) -> None:
        approval.state, approval.closed_by, approval.closed_at = state, by, now
        approval.closing_reason = reason

    def _restate(self, now: datetime) -> None:
        if not self.held:
            self.held_since, self.alerts_told = None, 0
        elif self.held_since is None:
            self.held_since = now
        since = self.held_since
        self.alert_at = next_alert(since, self.alerts_told) if since else None
        super()._restate(now)
        opened = [one.opened_at for one in self.open_chargebacks]
        opened += [one.at for one in self.waiting_approvals]
        opened += [self.dispute.opened_at] if self.dispute else []
        opened += [self.freeze_now.at] if self.freeze_now else []
        self.watched_since = min(opened, default=None)

    def _tell_operators(self, fact: Any, **data: Any) -> None:
        """Nobody else hears of it: it names neither the company nor the candidate."""
        self.events.append(fact(engagement_id=self.id, currency=self.currency, **data))
