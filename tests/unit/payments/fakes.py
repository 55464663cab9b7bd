"""The world of payments in memory, in which a crash can be planned for every step of the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, TypeVar

from services.payments.domain import (
    AccountStatus,
    BankAccount,
    Card,
    Entry,
    Escrow,
    Hook,
    Kind,
    Operation,
    Outcome,
    Payer,
    PayoutAccount,
    State,
)
from services.payments.domain.custody import Limits
from services.payments.domain.funding import FundingPlan
from services.payments.domain.operations import UNCONFIRMED
from services.payments.domain.policies import Policies
from services.payments.sandbox_bank import NoAnswer
from services.payments.usecases import Desk, Waiter, failed_refunds, unconfirmed
from services.payments.usecases.pages import MOST, Mark
from shared.errors import Conflict, Invalid
from tests.memory_store import MemoryStore

A = TypeVar("A")

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CONFIRMED = "tok_threeDSecureRequired"
DECLINES = {
    "tok_chargeDeclined": "card-declined",
    "tok_insufficientFunds": "insufficient-funds",
    "tok_chargeDeclinedInsufficientFunds": "insufficient-funds",
}


GENEROUS = Limits({"USD": 10**7})  # What one operator may move alone.


class Crash(BaseException):
    """The process dies here."""


@dataclass
class Plan:
    """Counts the steps that touch the world outside; the `crash_at`th kills the process, once."""

    crash_at: int = 0
    steps: list[str] = field(default_factory=list)

    def step(self, name: str) -> None:
        self.steps.append(name)
        if len(self.steps) == self.crash_at:
            raise Crash(name)


class Time:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)


class FakeJournal:
    def __init__(self, plan: Plan) -> None:
        self.plan, self.entries = plan, dict[str, Entry]()

    def post(self, entries: Sequence[Entry]) -> None:
        self.plan.step("before journal")
        for entry in entries:
            if not self.entries.setdefault(entry.id, entry).same_money(entry):
                raise Conflict("entry-exists", f"The journal has another entry {entry.id}.")
        self.plan.step("after journal")

    def of(self, engagement_id: str) -> list[Entry]:
        found = [e for e in self.entries.values() if e.engagement_id == engagement_id]
        return sorted(found, key=lambda entry: entry.created_at)

    def balances(self) -> list[tuple[str, str, int]]:
        sums: dict[tuple[str, str], int] = {}
        for entry in self.entries.values():
            for posting in entry.postings:
                key = posting.account, entry.currency
                sums[key] = sums.get(key, 0) + posting.amount
        return sorted((account, currency, sum_) for (account, currency), sum_ in sums.items())

    def balance(self, account: str) -> int:
        return sum(balance for name, _, balance in self.balances() if name == account)


@dataclass
class Remembered:
    """What the bank keeps under a key, for as long as it keeps keys."""

    params: tuple[object, ...]
    outcome: Outcome
    at: datetime


class FakeBank:
    """A processor in memory that forgets keys after a day, so that a repeat then acts anew."""

    name, simulated = "memory", True
    KEEPS = timedelta(hours=24)
    FEES = 3

    def __init__(self, now: Time, faults: Callable[[str, str], None] = lambda _p, _k: None) -> None:
        self.now, self.faults = now, faults
        self.cards: dict[str, str] = {}
        self.accounts: dict[str, BankAccount] = {}
        self.keys: dict[str, Remembered] = {}
        self.room: dict[tuple[str, str], int] = {}
        self.done: list[tuple[str, int]] = []
        self.away = False
        self.evidence: list[tuple[str, str]] = []  # Chargeback, and what was handed in.
        self.recoverable = 10**9  # What candidates have left on their accounts.

    def charge(self, engagement_id: str, operation: Operation) -> Outcome:
        return self._once(operation, lambda: self._charge(operation))

    def transfer(self, engagement_id: str, operation: Operation) -> Outcome:
        return self._once(operation, lambda: self._transfer(operation))

    def refund(self, engagement_id: str, operation: Operation) -> Outcome:
        return self._once(operation, lambda: self._take("refund", operation))

    def reverse(self, engagement_id: str, operation: Operation) -> Outcome:
        return self._once(operation, lambda: self._bring_back(operation))

    def lookup(self, engagement_id: str, operation: Operation) -> Outcome | None:
        if self.away:
            return Outcome(State.UNKNOWN)
        found = self.keys.get(operation.key)
        return found.outcome if found else None

    def cancel(self, engagement_id: str, operation: Operation) -> Outcome:
        known = self.keys[operation.key]
        if known.outcome.state is State.ACTION:
            known.outcome = Outcome(State.FAILED, code=UNCONFIRMED)
        return self.lookup(engagement_id, operation) or known.outcome

    def confirm(self, operation: Operation) -> None:
        """The payer confirms the charge that waits for it."""
        self.keys[operation.key].outcome = self._take_in(operation)

    def fail_refund(self, key: str, amount: int, charge_id: str) -> None:
        """A refund that had succeeded comes back from the card's bank."""
        self.keys[key].outcome = Outcome(State.FAILED, f"re_{key}", "lost-or-stolen-card")
        self.done.append((f"{key}:back:fee", amount))  # No effect of an operation.
        self.room["refund", charge_id] += amount

    def answer_chargeback(self, chargeback_id: str, evidence: str) -> bool:
        if not self.away:
            self.evidence.append((chargeback_id, evidence))
        return not self.away

    def attach_card(self, key: str, token: str) -> Card:
        if token not in ("tok_visa", CONFIRMED, *DECLINES):
            raise Invalid("token-unknown", "The bank does not know this token.", {"token": "no"})
        id_ = f"pm_{key}"
        self.cards[id_] = token
        return Card(id_, "visa", "4242")

    def open_account(self, key: str, country: str, account_id: str = "") -> BankAccount | None:
        if self.away:
            return None
        new = BankAccount(f"acct_{key}", "USD", AccountStatus.ACTIVE)
        return self.accounts.setdefault(new.id, new)

    def set_account_status(self, account_id: str, status: AccountStatus) -> None:
        known = self.accounts.get(account_id)
        self.accounts[account_id] = BankAccount(account_id, known.currency if known else "", status)

    def balances(self) -> dict[str, int]:
        return {"USD": sum(amount for _, amount in self.done)}

    def effects(self) -> list[tuple[str, int]]:
        return [(key, abs(amount)) for key, amount in self.done if not key.endswith(":fee")]

    def _once(self, operation: Operation, act: Callable[[], Outcome]) -> Outcome:
        try:
            self.faults("request", operation.key)
            if self.away:
                raise NoAnswer
            outcome = self._remembered(operation, act)
            self.faults("answer", operation.key)
        except NoAnswer:
            return Outcome(State.UNKNOWN, code="bank-unavailable")
        return outcome

    def _remembered(self, operation: Operation, act: Callable[[], Outcome]) -> Outcome:
        params = (operation.amount, operation.currency, operation.party, operation.charge_id)
        known = self.keys.get(operation.key)
        if known and self.now() - known.at < self.KEEPS:
            if known.params != params:
                raise Conflict("key-reused", "The same key with other parameters.")
            return known.outcome
        outcome = act()
        self.keys[operation.key] = Remembered(params, outcome, self.now())
        return outcome

    def _charge(self, operation: Operation) -> Outcome:
        token = self.cards[operation.party]
        if token in DECLINES:
            return Outcome(State.FAILED, code=DECLINES[token])
        if token == CONFIRMED:
            return Outcome(State.ACTION, action_url=f"https://bank.example/{operation.key}")
        return self._take_in(operation)

    def _take_in(self, operation: Operation) -> Outcome:
        id_, fee = f"ch_{operation.key}", min(self.FEES, operation.amount)
        self.done.append((operation.key, operation.amount))
        self.done.append((f"{operation.key}:fee", -fee))
        self.room["refund", id_] = self.room["transfer", id_] = operation.amount
        return Outcome(State.SUCCEEDED, bank_id=id_, fee_amount=fee)

    def _transfer(self, operation: Operation) -> Outcome:
        if self.accounts[operation.party].status is not AccountStatus.ACTIVE:
            return Outcome(State.FAILED, code="account-restricted")
        return self._take("transfer", operation)

    def _take(self, kind: str, operation: Operation) -> Outcome:
        if self.room.get((kind, operation.charge_id), 0) < operation.amount:
            return Outcome(State.FAILED, code=f"not-{kind}able", retryable=False)
        self.room[kind, operation.charge_id] -= operation.amount
        self.done.append((operation.key, -operation.amount))
        return Outcome(State.SUCCEEDED, bank_id=f"{kind[:2]}_{operation.key}")

    def _bring_back(self, operation: Operation) -> Outcome:
        """As much of a transfer as is still on the account that it went to."""
        if operation.amount > self.recoverable:
            return Outcome(State.FAILED, code="balance-insufficient")
        self.done.append((operation.key, operation.amount))
        return Outcome(State.SUCCEEDED, bank_id=f"trr_{operation.key}")


