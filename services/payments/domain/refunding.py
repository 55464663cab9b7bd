"""Refunds that fail after they had succeeded: owed to who had paid, until they are sent again."""

from dataclasses import dataclass, field
from datetime import datetime

from services.payments.domain.hold import Decision, Hold
from services.payments.domain.operations import FAILED_LATER, Kind, Operation, Outcome, State
from services.payments.events import RefundFailed
from shared.errors import Conflict

RESEND = "resend"


@dataclass
class Refunding(Hold):
    """What came back is no part of the hold: it left that when the bank said it was given back."""

    creditors: list[str] = field(default_factory=list)  # To whom a failed refund is owed.

    @property
    def refunds(self) -> list[Operation]:
        return [one for one in self.operations if one.kind is Kind.REFUND]

    @property
    def failed_refunds(self) -> list[Operation]:
        """Those that are owed and are not being sent again, the oldest first."""
        alive = {one.again for one in self.refunds if one.state is not State.FAILED}
        failed = (one for one in self.refunds if one.failed_at and one.key not in alive)
        return [one for one in failed if one.unsettled]

    @property
    def owed_back(self) -> int:
        """What the company, or a sponsor, was given back and did not get."""
        done = (one for one in self.refunds if one.state is State.SUCCEEDED and one.again)
        owed = sum(one.unsettled for one in self.refunds if one.failed_at)
        return owed - sum(one.amount for one in done)

    def refund_failed(self, key: str, outcome: Outcome, now: datetime) -> None:
        """The bank could not give it back after all; its payer decides what becomes of it."""
        refund = next(one for one in self.refunds if one.key == key)
        if refund.failed_at or refund.state is not State.SUCCEEDED:
            return
        refund.failed_at, refund.error_code = now, outcome.code
        back = Operation(
            key=f"{key}{FAILED_LATER}",
            kind=Kind.REFUND_FAILED,
            amount=refund.amount,
            currency=refund.currency,
            created_at=now,
            charge_id=refund.charge_id,
        )
        back.learn(Outcome(State.SUCCEEDED, bank_id=refund.bank_id), now)
        self.operations.append(back)
        self._tell_failed(refund, outcome.code)
        self._restate(now)

    def resend_refund(self, decision_id: str, number: int, now: datetime) -> None:
        """Send what is owed of a failed refund to the same card: a new decision, and a new key."""
        if self._decided(decision_id):
            return
        self._require_unfrozen()
        refund = next((one for one in self.failed_refunds if number_of(one) == number), None)
        if refund is None:
            raise Conflict("refund-not-failed", "Only a refund that failed can be sent again.")
        self.decisions.append(Decision(decision_id, RESEND, now))
        about = {"charge_id": refund.charge_id, "reason": refund.reason, "again": refund.key}
        self._decide(Kind.REFUND, refund.unsettled, now, **about)
        self._restate(now)

    def _sent_again(self, refund: Operation, outcome: Outcome) -> None:
        """Where the bank refuses it, too, it stays owed."""
        if outcome.state is State.FAILED:
            self._tell_failed(refund, outcome.code)

    def _make_up(self, charge_id: str, most: int) -> int:
        """What a lost chargeback has brought its payer of what was owed to them anyway."""
        covered = 0
        for refund in self.failed_refunds:
            if refund.charge_id == charge_id:
                part = min(refund.unsettled, most - covered)
                refund.settled_amount += part
                covered += part
        return covered

    def _tell_failed(self, refund: Operation, code: str) -> None:
        """For who had paid; the candidate has no part in it."""
        self.events.append(
            RefundFailed(
                engagement_id=self.id,
                project_id=self.project_id,
                org_id=self.payer_of(refund.charge_id),
                number=number_of(refund),
                amount=refund.amount,
                currency=refund.currency,
                code=code,
            )
        )

    def _restate(self, now: datetime) -> None:
        super()._restate(now)
        self.creditors = sorted({self.payer_of(one.charge_id) for one in self.failed_refunds})


def number_of(refund: Operation) -> int:
    """By which people name a refund of an engagement."""
    return int(refund.key.rpartition(":")[2])
