"""What may be done with a charge. One document, so that each effect is one write."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.payments.domain import Kind, Operation, State
from services.payments.domain.operations import UNCONFIRMED
from services.payments.sandbox_bank import lines
from services.payments.sandbox_bank.booked import Booked
from services.payments.sandbox_bank.cards import CARDS, CHARGEBACK, LOST, TokenCard
from services.payments.sandbox_bank.lines import Chargeback, Move, id_of
from shared.errors import Conflict
from shared.money import Money

FEE_BPS, FEE_FIXED = 290, 30  # What it keeps of a charge: 2.9 % and 30 minor units.
CHARGEBACK_FEE = 1500
REFUND_FAILED = "refund-failed"
PENDING = timedelta(days=2)
KEEPS_KEYS = timedelta(hours=24)  # What comes again later is done again, as processors do.
LATER = timedelta(minutes=1)  # When a refund that is not decided at once is.
CATEGORY = {
    Kind.TRANSFER: "transfer",
    Kind.REFUND: "refund",
    Kind.REVERSAL: "transfer_reversal",
}
PREFIX = {Kind.TRANSFER: "tr", Kind.REFUND: "re", Kind.REVERSAL: "trr"}


@dataclass
class Charge(Booked):
    """A charge and all that draws on it."""

    @classmethod
    def of(
        cls, engagement_id: str, operation: Operation, params: str, token: str, now: datetime
    ) -> "Charge":
        """What comes of charging the card that this token stands for."""
        card = CARDS[token]
        charge = cls(
            id=id_of("ch", operation.key),
            engagement_id=engagement_id,
            key=operation.key,
            amount=operation.amount,
            currency=operation.currency,
            params=params,
            card=token,
            at=now,
            available_at=now,
        )
        charge._begin(card, now)
        return charge

    def confirm(self, confirmed: bool, now: datetime) -> None:
        """The payer says yes or no to their own bank; the same answer again changes nothing."""
        wanted = State.SUCCEEDED if confirmed else State.FAILED
        if self.state is State.ACTION:
            if confirmed:
                self._succeed(now)
            else:
                self._fail("authentication-failed", now)
        elif self.state is not wanted:
            raise Conflict("charge-decided", f"This charge has {self.state.value} already.")

    def cancel(self, now: datetime) -> None:
        """Nobody waits any longer for a payer who has to confirm."""
        if self.state is State.ACTION:
            self._fail(UNCONFIRMED, now)

    def move(self, operation: Operation, params: str, refusal: str, now: datetime) -> Move:
        """Do it, or keep why not; a key that came lately gets what it got then."""
        known = self.move_of(operation.key)
        if known and now - known.at < KEEPS_KEYS:
            return known
        code = refusal or self._refusal(operation)
        move = Move(
            id=f"{PREFIX[operation.kind]}_{self.id[3:]}_{1 + len(self.moves)}",
            key=operation.key,
            kind=operation.kind,
            amount=operation.amount,
            params=params,
            at=now,
            state=State.FAILED if code else State.SUCCEEDED,
            code=code,
            party=operation.party,
            source_id=operation.source_id,
        )
        self.moves.append(move)
        if not code:
            self._carry_out(move, now)
        return move

    def tick(self, now: datetime) -> None:
        """What time alone brings about: refunds that are decided later."""
        for move in self.moves:
            if move.turns_at and move.turns_at <= now:
                self._turn(move, now)

    def open_chargeback(self, inquiry: bool, now: datetime) -> None:
        """The payer disputes the charge; an inquiry only asks, and moves nothing."""
        amount = self.amount - self.refunded
        if self.state is not State.SUCCEEDED or not amount:
            raise Conflict("charge-not-disputable", "There is nothing that could be taken back.")
        if self.chargeback and self.chargeback.status != lines.INQUIRY:
            raise Conflict("already-disputed", "This charge has been disputed already.")
        status = lines.INQUIRY if inquiry else lines.NEEDS_RESPONSE
        id_ = f"dp_{self.id[3:]}"
        self.chargeback = Chargeback(id_, amount, status, now)
        self._tell("charge.dispute.created", now, id_, amount, status=status)
        if not inquiry:
            self.chargeback.fee = CHARGEBACK_FEE
            self._enter("dispute", id_, self.key, -amount, now, CHARGEBACK_FEE)
            self._tell("charge.dispute.funds_withdrawn", now, id_, amount, status=status)

    def answer(self, evidence: str, now: datetime) -> bool:
        """Hand in evidence; False where nobody asks for it. Stripe's test words decide at once."""
        chargeback = self.chargeback
        if not chargeback or chargeback.status not in (lines.NEEDS_RESPONSE, lines.INQUIRY):
            return False
        chargeback.evidence = evidence
        if "winning_evidence" in evidence or "losing_evidence" in evidence:
            self.decide("winning_evidence" in evidence, now)
        elif chargeback.status == lines.NEEDS_RESPONSE:
            self._restate_chargeback(chargeback, lines.UNDER_REVIEW, "updated", now)
        return True

    def decide(self, won: bool, now: datetime) -> None:
        """The payer's bank decides; an inquiry that is lost becomes a chargeback."""
        chargeback = self.chargeback
        if not chargeback:
            raise Conflict("charge-not-disputed", "This charge is not disputed.")
        if chargeback.status == lines.INQUIRY:
            if won:
                self._restate_chargeback(chargeback, lines.INQUIRY_CLOSED, "closed", now)
            else:
                self.open_chargeback(False, now)
        elif chargeback.status in (lines.NEEDS_RESPONSE, lines.UNDER_REVIEW):
            self._restate_chargeback(chargeback, lines.WON if won else lines.LOST, "closed", now)
            if won:
                id_, amount = chargeback.id, chargeback.amount
                back = chargeback.fee if CARDS[self.card].fee_back else 0
                chargeback.fee_returned = back
                self._enter("dispute_reversal", id_, self.key, amount, now, -back)
                self._tell("charge.dispute.funds_reinstated", now, id_, amount, status=lines.WON)

    def _begin(self, card: TokenCard, now: datetime) -> None:
        if card.code and card.code != LOST:
            self._fail(card.code, now)
        elif card.confirmed:
            self._tell("charge.requires_action", now, self.id, self.amount, self.key)
        else:
            self._succeed(now)

    def _succeed(self, now: datetime) -> None:
        card = CARDS[self.card]
        self.available_at = now + PENDING if card.pending else now
        share = Money(self.amount, self.currency).share(FEE_BPS).amount
        self.state, self.fee = State.SUCCEEDED, min(share + FEE_FIXED, self.amount)
        self._enter("charge", self.id, self.key, self.amount, now, self.fee)
        self._tell("charge.succeeded", now, self.id, self.amount, self.key)
        if card.disputed:
            self.open_chargeback(card.disputed != CHARGEBACK, now)

    def _fail(self, code: str, now: datetime) -> None:
        self.state, self.code = State.FAILED, code
        self._tell("charge.failed", now, self.id, self.amount, self.key, code=code)

    def _carry_out(self, move: Move, now: datetime) -> None:
        back = move.kind is Kind.REVERSAL
        if back:
            sent = next(each for each in self.moves if each.id == move.source_id)
            sent.reversed += move.amount
        amount = move.amount if back else -move.amount
        self._enter(CATEGORY[move.kind], move.id, move.key, amount, now)
        behaviour = CARDS[self.card].refunds if move.kind is Kind.REFUND else ""
        first = not any(one.code == REFUND_FAILED for one in self.moves)
        if behaviour and (first or behaviour != "failing-once"):
            failing = behaviour.startswith("failing")
            move.state = State.SUCCEEDED if failing else State.PENDING
            move.turns_at = now + LATER
            move.turns_to = State.FAILED if failing else State.SUCCEEDED
        type_ = "transfer.reversed" if back else f"{move.kind.value}.created"
        self._tell(type_, now, move.id, move.amount, move.key, status=move.state.value)

    def _turn(self, move: Move, now: datetime) -> None:
        move.state, move.turns_at = move.turns_to, None
        if move.state is State.FAILED:
            move.code = REFUND_FAILED
            self._enter("refund_failure", move.id, move.key, move.amount, now)
        type_ = "refund.failed" if move.code else "refund.updated"
        self._tell(type_, now, move.id, move.amount, move.key, move.state.value, move.code)

    def _restate_chargeback(
        self, chargeback: Chargeback, status: str, event: str, now: datetime
    ) -> None:
        chargeback.status = status
        self._tell(f"charge.dispute.{event}", now, chargeback.id, chargeback.amount, status=status)
