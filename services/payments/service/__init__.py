"""Payments: holds fees, pays candidates, gives money back; every cent is in the journal."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.payments import library, schemas, store, usecases
from services.payments.domain.custody import Limits
from services.payments.domain.dispute_rules import Rules
from services.payments.schemas.custody import operators_todo
from services.payments.service.banks import bank_of
from services.payments.service.custody import Custody
from services.payments.service.disputes import Disputes
from services.payments.service.extras import Extras
from services.payments.service.hooks import Hooks
from services.payments.service.ledger import Bookkeeping
from services.payments.service.people import People
from services.payments.service.reports import Reports
from services.payments.service.sandbox import SandboxDoor
from services.payments.store.finding import Finding, plans
from shared.envelope import Call, Event
from shared.messaging import every, on, provide
from shared.platform import Platform
from shared.rpc import rpc
from shared.sweep import each


def desk(platform: Platform) -> usecases.Desk:
    """All that the use cases work with, over the database and the configured bank."""
    settings: Any = platform.settings
    bank, countries = bank_of(platform)
    escrows, funding = store.escrows(platform), plans(platform)
    return usecases.Desk(
        escrows=escrows,
        payers=store.payers(platform),
        accounts=store.payout_accounts(platform),
        hooks=store.hooks(platform),
        waiting=store.waiting,
        journal=store.Journal(platform),
        bank=bank,
        fee_bps=settings.platform_fee_bps,
        countries=countries,
        now=platform.now,
        overview=store.Overview(escrows, platform.now),
        limits=Limits(settings.dual_control_above),
        rules=rules(settings.dispute_days),
        plans=funding,
        finding=Finding(escrows, funding),
        policies=library.policies(settings.security_hold_days),
        web_url=settings.web_url,
    )


def rules(days: Mapping[str, int]) -> Rules:
    """The rules of disputes opened from now on, by what the settings say of each step."""
    return replace(Rules(), **{f"{step}_days": count for step, count in days.items()})


class PaymentsService(Extras, Reports, Disputes, Custody, Hooks, SandboxDoor, Bookkeeping, People):
    name = "payments"
    desk = provide(desk)

    @on("application.accepted.v1")
    def on_application_accepted(self, event: Event) -> None:
        facts = schemas.ApplicationAccepted().load(event.data)
        usecases.open_escrow(self.desk, usecases.Engagement(**facts), event)

    @on("deliverable.accepted.v1")
    def on_deliverable_accepted(self, event: Event) -> None:
        facts = schemas.DeliverableAccepted().load(event.data)
        usecases.release_funds(self.desk, cause=event, **facts)

    @on("engagement.cancelled.v1")
    def on_engagement_cancelled(self, event: Event) -> None:
        facts = schemas.EngagementCancelled().load(event.data)
        usecases.close_escrow(self.desk, reason="engagement-cancelled", cause=event, **facts)

    @on("application.withdrawn.v1")
    def on_application_withdrawn(self, event: Event) -> None:
        engagement_id = schemas.ApplicationWithdrawn().load(event.data)["engagement_id"]
        if engagement_id:  # Without one nothing was ever charged.
            usecases.close_escrow(self.desk, engagement_id, "application-withdrawn", event)

    @rpc
    def put_payment_method(self, call: Call, token: str) -> dict[str, Any]:
        asked = schemas.read(schemas.PutPaymentMethod, token=token)
        payer = usecases.put_payment_method(self.desk, call, asked["token"])
        return schemas.payer_view(payer, simulated=self.desk.bank.simulated)

    @rpc
    def get_payment_method(self, call: Call) -> dict[str, Any]:
        payer = usecases.get_payment_method(self.desk, call.principal)
        return schemas.payer_view(payer, simulated=self.desk.bank.simulated)

    @rpc
    def open_payout_account(self, call: Call, country: str) -> dict[str, Any]:
        asked = schemas.read(schemas.OpenPayoutAccount, country=country)
        account = usecases.open_payout_account(self.desk, call, asked["country"])
        return schemas.account_view(account, simulated=self.desk.bank.simulated)

    @rpc
    def get_payout_account(self, call: Call) -> dict[str, Any]:
        account = usecases.get_payout_account(self.desk, call.principal)
        return schemas.account_view(account, simulated=self.desk.bank.simulated)

    @rpc
    def get_escrow(self, call: Call, engagement_id: str) -> dict[str, Any]:
        asked = schemas.read(schemas.OfEngagement, engagement_id=engagement_id)
        escrow, entries = usecases.get_escrow(self.desk, call.principal, **asked)
        view = schemas.escrow_view(escrow, entries, simulated=self.desk.bank.simulated)
        if call.principal.role == "candidate":
            view = schemas.for_candidate(view)
        return view

    @rpc
    def retry_payment(self, call: Call, engagement_id: str) -> dict[str, Any]:
        asked = schemas.read(schemas.OfEngagement, engagement_id=engagement_id)
        return self._shown(usecases.retry_payment(self.desk, call, **asked))

    @rpc
    def trial_balance(self, call: Call) -> dict[str, Any]:
        view = schemas.balance_view(usecases.trial_balance(self.desk, call.principal))
        return view | {"simulated": self.desk.bank.simulated}

    @rpc
    def list_todo(self, call: Call) -> dict[str, Any]:
        by = call.principal
        items = [schemas.todo_view(waiter) for waiter in usecases.list_todo(self.desk, by)]
        if by.role == "operator":
            items += operators_todo(self.desk.overview.watched(), by.id)
        funds = {"simulated": self.desk.bank.simulated}
        return {"items": [item | funds for item in items]}

    @every(10)
    def sweep_escrows(self) -> None:
        """Take up what a crash, a bank without an answer, or a silent party has left open."""
        due = self.desk.escrows.due(self.desk.now())
        each(due, lambda id_: usecases.tend_escrow(self.desk, id_))

    @every(10)
    def sweep_accounts(self) -> None:
        """Ask again about accounts that are not active; pay what waits for those that are."""
        due = self.desk.accounts.due(self.desk.now())
        each(due, lambda id_: usecases.tend_account(self.desk, id_))

    def _shown(self, escrow: Any) -> dict[str, Any]:
        return schemas.escrow_view(escrow, simulated=self.desk.bank.simulated)
