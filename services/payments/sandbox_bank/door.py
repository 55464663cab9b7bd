"""Where people play the world outside the sandbox: payers, their banks, owners of accounts."""

from collections.abc import Callable
from typing import Any, TypeVar

from services.payments.domain import AccountStatus
from services.payments.sandbox_bank.accounts import Account
from services.payments.sandbox_bank.bank import SandboxBank
from services.payments.sandbox_bank.charges import Charge
from services.payments.usecases import Desk, settle, tend_account
from services.payments.usecases.finding import of_key
from shared.envelope import Call
from shared.errors import NotFound
from shared.principal import Principal

R = TypeVar("R")
View = dict[str, Any]


class Door:
    """`operation` is a row of the permission table; nobody passes who may not."""

    def __init__(self, desk: Desk) -> None:
        """Raises NotFound where real money is moved: there is nothing to play."""
        if not isinstance(desk.bank, SandboxBank):
            raise NotFound("no-sandbox", "There is no sandbox bank here.")
        self._desk, self._bank = desk, desk.bank

    def read_charge(self, by: Principal, operation: str, charge_id: str) -> View:
        charge = self._bank.charges.find(charge_id)
        if charge is None:
            by.require(operation)  # Who may not, may not learn what there is.
            raise nothing()
        payer = self._payer(charge)
        by.require(operation, org_id=payer)  # Nobody else's bank asks them.
        return charge_view(charge)

    def _payer(self, charge: Charge) -> str:
        """The organisation whose card it is: the company, or a sponsor."""
        escrow = self._desk.escrows.load(charge.engagement_id)
        operation = of_key(escrow, charge.key)
        return (operation.payer if operation else "") or escrow.org_id

    def confirm(self, call: Call, charge_id: str, confirmed: bool) -> View:
        """The payer says yes or no to their own bank."""
        self.read_charge(call.principal, "confirm_sandbox_charge", charge_id)
        now = self._bank.now()
        return self._change(call, charge_id, lambda charge: charge.confirm(confirmed, now))

    def dispute(self, call: Call, charge_id: str, status: str) -> View:
        """The payer's bank opens a chargeback or an inquiry, or decides it."""
        self.read_charge(call.principal, "play_chargeback", charge_id)
        now = self._bank.now()

        def act(charge: Charge) -> None:
            if status in ("opened", "inquiry"):
                charge.open_chargeback(status == "inquiry", now)
            else:
                charge.decide(status == "won", now)

        return self._change(call, charge_id, act)

    def read_account(self, by: Principal, operation: str, account_id: str) -> View:
        account = self._bank.accounts.find(account_id)
        owner = owner_of(account) if account else None
        by.require(operation, person_id=owner)
        if account is None:
            raise nothing()
        return account_view(account)

    def restate(
        self, call: Call, account_id: str, status: str, requirements: list[str], reason: str
    ) -> View:
        """Its owner finishes onboarding, or the bank asks for more."""
        self.read_account(call.principal, "change_sandbox_account", account_id)
        now, wanted = self._bank.now(), AccountStatus(status)
        return self._restate(
            call, account_id, lambda account: account.restate(wanted, requirements, reason, now)
        )

    def pay_out(self, call: Call, account_id: str, amount: int, failure_code: str) -> View:
        """The bank pays the owner's own bank, which may refuse."""
        self.read_account(call.principal, "play_payout", account_id)
        now = self._bank.now()
        return self._restate(
            call, account_id, lambda account: account.pay_out(amount, failure_code, now)
        )

    def adjust(self, call: Call, kind: str, amount: int, currency: str) -> View:
        """Something else goes over the platform's balance."""
        call.principal.require("play_adjustment")
        self._bank.adjust(call.id, kind, amount, currency)
        about = {"id": call.id, "kind": kind, "amount": amount, "currency": currency}
        return about | {"simulated": True}

    def _change(self, call: Call, charge_id: str, act: Callable[[Charge], None]) -> View:
        """And look again, as a webhook would tell us to."""
        charge = self._bank.charges.change(charge_id, lambda charge: done(act, charge))
        if charge is None:
            raise nothing()
        settle(self._desk, self._desk.escrows.load(charge.engagement_id), call)
        return charge_view(charge)

    def _restate(self, call: Call, account_id: str, act: Callable[[Account], None]) -> View:
        account = self._bank.accounts.change(account_id, lambda account: done(act, account))
        if account is None:
            raise nothing()
        tend_account(self._desk, owner_of(account), call)
        return account_view(account)


def done(act: Callable[[R], None], record: R) -> R:
    act(record)
    return record


def nothing() -> NotFound:
    return NotFound("not-found", "There is no such thing, or it is not yours.")


def owner_of(account: Account) -> str:
    """The candidate for whom it was opened."""
    return account.key.rpartition(":")[0]


def charge_view(charge: Charge) -> View:
    chargeback = charge.chargeback
    return {
        "id": charge.id,
        "engagement_id": charge.engagement_id,
        "status": charge.state.value,
        "amount": charge.amount,
        "currency": charge.currency,
        "failure_code": charge.code or None,
        "refunded_amount": charge.refunded,
        "chargeback_id": chargeback.id if chargeback else None,
        "chargeback_status": chargeback.status if chargeback else None,
        "simulated": True,
    }


def account_view(account: Account) -> View:
    payouts = [
        {
            "id": payout.id,
            "amount": payout.amount,
            "status": payout.status,
            "failure_code": payout.failure_code or None,
            "at": payout.at.isoformat(),
        }
        for payout in account.payouts
    ]
    return {
        "id": account.id,
        "status": account.status.value,
        "country": account.country,
        "currency": account.currency,
        "payouts_enabled": account.payouts_enabled,
        "requirements": account.requirements,
        "disabled_reason": account.disabled_reason or None,
        "payouts": payouts,
        "simulated": True,
    }
