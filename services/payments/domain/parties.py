"""Who pays and who is paid: an organisation's card and a candidate's payout account."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.payments.events import Event, PayoutAccountUpdated

ASK_AGAIN = timedelta(hours=1)


class AccountStatus(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    RESTRICTED = "restricted"


@dataclass(frozen=True)
class Card:
    """A card as the bank shows it: its id there and the last digits, never the number."""

    id: str
    brand: str
    last4: str


@dataclass(frozen=True)
class BankAccount:
    """A payout account as the bank knows it.

    Money can be sent to it while it is active; `payouts_enabled` tells whether it goes on to the
    candidate's own bank. `requirements` names what the bank still asks for.
    """

    id: str
    currency: str
    status: AccountStatus
    payouts_enabled: bool = True
    requirements: tuple[str, ...] = ()
    disabled_reason: str = ""


@dataclass
class Payer:
    """The organisation (whose id it has) that is charged."""

    id: str
    card: Card | None = None
    updated_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def use(self, card: Card, now: datetime) -> None:
        self.card, self.updated_at = card, now


@dataclass
class PayoutAccount:
    """Where a candidate (whose id it has) is paid; opened at the bank after it is recorded here."""

    id: str
    country: str
    due_at: datetime | None
    status: AccountStatus = AccountStatus.PENDING
    currency: str = ""
    bank_id: str = ""
    version: int = 0
    events: list[Event] = field(default_factory=list)

    @classmethod
    def open(cls, candidate_id: str, country: str, now: datetime) -> "PayoutAccount":
        """A pending account, due at once: a sweep finishes what a crash interrupts."""
        account = cls(candidate_id, country, due_at=now)
        account._announce()
        return account

    @property
    def key(self) -> str:
        """The idempotency key under which the bank opens it."""
        return f"{self.id}:account"

    @property
    def payable_id(self) -> str | None:
        """The bank's id where money can be sent now."""
        return self.bank_id if self.status is AccountStatus.ACTIVE else None

    def learn(self, found: BankAccount, now: datetime) -> None:
        """Take in what the bank says; an account that became active is due until all is paid."""
        changed = found.status is not self.status
        self.status, self.bank_id, self.currency = found.status, found.id, found.currency
        if self.status is not AccountStatus.ACTIVE:
            self.due_at = now + ASK_AGAIN
        elif changed:
            self.due_at = now
        if changed:
            self._announce()

    def rest(self) -> None:
        """Nothing waits for this account any more."""
        self.due_at = None if self.status is AccountStatus.ACTIVE else self.due_at

    def _announce(self) -> None:
        self.events.append(PayoutAccountUpdated(self.id, self.status.value))
