"""Who pays and who is paid: an organisation's card and a candidate's payout account."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.payments.events import Event, PayoutAccountUpdated
from shared.errors import Conflict, NotFound

MOST_CARDS = 10
ASK_AGAIN = timedelta(hours=1)
LOOK_SOON = timedelta(minutes=1)


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
    """The organisation (whose id it has) that is charged; `card` is what it is charged on unless
    it says otherwise, one of the `cards` that are saved.
    """

    id: str
    card: Card | None = None
    cards: list[Card] = field(default_factory=list)
    standing: str = "unverified"  # How far the platform trusts it.
    past_cards: list[Card] = field(default_factory=list)  # Removed; receipts still name them.
    updated_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    @property
    def saved(self) -> list[Card]:
        """The cards that can be charged, the newest last."""
        return self.cards or ([self.card] if self.card else [])

    def use(self, card: Card, now: datetime) -> None:
        """Save it and charge it from now on; it takes the place of the oldest of too many."""
        others = [one for one in self.saved if one not in (card, self.card)]
        if len(self.saved) >= MOST_CARDS and card not in self.saved:
            self.remove(others[0].id, now)
        self.add(card, now)
        self.card = card

    def add(self, card: Card, now: datetime) -> None:
        """Save it; the first one is charged from now on. Raises Conflict where that is too many."""
        cards = self.saved
        if card not in cards:
            if len(cards) >= MOST_CARDS:
                raise Conflict("cards-too-many", f"Remove one of the {MOST_CARDS} cards first.")
            self.cards = [*cards, card]
        self.card, self.updated_at = self.card or card, now

    def choose(self, card_id: str, now: datetime) -> None:
        """Charge this saved card from now on; raises NotFound."""
        self.card, self.updated_at = self.saved_card(card_id), now

    def remove(self, card_id: str, now: datetime) -> None:
        """Never charge it again; where it was the chosen one, the newest of the others is."""
        gone = self.saved_card(card_id)
        self.cards = [card for card in self.saved if card != gone]
        self.past_cards = [*self.past_cards, gone][-MOST_CARDS * 5 :]
        if self.card == gone:
            self.card = self.cards[-1] if self.cards else None
        self.updated_at = now

    def saved_card(self, card_id: str) -> Card:
        for card in self.saved:
            if card.id == card_id:
                return card
        raise NotFound("payment-method-not-found", "No such card is saved.")

    def known_card(self, card_id: str) -> Card | None:
        """The card, even one that was removed."""
        known = (card for card in [*self.saved, *self.past_cards] if card.id == card_id)
        return next(known, None)


@dataclass
class PayoutAccount:
    """Where a candidate (whose id it has) is paid; opened at the bank after it is recorded here."""

    id: str
    country: str
    due_at: datetime | None
    status: AccountStatus = AccountStatus.PENDING
    currency: str = ""
    bank_id: str = ""
    payouts_enabled: bool = True  # Whether what arrives goes on to the candidate's own bank.
    requirements: list[str] = field(default_factory=list)  # What the bank still asks for.
    disabled_reason: str = ""
    closed: bool = False  # Its person was erased: the bank's id stays, for what comes back.
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
        usable = self.status is AccountStatus.ACTIVE and not self.closed
        return self.bank_id if usable else None

    def learn(self, found: BankAccount, now: datetime) -> None:
        """Take in what the bank says; an account that became active is due until all is paid."""
        if self.closed:
            return
        changed = found.status is not self.status
        self.status, self.bank_id, self.currency = found.status, found.id, found.currency
        self.payouts_enabled, self.disabled_reason = found.payouts_enabled, found.disabled_reason
        self.requirements = list(found.requirements)
        if self.status is not AccountStatus.ACTIVE:
            self.due_at = now + ASK_AGAIN
        elif changed:
            self.due_at = now
        if changed:
            self._announce()

    def expect_news(self, now: datetime) -> None:
        """The candidate is at the bank: look soon how the account stands."""
        if self.status is not AccountStatus.ACTIVE:
            self.due_at = now + LOOK_SOON

    def close(self) -> None:
        """Send nothing there any more, and keep nothing that tells of its person."""
        self.closed, self.due_at, self.country = True, None, ""
        self.requirements, self.disabled_reason = [], ""

    def rest(self) -> None:
        """Nothing waits for this account any more."""
        self.due_at = None if self.status is AccountStatus.ACTIVE else self.due_at

    def _announce(self) -> None:
        self.events.append(PayoutAccountUpdated(self.id, self.status.value))
