"""Payments over the real store, the sandbox bank and a real database; crashes can be planned."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from services.payments import store
from services.payments.config import Settings
from services.payments.domain import Entry, Escrow
from services.payments.domain.custody import Limits
from services.payments.domain.policies import Policies
from services.payments.sandbox_bank import COUNTRIES, SandboxBank
from services.payments.store.finding import Finding, plans
from services.payments.usecases import Desk
from shared.platform import Platform
from shared.store import Store
from tests.unit.payments.fakes import Plan, Time
from tests.unit.payments.story import E

A = TypeVar("A")


def platform(
    uri: str, prefix: str, now: Time, environment: str = "development", **more: str
) -> Platform:
    """It loads and saves and announces nothing: this process is not patched."""
    settings = Settings(
        environment=environment,
        amqp_uri="amqp://nowhere",
        mongo_uri=uri,
        database_prefix=prefix,
        ladder={},
        **more,  # type: ignore[arg-type]
    )
    return Platform(settings, "payments", now=now)


class Planned(Generic[A]):
    """A store whose changes are steps of the plan."""

    def __init__(self, store: Store[A], plan: Plan) -> None:
        self.store, self.plan = store, plan
        self.load, self.find, self.due = store.load, store.find, store.due

    def change(self, id: str, *arguments: Any, **more: Any) -> A:
        self.plan.step(f"before change of {id}")
        aggregate = self.store.change(id, *arguments, **more)
        self.plan.step(f"after change of {id}")
        return aggregate


class PlannedJournal(store.Journal):
    """The journal, whose entries are steps of the plan; read as the fake one is."""

    plan: Plan

    def post(self, entries: Sequence[Entry]) -> None:
        self.plan.step("before journal")
        super().post(entries)
        self.plan.step("after journal")

    @property
    def entries(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.of(E)}

    def balance(self, account: str) -> int:
        return sum(balance for name, _, balance in self.balances() if name == account)


class RealWorld:
    """As `fakes.World`, with nothing in it that is not real but the plan and the clock."""

    def __init__(self, uri: str, prefix: str, crash_at: int = 0) -> None:
        self.plan, self.now = Plan(crash_at), Time()
        self.bank_faults: Callable[[str, str], None] = lambda _point, _key: None
        self.platform = platform(uri, prefix, self.now)
        escrows, funding = store.escrows(self.platform), plans(self.platform)
        self.escrows: Planned[Escrow] = Planned(escrows, self.plan)
        self.accounts = Planned(store.payout_accounts(self.platform), self.plan)
        self.journal = PlannedJournal(self.platform)
        self.journal.plan = self.plan
        self.bank = SandboxBank(self.platform, self._bank_step)
        self.desk = Desk(
            escrows=self.escrows,
            payers=Planned(store.payers(self.platform), self.plan),
            accounts=self.accounts,
            hooks=Planned(store.hooks(self.platform), self.plan),
            waiting=store.waiting,
            journal=self.journal,
            bank=self.bank,
            fee_bps=1000,
            countries=frozenset(COUNTRIES),
            now=self.now,
            overview=store.Overview(escrows, self.now),
            limits=Limits({"USD": 10**7}),
            plans=Planned(funding, self.plan),
            finding=Finding(escrows, funding),
            policies=Policies(),
        )
        self.platform.prepare()

    @property
    def announced(self) -> list[str]:
        """The events that wait in the escrow's outbox: nobody publishes here."""
        document = self.platform.database["escrows"].find_one({"_id": E}) or {}
        return [event["type"].removesuffix(".v1") for event in document.get("outbox", ())]

    def _bank_step(self, point: str, key: str) -> None:
        self.plan.step(f"bank {point} {key}")
        self.bank_faults(point, key)
