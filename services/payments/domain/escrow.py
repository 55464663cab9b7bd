"""What may be done with the money of one engagement: charge, release, pay, return, split."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.payments import events
from services.payments.domain.contested import Contested
from services.payments.domain.dispute_parts import Split
from services.payments.domain.extras import NO_METHOD, Share
from services.payments.domain.hold import Decision, Status
from services.payments.domain.operations import Kind, Operation, Outcome, State
from services.payments.domain.repayments import Repayments
from shared.errors import Conflict, Invalid

BY_OPERATOR = "operator-refund"
SPONSOR_FAILED = "sponsor-charge-failed"


@dataclass
class Escrow(Repayments, Contested):
    """Every decision is recorded here with its key before the bank hears of it."""

    def fund(self, card_id: str | None, now: datetime, shares: Sequence[Share] = ()) -> None:
        """Charge the fee; the same acceptance announced twice charges once."""
        if self.opened_at:
            return
        self.opened_at = now
        self._charge(card_id, now, shares)
        self._advance(now)

    def retry(self, decision_id: str, card_id: str | None, now: datetime) -> None:
        """Charge again after a failure: a new decision, so a new key."""
        if self._decided(decision_id):
            return
        if self.status is not Status.FAILED:
            raise Conflict("payment-not-failed", "Only a failed payment can be tried again.")
        if card_id is None:
            raise Conflict(NO_METHOD, "Set a payment method first.")
        if self._missing <= 0:
            raise Conflict("money-under-way", "A charge is under way: try again in a minute.")
        self.decisions.append(Decision(decision_id, "retry", now))
        self._charge(card_id, now)
        self._advance(now)

    def accept(self, account_id: str | None, now: datetime) -> None:
        """The work was accepted: release all, now or once it is held and undisputed."""
        if self.accepted_at or self.closing:
            return
        self.accepted_at = now
        self.proceed(account_id, now)

    def close(self, reason: str, now: datetime, pay: int = 0) -> None:
        """The work ends unaccepted: all but the candidate's minimum `pay` goes back, and a pending
        charge is called off.
        """
        if self.accepted_at or self.closing:
            return
        self.closing, self.closing_at, self.parting = reason, now, pay
        self._advance(now)

    def refund(self, decision_id: str, amount: int | None, reason: str, now: datetime) -> None:
        """Give back this much of what is held, or all of it, which closes the escrow."""
        if self._decided(decision_id):
            return
        amount = self.free if amount is None else amount
        self.require_refundable(amount)
        self.decisions.append(Decision(decision_id, "refund", now, reason))
        if amount == self.free:
            self.closing, self.closing_at = BY_OPERATOR, now
        self.returning, self.return_reason = self.returning + amount, BY_OPERATOR
        self._advance(now)

    def require_refundable(self, amount: int) -> None:
        """Raise Conflict or Invalid where this much cannot be given back now."""
        self._require_unfrozen()
        if not self.free:
            raise Conflict("nothing-held", "Nothing is held that could be given back.")
        if not 0 < amount <= self.free:
            message = f"must be between 1 and {self.free}"
            raise Invalid("refund-amount-wrong", f"The amount {message}.", {"amount": message})

    def divide(self, split: Split, reason: str, now: datetime) -> None:
        """Split all that is held between candidate (less the platform's share) and company."""
        self.closing, self.closing_at = self.closing or reason, self.closing_at or now
        if split.released:
            self._release(split.released, now)
        self.returning, self.return_reason = self.returning + split.refunded, reason

    def proceed(self, account_id: str | None, now: datetime, *, at_once: bool = False) -> None:
        """Decide what can be decided now; `at_once` forgets the wait after a refusal."""
        if self.retry_at and (at_once or self.retry_at <= now):
            self.retry_at = None
        self._advance(now)
        if account_id and self.sendable(now) and self.undecided(now):
            self._draw(Kind.TRANSFER, self.sendable(now), now, party=account_id)
        self._restate(now)

    def record(self, key: str, outcome: Outcome, now: datetime) -> None:
        """Take in what became of an operation; an answer that is known already changes nothing."""
        operation = next(operation for operation in self.operations if operation.key == key)
        before = operation.state
        if operation.learn(outcome, now):
            follow = {
                Kind.CHARGE: self._charged,
                Kind.TRANSFER: self._transferred,
                Kind.REFUND: self._went_back,
                Kind.REVERSAL: self._taken_back,
            }[operation.kind]
            follow(operation, outcome, now)
        elif operation.state is State.ACTION and before is not State.ACTION:
            self._ask_to_confirm(operation)
        self._advance(now)

    def mark_posted(self, keys: list[str], now: datetime) -> None:
        """The journal has the entries of these operations."""
        for operation in self.operations:
            operation.posted = operation.posted or operation.key in keys
        self._restate(now)

    def _charge(self, card_id: str | None, now: datetime, shares: Sequence[Share] = ()) -> None:
        """Charge what is missing of the fee, each sponsor its share and the company the rest."""
        self.failure_code = None
        self._charge_shares(shares, now)
        missing = self._missing
        if not self.amount:
            self._announce_funding()  # Unpaid work: nothing to charge, and nobody waits.
        elif missing and card_id:
            self._decide(Kind.CHARGE, missing, now, party=card_id)
        elif missing:
            self._fail(NO_METHOD, retryable=True)

    @property
    def _missing(self) -> int:
        """Of the fee, what is neither held nor being charged (a sponsor's bank may take a day)."""
        fees = (one for one in self.under_way if one.kind is Kind.CHARGE and not one.purpose)
        return self.amount - (self.funded - self.added) - sum(one.amount for one in fees)

    def _charged(self, operation: Operation, outcome: Outcome, now: datetime) -> None:
        if operation.purpose:
            return self._extra_charged(operation, outcome, now)
        succeeded = outcome.state is State.SUCCEEDED
        self.funded += operation.amount if succeeded else 0
        if self.closing:
            return None  # Nobody waits for this charge any more; what it brought goes back.
        if succeeded and self.is_funded:
            self._announce_funding()
        elif not succeeded and operation.payer:
            self._sponsor_failed(operation, outcome.code)
            self._fail(SPONSOR_FAILED, retryable=outcome.retryable)
        elif not succeeded:
            self._fail(outcome.code, retryable=outcome.retryable)
        return None

    def _announce_funding(self) -> None:
        self._tell(events.PaymentFunded, application_id=self.application_id, amount=self.amount)

    def _fail(self, code: str, *, retryable: bool) -> None:
        self.failure_code = code
        about = {"application_id": self.application_id, "amount": self.amount}
        self._tell(events.PaymentFailed, **about, code=code, retryable=retryable)

    def _transferred(self, operation: Operation, outcome: Outcome, now: datetime) -> None:
        amount = operation.amount
        if outcome.state is State.SUCCEEDED:
            self.paid += amount
            complete = bool(self.released_at) and not self.owed
            self._tell(events.PayoutPaid, amount=amount, paid_at=now, complete=complete)
        else:
            self.retry_at = now + self._patience(Kind.TRANSFER)
            failure = {"code": outcome.code, "retryable": outcome.retryable}
            self._tell(events.PayoutFailed, amount=amount, **failure)

    def _went_back(self, operation: Operation, outcome: Outcome, now: datetime) -> None:
        if operation.again:
            self._sent_again(operation, outcome)
        elif outcome.state is State.SUCCEEDED:
            self.refunded += operation.amount
            self._tell_refund(operation.amount, operation.reason)
        else:
            self.retry_at = now + self._patience(Kind.REFUND)

    def _advance(self, now: datetime) -> None:
        """Decide what follows without anybody being asked: release, give back, or close empty."""
        if not self.frozen:
            if self.closing:
                self._let_go(now)
            elif self.accepted_at and self.is_funded and (self.free or not self.released_at):
                self._release(self.free, now)
            if self.unsent_reclaim and self.undecided(now):
                self._reclaim(now)
            if self.unsent_refund and self.undecided(now):
                self._draw(Kind.REFUND, self.unsent_refund, now, reason=self.return_reason or "")
        self._restate(now)

    def _let_go(self, now: datetime) -> None:
        reason = self.closing or ""
        if self.parting and self.free:
            self._pay_parting(now)
        if self.free:
            self.returning, self.return_reason = self.returning + self.free, reason
        if not self.funded and not self.under_way and not self.closed_at:
            self.closed_at = now
            self._tell_refund(0, reason)

    def _tell_refund(self, amount: int, reason: str) -> None:
        about = {"amount": amount, "refunded_amount": self.refunded, "reason": reason}
        self._tell(events.PaymentRefunded, **about)

    def _release(self, amount: int, now: datetime) -> None:
        fee = self.fee_on(amount)
        self.released, self.fee_taken = self.released + amount, self.fee_taken + fee
        self.released_at = self.released_at or now
        if amount:
            kept_until = self._kept_until(now)
            operation = self._decide(Kind.RELEASE, amount, now, available_at=kept_until)
            operation.learn(Outcome(State.SUCCEEDED, fee_amount=fee), now)
        self._tell(events.PayoutReleased, amount=amount - fee, fee_amount=fee)
        if amount == fee:
            # There is nothing to send.
            self._tell(events.PayoutPaid, amount=0, paid_at=now, complete=not self.owed)
