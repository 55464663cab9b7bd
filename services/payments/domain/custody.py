"""What holds money back besides a dispute, and what an operator may not do alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.payments.domain.dispute_parts import Split

DAY = timedelta(days=1)
ALERTS = (60, 80)  # Days held after which operators are told; some processors forbid more than 90.
HOLDING_LIMIT = 90


@dataclass
class Freeze:
    """Nothing of the engagement's money moves until it is lifted."""

    id: str
    reason: str
    by: str
    at: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lift_reason: str | None = None


class ChargebackState(StrEnum):
    OPENED = "opened"
    WON = "won"
    LOST = "lost"


@dataclass
class Chargeback:
    """The payer has disputed a charge with their card network; `id` is the bank's.

    `amount` is what the network took back, `taken` what of it was lost out of the held money, `fee`
    what the processor has asked for it so far, `fee_returned` what of that it gave back.
    """

    id: str
    operation_key: str
    charge_id: str
    amount: int
    opened_at: datetime
    state: ChargebackState = ChargebackState.OPENED
    taken: int = 0
    fee: int = 0
    fee_returned: int = 0
    evidence: str = ""
    evidence_by: str | None = None
    submitted_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.state is ChargebackState.OPENED

    @property
    def lost(self) -> bool:
        return self.state is ChargebackState.LOST


class Movement(StrEnum):
    """What a second operator has to agree to above the limit."""

    REFUND = "refund"
    DECISION = "decision"


class Consent(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass
class Approval:
    """One operator's wish to move money, which another one approves or rejects."""

    id: str
    kind: Movement
    amount: int
    split: Split
    reason: str
    by: str
    at: datetime
    state: Consent = Consent.WAITING
    closed_by: str | None = None
    closed_at: datetime | None = None
    closing_reason: str = ""

    @property
    def waiting(self) -> bool:
        return self.state is Consent.WAITING


@dataclass(frozen=True)
class Limits:
    """Minor units by currency that one operator may move; a currency without one: nothing."""

    above: Mapping[str, int] = field(default_factory=dict)

    def needs_two(self, amount: int, currency: str) -> bool:
        return amount > self.above.get(currency, 0)


def next_alert(held_since: datetime, told: int) -> datetime | None:
    """When operators are told next that this money is held; `told` counts the times before."""
    return held_since + ALERTS[told] * DAY if told < len(ALERTS) else None
