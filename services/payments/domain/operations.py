"""What the bank is asked to do: recorded before it is asked, under a key that means one effect."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from shared.errors import Conflict

FIRST_LOOK = timedelta(seconds=20)  # What a crash left open is taken up after this.
SHORTEST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
CANCELLED = "cancelled"
FAILED_LATER = ":failed"  # Ends the key of what came back of the refund with the rest of it.
BONUS = "bonus"  # A purpose: what is charged so is the candidate's, all of it.
UNCONFIRMED = "authentication-required"
CONFIRM_WITHIN = timedelta(hours=24)  # A payer who has to confirm a charge has so long.


class Kind(StrEnum):
    """A release is a decision in our books alone, what concerns a chargeback is what the bank has
    done of itself; the others move money at the bank.
    """

    CHARGE = "charge"
    RELEASE = "release"
    TRANSFER = "transfer"
    REFUND = "refund"
    REFUND_FAILED = "refund-failed"  # After it had succeeded: the money is back with us.
    REVERSAL = "reversal"  # Takes back a transfer, or a part of one.
    CHARGEBACK = "chargeback"
    CHARGEBACK_FEE = "chargeback-fee"  # What the processor asks for it, and may give back.
    CHARGEBACK_FEE_RETURNED = "chargeback-fee-returned"
    CHARGEBACK_WON = "chargeback-won"
    CHARGEBACK_LOST = "chargeback-lost"


class State(StrEnum):
    PENDING = "pending"
    ACTION = "requires-action"  # The payer has to confirm it with their own bank.
    UNKNOWN = "unknown"  # The bank was asked and did not answer: it may have happened.
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What the bank says became of an operation; `fee_amount` is what it kept of a charge."""

    state: State
    bank_id: str = ""
    code: str = ""
    retryable: bool = True
    fee_amount: int = 0
    action_url: str = ""  # Where the payer confirms a charge that requires it.


@dataclass
class Operation:
    """One movement of money. `amount` is in minor units and positive."""

    key: str
    kind: Kind
    amount: int
    currency: str
    created_at: datetime
    party: str = ""  # The card that is charged or the account that is paid: the bank's id.
    charge_id: str = ""  # The charge that a transfer or a refund draws on: the bank's id.
    source_id: str = ""  # The transfer that a reversal takes back: the bank's id.
    purpose: str = ""  # What is charged or released besides the fee; empty for the fee itself.
    reason: str = ""
    payer: str = ""  # The organisation that is charged, where it is not the engagement's own.
    available_at: datetime | None = None  # Until when a security hold keeps a release back.
    share_amount: int = 0  # What the platform gives back of its share along with a reversal.
    params_hash: str = ""
    state: State = State.PENDING
    attempts: int = 0
    error_code: str = ""
    bank_id: str = ""
    fee_amount: int = 0  # What the bank kept of a charge, what the platform keeps of a release.
    failed_at: datetime | None = None  # When a refund failed that had succeeded.
    settled_amount: int = 0  # What of such a refund its payer got by a lost chargeback.
    covered_amount: int = 0  # Of a lost chargeback: what was owed for such refunds.
    again: str = ""  # The key of the failed refund that this one sends again.
    loss_amount: int = 0  # Of a refund or a lost chargeback: what no held funds cover.
    action_url: str = ""
    changed_at: datetime | None = None
    posted: bool = False

    def __post_init__(self) -> None:
        self.params_hash = self.params_hash or self._hash()

    def verify(self) -> None:
        """Raise Conflict where a key would be sent with parameters other than those decided on."""
        if self.params_hash != self._hash():
            raise Conflict("operation-changed", f"{self.key} is not what was decided.")

    @property
    def open(self) -> bool:
        return self.state in (State.PENDING, State.ACTION, State.UNKNOWN)

    @property
    def confirm_by(self) -> datetime:
        """Until when a payer who has to confirm it is waited for."""
        return self.created_at + CONFIRM_WITHIN

    @property
    def gross(self) -> int:
        """What a reversal brings back, with the platform's share of it."""
        return self.amount + self.share_amount

    @property
    def unsettled(self) -> int:
        """What of a refund that failed late is still to be given back."""
        return self.amount - self.settled_amount

    @property
    def unposted(self) -> bool:
        return self.state is State.SUCCEEDED and not self.posted

    @property
    def due_at(self) -> datetime:
        """When a sweep takes it up; each unanswered attempt doubles the wait."""
        if self.state in (State.ACTION, State.UNKNOWN):
            wait = min(SHORTEST_WAIT * (1 << min(self.attempts, 20)), LONGEST_WAIT)
        else:
            wait = FIRST_LOOK
        return (self.changed_at or self.created_at) + wait

    def learn(self, outcome: Outcome, now: datetime) -> bool:
        """Take in the bank's answer; True where it decides the operation, which happens once.

        That a cancelled charge did happen is believed late as well: the money has to go back.
        """
        late = self.error_code == CANCELLED and outcome.state is State.SUCCEEDED
        if not self.open and not late:
            return False
        self.attempts += 1
        self.state, self.error_code = outcome.state, outcome.code
        self.bank_id, self.fee_amount = outcome.bank_id, outcome.fee_amount
        self.action_url = outcome.action_url
        self.changed_at = now
        return not self.open

    def _hash(self) -> str:
        params = [self.kind, str(self.amount), self.currency, self.party, self.charge_id]
        params += [self.source_id] if self.source_id else []
        return sha256("|".join(params).encode()).hexdigest()[:32]
