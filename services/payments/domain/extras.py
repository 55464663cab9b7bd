"""What moves beside the fee and its release: parts in advance, bonuses, changes, early ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.payments.domain.hold import Decision, Hold
from services.payments.domain.operations import BONUS, Kind, Operation, Outcome, State
from services.payments.events import extras as news
from shared.errors import Conflict, Invalid

MILESTONE, TOP_UP, MINIMUM_PAY = "milestone", "top-up", "minimum-pay"
NO_METHOD = "no-payment-method"


@dataclass(frozen=True)
class Share:
    """What one organisation of several brings of a fee, and on which card."""

    org_id: str
    card_id: str
    amount: int


@dataclass
class Extras(Hold):
    """Each is decided once: the decision has the id of the call that asked for it."""

    parting: int = 0  # What the candidate gets of the fee where the work ends early.
    sponsor_ids: list[str] = field(default_factory=list)  # Who else was charged.

    def release_part(self, id_: str, amount: int, milestone: str, now: datetime) -> None:
        """Owe the candidate a part before all is accepted, less its part of the share."""
        if self._decided(id_):
            return
        self._require_held()
        if not 0 < amount <= self.free:
            raise _wrong("release-amount-wrong", f"must be between 1 and {self.free}")
        self.decisions.append(Decision(id_, MILESTONE, now, milestone))
        self._release_part(amount, self.fee_on(amount), MILESTONE, milestone, now)
        self._restate(now)

    def grant_bonus(
        self, id_: str, amount: int, note: str, card_id: str | None, limit: int, now: datetime
    ) -> None:
        """Charge a bonus; all of it is the candidate's, the platform takes no share."""
        if self._decided(id_):
            return
        if not self.accepted_at:
            raise Conflict("not-accepted", "A bonus is for accepted work: release a part instead.")
        self._require_unfrozen()
        room = limit - self._besides_fee()
        if not 0 < amount <= room:
            raise _wrong("bonus-too-large", f"must be between 1 and {max(room, 0)}")
        self._charge_extra(BONUS, id_, amount, note, card_id, now)

    def raise_fee(
        self, id_: str, amount: int, reason: str, card_id: str | None, now: datetime
    ) -> None:
        """Charge what a change of the work adds to the fee; it counts once it is held."""
        if self._decided(id_):
            return
        self._require_held()
        if amount <= 0:
            raise _wrong("difference-wrong", "must be more than 0")
        self._charge_extra(TOP_UP, id_, amount, reason, card_id, now)

    def amend_fee(self, id_: str, difference: int, card_id: str | None, now: datetime) -> None:
        """What both sides agreed on: more is charged, less goes back as far as it is still held.

        Work that has ended meanwhile is paid as it was.
        """
        if self._decided(id_) or self.accepted_at or self.closing:
            return
        if difference > 0 and card_id:
            self._charge_extra(TOP_UP, id_, difference, "change order", card_id, now)
        elif difference > 0:
            self._extra_failed(TOP_UP, difference, NO_METHOD, retryable=True)
        elif gone := min(-difference, self.free):
            self.decisions.append(Decision(id_, TOP_UP, now, "change order"))
            self._change_fee(-gone, "change order")
            self.added += gone
            self.returning, self.return_reason = self.returning + gone, "fee-lowered"
            self._restate(now)

    def _require_held(self) -> None:
        self._require_unfrozen()
        if self.accepted_at or self.closing:
            raise Conflict("work-ended", "The work has ended: what was held is on its way.")
        if not self.is_funded:
            raise Conflict("payment-not-funded", "The fee is not held yet.")

    def _besides_fee(self) -> int:
        """All bonuses, granted or on their way."""
        charges = (one for one in self.operations if one.kind is Kind.CHARGE)
        alive = (one for one in charges if one.state is not State.FAILED)
        return sum(one.amount for one in alive if one.purpose == BONUS)

    def _charge_extra(
        self, purpose: str, id_: str, amount: int, note: str, card_id: str | None, now: datetime
    ) -> None:
        if card_id is None:
            raise Conflict(NO_METHOD, "Set a payment method first.")
        self.decisions.append(Decision(id_, purpose, now, note))
        self._decide(Kind.CHARGE, amount, now, party=card_id, purpose=purpose, reason=note)
        self._restate(now)

    def _extra_charged(self, charge: Operation, outcome: Outcome, now: datetime) -> None:
        """What follows from the bank's answer to such a charge."""
        amount, purpose, note = charge.amount, charge.purpose, charge.reason
        if outcome.state is not State.SUCCEEDED:
            self._extra_failed(purpose, amount, outcome.code, retryable=outcome.retryable)
            return
        self.funded += amount
        if purpose == TOP_UP:
            self._change_fee(amount, note)
            return  # After an early end it goes back with the rest.
        self.added += amount
        self._release_part(amount, 0, purpose, note, now)

    def _extra_failed(self, purpose: str, amount: int, code: str, *, retryable: bool) -> None:
        failure = {"purpose": purpose, "code": code, "retryable": retryable}
        self._tell(news.ExtraFailed, amount=amount, **failure)

    def _change_fee(self, difference: int, reason: str) -> None:
        self.amount += difference
        about = {"fee_amount": self.amount, "difference": difference, "reason": reason}
        self._tell(news.FeeChanged, **about)

    def _pay_parting(self, now: datetime) -> None:
        """The minimum pay of work that ended early: what was released before counts towards it."""
        due = min(self.parting - self.released, self.free)
        self.parting = 0
        if due > 0:
            self._release_part(due, self.fee_on(due), MINIMUM_PAY, "", now)

    def _release_part(self, amount: int, fee: int, purpose: str, note: str, now: datetime) -> None:
        self.released, self.fee_taken = self.released + amount, self.fee_taken + fee
        kept_until = self._kept_until(now)
        operation = self._decide(
            Kind.RELEASE, amount, now, purpose=purpose, reason=note, available_at=kept_until
        )
        operation.learn(Outcome(State.SUCCEEDED, fee_amount=fee), now)
        told = {"purpose": purpose, "note": note}
        amounts = {"amount": amount - fee, "fee_amount": fee, "held_amount": self.free}
        self._tell(news.PartReleased, **told, **amounts)

    def _kept_until(self, now: datetime) -> datetime | None:
        return now + timedelta(days=self.security_days) if self.security_days else None

    def _ask_to_confirm(self, charge: Operation) -> None:
        """Tell who is charged; whom the work is done by is no business of a sponsor's."""
        self.events.append(
            news.PaymentUnconfirmed(
                engagement_id=self.id,
                project_id=self.project_id,
                org_id=charge.payer or self.org_id,
                purpose=charge.purpose or "fee",
                amount=charge.amount,
                currency=charge.currency,
                confirm_by=charge.confirm_by,
            )
        )

    def _sponsor_failed(self, charge: Operation, code: str) -> None:
        self.events.append(
            news.SponsorshipFailed(
                engagement_id=self.id,
                project_id=self.project_id,
                org_id=charge.payer,
                company_org_id=self.org_id,
                amount=charge.amount,
                currency=charge.currency,
                code=code,
            )
        )

    def _charge_shares(self, shares: Sequence[Share], now: datetime) -> None:
        """Charge each sponsor its part."""
        for share in shares:
            about = {"party": share.card_id, "payer": share.org_id}
            self._decide(Kind.CHARGE, share.amount, now, **about)
        self.sponsor_ids += [share.org_id for share in shares]


def _wrong(code: str, message: str) -> Invalid:
    return Invalid(code, f"The amount {message}.", {"amount": message})
