"""Money that a company asks back, and the candidate agrees to give: before or after the release."""

from dataclasses import dataclass, field
from datetime import datetime

from services.payments.domain.extras import Extras
from services.payments.domain.operations import BONUS, Kind, Operation, Outcome, State
from services.payments.domain.policies import ANSWER_WITHIN, too_late
from services.payments.events import extras as news
from shared.errors import Conflict, Invalid, NotFound

AGREED = "agreed-repayment"


@dataclass
class Repayment:
    """A company's wish: so much of the fee back, the platform's share of it included."""

    id: str
    amount: int
    reason: str
    asked_at: datetime
    answer_by: datetime
    agreed: bool | None = None
    answered_at: datetime | None = None

    def open(self, now: datetime) -> bool:
        """Silence is a no."""
        return self.agreed is None and now < self.answer_by


@dataclass
class Repayments(Extras):
    """At most one wish is open at a time."""

    repayments: list[Repayment] = field(default_factory=list)

    @property
    def recoverable(self) -> int:
        """The fee that was released and stands, share included; bonuses are gifts and stay."""
        gifts = sum(
            one.amount for one in self.operations if one.kind is Kind.RELEASE and _gift(one)
        )
        return self.released - gifts - self.reclaiming

    def open_repayment(self, now: datetime) -> Repayment | None:
        return next((one for one in self.repayments if one.open(now)), None)

    def ask_repayment(self, id_: str, amount: int, reason: str, now: datetime) -> None:
        """Ask the candidate to give this much back; the answer is theirs alone."""
        if any(one.id == id_ for one in self.repayments):
            return
        self._require_repayable(now)
        most = self.recoverable if self.released_at else self.free
        if not 0 < amount <= most:
            message = f"must be between 1 and {most}"
            raise Invalid("repayment-amount-wrong", f"The amount {message}.", {"amount": message})
        wish = Repayment(id_, amount, reason, now, now + ANSWER_WITHIN)
        self.repayments.append(wish)
        about = {"request_id": id_, "amount": amount, "reason": reason}
        self._tell(news.RepaymentAsked, **about, answer_by=wish.answer_by)

    def answer_repayment(self, id_: str, agreed: bool, now: datetime) -> None:
        """Agree, and the money goes back; or not, and it stays. The same answer again is none."""
        wish = next((one for one in self.repayments if one.id == id_), None)
        if wish is None:
            raise NotFound("repayment-not-found", "There is no such request.")
        if wish.agreed is agreed:
            return
        if not wish.open(now):
            raise Conflict("repayment-answered", "It is answered, or the time for that is over.")
        if agreed:
            self._give(wish.amount, now)
        wish.agreed, wish.answered_at = agreed, now
        self._tell(news.RepaymentAnswered, request_id=id_, amount=wish.amount, agreed=agreed)
        self._restate(now)

    def _require_repayable(self, now: datetime) -> None:
        self._require_unfrozen()
        if self.open_repayment(now):
            raise Conflict("repayment-open", "A request waits for its answer already.")
        if self.released_at and too_late(self.released_at, now):
            raise Conflict("repayment-too-late", "The fee was released more than 180 days ago.")
        if not self.released_at and not self.free:
            raise Conflict("nothing-held", "Nothing is held that could be given back.")

    def _give(self, amount: int, now: datetime) -> None:
        self._require_unfrozen()
        if not self.released_at:
            if amount > self.free:
                raise Conflict("nothing-held", "Less is held by now: ask again.")
            self.returning, self.return_reason = self.returning + amount, AGREED
            return
        if self.owed:
            raise Conflict("payout-under-way", "The payout is on its way: answer once it is paid.")
        if amount > self.recoverable:
            raise Conflict("nothing-released", "Less is left by now: ask again.")
        self.reclaiming += amount

    def _reclaim(self, now: datetime) -> None:
        """Take back from the transfers, the newest first, what was agreed and is not on its way.

        The platform gives back its part of its share too.
        """
        left = self.unsent_reclaim
        share = left * self.fee_taken // max(1, self.recoverable + self.reclaiming)
        net = left - share
        for transfer in reversed([one for one in self.operations if _paid(one)]):
            part = min(net, transfer.amount - self._taken_from(transfer))
            if part > 0:
                given = share if part == net else share * part // net
                self._reverse(transfer, part, given, now)
                net, share = net - part, share - given

    def _reverse(self, transfer: Operation, amount: int, share: int, now: datetime) -> None:
        about = {"source_id": transfer.bank_id, "charge_id": transfer.charge_id}
        reversal = self._decide(Kind.REVERSAL, amount, now, **about, reason=AGREED)
        reversal.share_amount = share

    def _taken_from(self, transfer: Operation) -> int:
        of = (one for one in self.operations if one.source_id == transfer.bank_id)
        return sum(one.amount for one in of if one.state is not State.FAILED)

    def _taken_back(self, reversal: Operation, outcome: Outcome, now: datetime) -> None:
        """What came back goes on to who paid; what did not come is asked for again later."""
        if outcome.state is not State.SUCCEEDED:
            self.retry_at = now + self._patience(Kind.REVERSAL)
            return
        reversal.fee_amount = reversal.share_amount
        gross = reversal.gross
        self.paid -= reversal.amount
        self.released, self.fee_taken = self.released - gross, self.fee_taken - reversal.fee_amount
        self.reclaiming -= gross
        self.returning, self.return_reason = self.returning + gross, AGREED


def _paid(one: Operation) -> bool:
    return one.kind is Kind.TRANSFER and one.state is State.SUCCEEDED


def _gift(one: Operation) -> bool:
    return one.purpose == BONUS