@dataclass
class FakeFinding:
    """Whose engagements and plans there are in a world."""

    world: "World"

    def of_candidate(self, candidate_id: str) -> list[Escrow]:
        return [one for one in self._escrows() if one.candidate_id == candidate_id]

    def of_payer(self, org_id: str) -> list[Escrow]:
        return [one for one in self._escrows() if org_id in (one.org_id, *one.sponsor_ids)]

    def of_ids(self, ids: Sequence[str]) -> list[Escrow]:
        return [one for one in self._escrows() if one.id in ids]

    def plans_of(self, org_id: str) -> list[FundingPlan]:
        plans = [self.world.plans.load(id_) for id_ in self.world.plans.documents]
        return [one for one in plans if org_id in (one.org_id, *one.sponsor_ids)]

    def _escrows(self) -> list[Escrow]:
        return [self.world.escrows.load(id_) for id_ in sorted(self.world.escrows.documents)]


class World:
    """A desk over fakes. `bank_faults` may be set to lose requests and answers."""

    def __init__(
        self,
        crash_at: int = 0,
        fee_bps: int = 1000,
        limits: Limits = GENEROUS,
        policies: Policies | None = None,
    ) -> None:
        self.plan, self.now = Plan(crash_at), Time()
        self.bank_faults: Callable[[str, str], None] = lambda _point, _key: None
        self.bank = FakeBank(self.now, self._bank_step)
        self.journal = FakeJournal(self.plan)
        self.escrows = self._store(Escrow)
        self.payers = self._store(Payer)
        self.accounts = self._store(PayoutAccount)
        self.hooks = self._store(Hook)
        self.plans = self._store(FundingPlan)
        self.desk = Desk(
            escrows=self.escrows,
            payers=self.payers,
            accounts=self.accounts,
            hooks=self.hooks,
            waiting=self.waiting,
            journal=self.journal,
            bank=self.bank,
            fee_bps=fee_bps,
            countries=frozenset({"US", "DE"}),
            now=self.now,
            overview=self,
            limits=limits,
            plans=self.plans,
            finding=FakeFinding(self),
            policies=policies or Policies(),
        )

    def _store(self, aggregate: type[A]) -> MemoryStore[A]:
        return MemoryStore(aggregate, "payments", self.now, step=self.plan.step)

    def watched(self, limit: int = MOST, after: Mark | None = None) -> list[Escrow]:
        return self._kept("watched_since", after)[:limit]

    def held(self, limit: int = MOST, after: Mark | None = None) -> list[Escrow]:
        return self._kept("held_since", after)[:limit]

    def aging(self, now: datetime) -> list[str]:
        return [escrow.id for escrow in self._kept("alert_at") if escrow.alert_at <= now]  # type: ignore[operator]

    def _kept(self, field: str, after: Mark | None = None) -> list[Escrow]:
        escrows = [self.escrows.load(id_) for id_ in self.escrows.documents]
        found = [(since, e.id, e) for e in escrows if (since := getattr(e, field))]
        rows = sorted(found, key=lambda row: row[:2])
        return [row[2] for row in rows if after is None or row[:2] > after]

    def waiting(self, party_id: str) -> list[Waiter]:
        found = []
        for e in (self.escrows.load(id_) for id_ in self.escrows.documents):
            if e.waits_for == party_id and (since := e.waits_since):
                about = (e.id, e.status.value, e.failure_code, e.owed or e.amount, e.currency)
                found.append(Waiter(*about, since, e.action_url or ""))
            found += unconfirmed(e, party_id) if party_id in e.confirmers else []
            found += failed_refunds(e, party_id) if party_id in e.creditors else []
        return sorted(found, key=attrgetter("since"))

    @property
    def announced(self) -> list[str]:
        """The types of the escrows' events, without `.v1`, in order."""
        return [event.type.removesuffix(".v1") for event in self.escrows.announced]

    def event(self, type_: str) -> dict[str, Any]:
        """The data of the last event of this type."""
        found = [e for e in self.escrows.announced if e.type == f"{type_}.v1"]
        return found[-1].data

    def _bank_step(self, point: str, key: str) -> None:
        self.plan.step(f"bank {point} {key}")
        self.bank_faults(point, key)


def effects(world: World, kind: Kind) -> list[int]:
    """The amounts of what really happened at the bank, of this kind."""
    return [amount for key, amount in world.bank.effects() if f":{kind.value}:" in key]
