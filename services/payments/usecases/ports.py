"""What the use cases need of the world: aggregates, the books, a bank and a clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from services.payments.domain import (
    ActivityPage,
    Balance,
    BankAccount,
    Card,
    Entry,
    Escrow,
    Hook,
    Link,
    Notice,
    Operation,
    Outcome,
    Payer,
    PayoutAccount,
)
from services.payments.domain.custody import Limits
from services.payments.domain.dispute_rules import Rules
from services.payments.domain.funding import FundingPlan
from services.payments.domain.policies import Policies
from services.payments.usecases.pages import MOST, Mark
from shared.clock import Clock
from shared.envelope import Message

A = TypeVar("A")


class Bank(Protocol):
    """A processor. A key means one effect, however often it is sent; no answer is `UNKNOWN`."""

    @property
    def name(self) -> str:
        """Whose `processor_balance` it is."""

    @property
    def simulated(self) -> bool: ...

    def charge(self, engagement_id: str, operation: Operation) -> Outcome: ...
    def transfer(self, engagement_id: str, operation: Operation) -> Outcome: ...
    def refund(self, engagement_id: str, operation: Operation) -> Outcome: ...

    def reverse(self, engagement_id: str, operation: Operation) -> Outcome:
        """Take back (part of) the transfer `operation.source_id`."""

    def lookup(self, engagement_id: str, operation: Operation) -> Outcome | None:
        """What became of it; None where the bank surely has never heard of it."""

    def cancel(self, engagement_id: str, operation: Operation) -> Outcome:
        """Call off a charge that waits for its payer: FAILED with code `authentication-required`,
        after which it never succeeds, or what has become of it meanwhile."""

    def attach_card(self, key: str, token: str) -> Card:
        """Keep a card for later charges; raises Invalid, or Unavailable without an answer."""

    def open_account(self, key: str, country: str, account_id: str = "") -> BankAccount | None:
        """Open it, or tell how it stands; None without an answer. A bank may forget the key after a
        day: who knows the bank's id of the account gives it."""

    def onboarding_link(self, account_id: str, return_url: str) -> Link | None:
        """Where its owner does what the bank requires; None without an answer."""

    def read_hook(self, body: bytes, signature: str) -> Notice:
        """What a webhook says; raises Invalid `hook-signature-wrong` where it is not the bank's."""

    def activity(self, since: datetime, after: str) -> ActivityPage:
        """What went over our balance since then, oldest first; `after` is the page's before, or
        empty. Raises Unavailable without an answer."""

    def balance(self) -> dict[str, Balance]:
        """What it holds for us, by currency; raises Unavailable without an answer."""

    def answer_chargeback(self, chargeback_id: str, evidence: str) -> bool:
        """Hand in evidence; False where the bank takes none any more."""


class Aggregates(Protocol[A]):
    """The part of `shared.store.Store` that is needed here."""

    def load(self, id: str) -> A: ...
    def find(self, id: str) -> A | None: ...
    def due(self, now: datetime) -> list[str]: ...
    def change(
        self,
        id: str,
        message: Message | None,
        use_case: Callable[[A], object],
        *,
        new: Callable[[], A] | None = None,
    ) -> A: ...


class Journal(Protocol):
    """The books: entries are added, never changed."""

    def post(self, entries: Sequence[Entry]) -> None:
        """Enter them; one that is there already stays, a different one of its id is Conflict."""

    def of(self, engagement_id: str) -> list[Entry]:
        """The entries of an engagement, oldest first."""

    def balances(self) -> list[tuple[str, str, int]]:
        """Account, currency and balance (debits positive), over all engagements."""


@dataclass(frozen=True)
class Waiter:
    """An escrow that waits for somebody to act."""

    id: str
    status: str
    failure_code: str | None
    amount: int
    currency: str
    since: datetime
    action_url: str = ""
    sponsored: bool = False  # It is a part of somebody else's fee.
    refund_code: str = ""  # Why a refund did not reach them that had succeeded at first.
    dispute_step: str = ""
    until: datetime | None = None


class Waiting(Protocol):
    def __call__(self, party_id: str) -> list[Waiter]:
        """What waits for this organisation or candidate, the longest waiting first."""


class Overview(Protocol):
    """The escrows that concern operators: up to so many, behind a moment and an id."""

    def watched(self, limit: int = MOST, after: Mark | None = None) -> list[Escrow]:
        """With a dispute, a freeze, a chargeback or a waiting approval; the oldest first."""

    def held(self, limit: int = MOST, after: Mark | None = None) -> list[Escrow]:
        """Those that hold money, the longest first."""

    def aging(self, now: datetime) -> list[str]:
        """The ids of those of whose age operators are to be told."""


class Finding(Protocol):
    """Whose engagements and plans there are; all of them, oldest first."""

    def of_candidate(self, candidate_id: str) -> list[Escrow]: ...
    def of_payer(self, org_id: str) -> list[Escrow]:
        """Those of the organisation, and those that it sponsors."""

    def of_ids(self, ids: Sequence[str]) -> list[Escrow]: ...
    def plans_of(self, org_id: str) -> list[FundingPlan]: ...


@dataclass(frozen=True)
class Desk:
    """All that the use cases work with."""

    escrows: Aggregates[Escrow]
    payers: Aggregates[Payer]
    accounts: Aggregates[PayoutAccount]
    hooks: Aggregates[Hook]
    waiting: Waiting
    journal: Journal
    bank: Bank
    fee_bps: int
    countries: frozenset[str]
    now: Clock
    overview: Overview
    limits: Limits
    plans: Aggregates[FundingPlan]
    finding: Finding
    rules: Rules = field(default_factory=Rules)
    policies: Policies = field(default_factory=Policies)
    web_url: str = ""  # Where people come back to from the bank's pages.


@dataclass(frozen=True)
class Engagement:
    """Whose money it is: the facts of an accepted application."""

    engagement_id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    fee_amount: int
    fee_currency: str


@dataclass(frozen=True)
class Answer:
    """What the bank said, as a message: its id makes a repeat harmless, its cause is kept."""

    id: str
    correlation_id: str
    traceparent: str

    @classmethod
    def of(cls, id_: str, cause: Message | None) -> "Answer | None":
        """None for a sweep, which is nobody's consequence."""
        return cls(id_, cause.correlation_id, cause.traceparent) if cause else None
