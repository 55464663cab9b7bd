"""The amounts of one engagement, what follows from them, and the record of what was decided."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.payments.domain.custody import Approval, Chargeback, Freeze
from services.payments.domain.disputes import Dispute
from services.payments.domain.drawing import Drawn, in_proportion, in_turn
from services.payments.domain.operations import BONUS, FIRST_LOOK, Kind, Operation, State
from services.payments.events import Event
from shared.errors import Conflict
from shared.money import Money

FIRST_RETRY = timedelta(hours=1)
LAST_RETRY = timedelta(hours=24)


class Status(StrEnum):
    PENDING = "pending"
    FAILED = "failed"
    FUNDED = "funded"
    RELEASED = "released"
    PAID = "paid"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    FROZEN = "frozen"  # By an operator, or by a chargeback.


@dataclass(frozen=True)
class Decision:
    """What a person decided about the money; its id is the call's, so that a repeat is known."""

    id: str
    kind: str
    at: datetime
    reason: str = ""


@dataclass
class Hold:
    """Held funds of the engagement whose id it has. Amounts are minor units of `currency`.

    `released` counts what left the hold for candidate and platform, `returning` what was decided to
    go back; the rest is `free`. `paid` and `refunded` count what the bank has confirmed.
    """

    id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    amount: int
    currency: str
    fee_bps: int  # The platform's share, as it was when the escrow was opened.
    security_days: int = 0  # For so long what is released stays here before it is sent.
    status: Status = Status.PENDING
    funded: int = 0
    released: int = 0
    fee_taken: int = 0
    paid: int = 0
    returning: int = 0
    refunded: int = 0
    lost: int = 0  # Taken out of the hold by chargebacks.
    added: int = 0  # Charged, and no part of the fee as it is now.
    reclaiming: int = 0  # Agreed to come back out of what was released, and not back yet.
    operations: list[Operation] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    freezes: list[Freeze] = field(default_factory=list)
    chargebacks: list[Chargeback] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    failure_code: str | None = None
    opened_at: datetime | None = None
    accepted_at: datetime | None = None
    released_at: datetime | None = None
    closing: str | None = None  # Why everything that is held goes back.
    closing_at: datetime | None = None
    closed_at: datetime | None = None  # Nothing was ever held, and nothing will be.
    return_reason: str | None = None
    retry_at: datetime | None = None  # The bank refused: no transfer or refund before this.
    due_at: datetime | None = None
    action_url: str | None = None  # Where the company has to confirm a charge.
    confirmers: list[str] = field(default_factory=list)  # Sponsors who have to confirm theirs.
    waits_for: str | None = None  # The organisation or candidate who has to do something.
    waits_since: datetime | None = None
    held_since: datetime | None = None
    alert_at: datetime | None = None  # When operators are told next that it is still held.
    alerts_told: int = 0  # How often operators were told that it is held for long.
    watched_since: datetime | None = None  # Since when something here concerns operators.
    version: int = 0
    events: list[Event] = field(default_factory=list)

    @property
    def fee_amount(self) -> int:
        """The platform's share where the whole amount is released, rounded half up."""
        return Money(self.amount, self.currency).share(self.fee_bps).amount

    @property
    def free(self) -> int:
        """Held, and not yet promised to anybody."""
        return self.funded - self.released - self.returning - self.lost

    @property
    def held(self) -> int:
        """Still with us: what was charged, less what was released, has gone back or is lost."""
        return self.funded - self.released - self.refunded - self.lost

    @property
    def owed(self) -> int:
        """Released to the candidate and not yet paid."""
        return self.released - self.fee_taken - self.paid

    @property
    def dispute(self) -> Dispute | None:
        """The dispute that is open."""
        return next((dispute for dispute in self.disputes if not dispute.resolved_at), None)

    @property
    def freeze_now(self) -> Freeze | None:
        """The operators' freeze that holds."""
        return next((freeze for freeze in self.freezes if not freeze.lifted_at), None)

    @property
    def held_back(self) -> bool:
        """Whether something other than a dispute keeps the money from moving."""
        return bool(self.freeze_now) or any(one.open for one in self.chargebacks)

    @property
    def frozen(self) -> bool:
        """Nothing is released, sent or given back."""
        return bool(self.dispute) or self.held_back

    @property
    def under_way(self) -> list[Operation]:
        return [operation for operation in self.operations if operation.open]

    @property
    def unconfirmed(self) -> list[Operation]:
        """Charges that a payer's bank wants its owner to confirm."""
        return [operation for operation in self.under_way if operation.state is State.ACTION]

    @property
    def unposted(self) -> list[Operation]:
        return [operation for operation in self.operations if operation.unposted]

    @property
    def charges(self) -> list[Operation]:
        """What has brought money, oldest first."""
        succeeded = [done for done in self.operations if done.state is State.SUCCEEDED]
        return [done for done in succeeded if done.kind is Kind.CHARGE]

    def payer_of(self, charge_id: str) -> str:
        """Whose card brought this charge: the company's, or a sponsor's."""
        found = (charge.payer for charge in self.charges if charge.bank_id == charge_id)
        return next(found, "") or self.org_id

    @property
    def is_funded(self) -> bool:
        return self.opened_at is not None and self.funded - self.added == self.amount

    @property
    def unsent_payout(self) -> int:
        """Owed, and no transfer of it is under way."""
        return self.owed - self._moving(Kind.TRANSFER)

    def secured(self, now: datetime) -> list[Operation]:
        """The releases that a security hold still keeps back."""
        return [one for one in self.operations if one.available_at and one.available_at > now]

    def secured_until(self, now: datetime) -> datetime | None:
        """When the first of them may be sent."""
        return min(
            (one.available_at for one in self.secured(now) if one.available_at), default=None
        )

    def sendable(self, now: datetime) -> int:
        """What could be sent to the candidate now, given an account."""
        kept = sum(one.amount - one.fee_amount for one in self.secured(now))
        return max(0, self.unsent_payout - kept)

    @property
    def unsent_refund(self) -> int:
        """Decided to go back, and no refund of it is under way."""
        return self.returning - self.refunded - self._moving(Kind.REFUND)

    @property
    def unsent_reclaim(self) -> int:
        """Agreed to come back, and no reversal for it is under way."""
        under_way = (one for one in self.under_way if one.kind is Kind.REVERSAL and not one.purpose)
        return self.reclaiming - sum(one.gross for one in under_way)

    def undecided(self, now: datetime) -> bool:
        """Whether money could be sent, given an account to send it to."""
        patient = self.retry_at is not None and now < self.retry_at
        unsent = self.sendable(now) or self.unsent_refund or self.unsent_reclaim
        return not self.frozen and not patient and bool(unsent)

    def _require_unfrozen(self) -> None:
        """Raise Conflict while a dispute, a freeze or a chargeback holds the money back."""
        if self.frozen:
            raise Conflict("escrow-frozen", "The money is frozen.")

    def _decided(self, id_: str) -> bool:
        return any(decision.id == id_ for decision in self.decisions)

    def _moving(self, kind: Kind) -> int:
        moving = (operation for operation in self.under_way if not operation.again)
        return sum(operation.amount for operation in moving if operation.kind is kind)

    def fee_on(self, amount: int) -> int:
        """The whole fee on the whole amount; on a part no more than its part of the fee."""
        return self.fee_amount if amount == self.amount else amount * self.fee_amount // self.amount

    def _decide(self, kind: Kind, amount: int, now: datetime, **about: Any) -> Operation:
        number = 1 + sum(operation.kind is kind for operation in self.operations)
        key = f"{self.id}:{kind.value}:{number}"
        operation = Operation(key, kind, amount, self.currency, now, **about)
        self.operations.append(operation)
        return operation

    def _draw(self, kind: Kind, amount: int, now: datetime, **about: Any) -> None:
        """Transfers or refunds that sum up to the amount, each drawing on one charge.

        The bank lets no charge be transferred, nor given back, beyond what it brought.
        """
        drawn = Counter[str]()
        for operation in self.operations:
            alive = operation.state is not State.FAILED and not operation.again
            if operation.kind is kind and alive:
                drawn[operation.charge_id] += operation.amount
        if kind is Kind.REFUND:  # What the card network has taken back cannot be given back too.
            drawn.update({one.charge_id: one.amount for one in self.chargebacks if one.lost})
        taken = {c.bank_id: min(c.amount, drawn[c.bank_id]) for c in self.charges}
        charges = [Drawn(c.bank_id, c.amount, taken[c.bank_id]) for c in self.charges]
        shares = in_turn if kind is Kind.TRANSFER else in_proportion
        gifts = {c.bank_id for c in self.charges if c.purpose == BONUS}
        fees = [charge for charge in charges if charge.charge_id not in gifts]
        if kind is Kind.REFUND and sum(charge.room for charge in fees) >= amount:
            charges = fees  # A bonus was given away: what comes back is the fee's.
        for charge_id, part in shares(amount, charges):
            self._decide(kind, part, now, charge_id=charge_id, **about)

    def _patience(self, kind: Kind) -> timedelta:
        refused = sum(op.kind is kind and op.state is State.FAILED for op in self.operations)
        return min(FIRST_RETRY * (1 << min(refused - 1, 20)), LAST_RETRY)

    def _tell(self, fact: Callable[..., Event], **data: Any) -> None:
        about = {
            "engagement_id": self.id,
            "project_id": self.project_id,
            "org_id": self.org_id,
            "candidate_id": self.candidate_id,
            "currency": self.currency,
        }
        self.events.append(fact(**about, **data))

    def _restate(self, now: datetime) -> None:
        """Derive status, the next sweep and who has to act from the amounts."""
        self.status, self.due_at = self._current_status(), self._next_due(now)
        asked = self.unconfirmed
        self.action_url = next((one.action_url for one in asked if not one.payer), None)
        self.confirmers = sorted({one.payer for one in asked if one.payer})
        waits_for = self._who_has_to_act(now)
        if waits_for != self.waits_for:
            self.waits_for, self.waits_since = waits_for, now if waits_for else None

    def _current_status(self) -> Status:
        if self.dispute:
            return Status.DISPUTED
        if self.held_back:
            return Status.FROZEN
        if self.released_at:
            return Status.RELEASED if self.owed else Status.PAID
        settling = any(not operation.again for operation in self.under_way)
        if self.closing and not settling and self.returning == self.refunded:
            return Status.REFUNDED
        if self.is_funded:
            return Status.FUNDED
        return Status.FAILED if self.failure_code else Status.PENDING

    def _next_due(self, now: datetime) -> datetime | None:
        dues = [operation.due_at for operation in self.under_way]
        dues += [(done.changed_at or done.created_at) + FIRST_LOOK for done in self.unposted]
        unsent = self.unsent_payout or self.unsent_refund or self.unsent_reclaim
        if self.retry_at and not self.frozen and unsent:
            dues.append(self.retry_at)
        if (kept_until := self.secured_until(now)) and not self.frozen:
            dues.append(kept_until)
        return min(dues, default=None)

    def _who_has_to_act(self, now: datetime) -> str | None:
        if self.status is Status.FAILED or self.action_url:
            return self.org_id
        return self.candidate_id if self.sendable(now) and not self.frozen else None
