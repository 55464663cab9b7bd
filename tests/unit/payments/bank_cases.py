"""What every bank behind the port must do; run over the one in memory and over the sandbox."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from services.payments.domain import AccountStatus, Kind, Operation, Outcome, State
from services.payments.sandbox_bank import NoAnswer
from shared.errors import Conflict, Invalid
from tests.unit.payments.fakes import START

E = "eng-1"
PRICE = 26405


class Faults:
    """What is lost on the way to the bank and back: `request` or `answer`, so many times."""

    def __init__(self) -> None:
        self.losing: list[str] = []

    def __call__(self, point: str, _key: str) -> None:
        if point in self.losing:
            self.losing.remove(point)
            raise NoAnswer


@dataclass
class Rig:
    """A bank under test; `cards` and `accounts` are opened on it."""

    bank: Any
    faults: Faults

    def card(self, token: str = "tok_visa") -> str:
        id_: str = self.bank.attach_card(f"org:card:{token}", token).id
        return id_

    def account(self, key: str = "acc:account") -> str:
        id_: str = self.bank.open_account(key, "US").id
        return id_

    def charge(self, number: int = 1, token: str = "tok_visa") -> tuple[Operation, Outcome]:
        operation = order(Kind.CHARGE, PRICE, number, party=self.card(token))
        return operation, self.bank.charge(E, operation)


def order(kind: Kind, amount: int, number: int = 1, **more: str) -> Operation:
    return Operation(f"{E}:{kind.value}:{number}", kind, amount, "USD", START, **more)


class BankCases:
    """A subclass has a fixture `rig`."""

    def test_a_charge_succeeds_and_the_bank_keeps_its_fee(self, rig: Rig) -> None:
        _, outcome = rig.charge()
        assert outcome.state is State.SUCCEEDED
        assert 0 < outcome.fee_amount < PRICE
        assert rig.bank.balances() == {"USD": PRICE - outcome.fee_amount}

    @pytest.mark.parametrize(
        ("token", "code"),
        [("tok_chargeDeclined", "card-declined"), ("tok_insufficientFunds", "insufficient-funds")],
    )
    def test_a_card_that_declines_is_declined_again_under_its_key(
        self, rig: Rig, token: str, code: str
    ) -> None:
        operation, outcome = rig.charge(token=token)
        assert (outcome.state, outcome.code) == (State.FAILED, code)
        assert rig.bank.charge(E, operation) == outcome
        assert rig.bank.lookup(E, operation) == outcome
        assert rig.bank.effects() == []

    def test_an_unknown_token_is_refused(self, rig: Rig) -> None:
        with pytest.raises(Invalid) as caught:
            rig.card("4242424242424242")
        assert "token" in caught.value.errors

    def test_a_charge_sent_again_is_the_same_charge(self, rig: Rig) -> None:
        operation, outcome = rig.charge()
        assert rig.bank.charge(E, operation) == outcome
        assert rig.bank.effects() == [(operation.key, PRICE)]

    def test_a_key_with_other_parameters_is_an_error(self, rig: Rig) -> None:
        operation, _ = rig.charge()
        with pytest.raises(Conflict):
            rig.bank.charge(E, replace(operation, amount=PRICE + 1))

    @pytest.mark.parametrize(("point", "done"), [("request", 0), ("answer", 1)])
    @pytest.mark.parametrize("kind", [Kind.CHARGE, Kind.TRANSFER, Kind.REFUND])
    def test_what_gets_lost_has_an_unknown_outcome_until_it_is_looked_up(
        self, rig: Rig, kind: Kind, point: str, done: int
    ) -> None:
        operation, send = self._order(rig, kind)
        before = len(rig.bank.effects())
        rig.faults.losing = [point]
        assert send(E, operation).state is State.UNKNOWN
        assert len(rig.bank.effects()) == before + done
        found = rig.bank.lookup(E, operation)
        assert (found is not None) == bool(done)
        outcome = send(E, operation)
        assert outcome.state is State.SUCCEEDED
        assert rig.bank.lookup(E, operation) == outcome
        assert len(rig.bank.effects()) == before + 1

    def _order(self, rig: Rig, kind: Kind) -> tuple[Operation, Callable[..., Outcome]]:
        if kind is Kind.CHARGE:
            return order(kind, PRICE, party=rig.card()), rig.bank.charge
        charge_id = rig.charge()[1].bank_id
        if kind is Kind.TRANSFER:
            return order(kind, 100, party=rig.account(), charge_id=charge_id), rig.bank.transfer
        return order(kind, 100, charge_id=charge_id), rig.bank.refund

    def test_transfers_and_refunds_leave_the_balance(self, rig: Rig) -> None:
        charged = rig.charge()[1]
        out = order(Kind.TRANSFER, 23764, party=rig.account(), charge_id=charged.bank_id)
        back = order(Kind.REFUND, 405, charge_id=charged.bank_id)
        assert rig.bank.transfer(E, out).state is State.SUCCEEDED
        assert rig.bank.refund(E, back).state is State.SUCCEEDED
        assert rig.bank.balances() == {"USD": PRICE - charged.fee_amount - 23764 - 405}

    @pytest.mark.parametrize("kind", [Kind.TRANSFER, Kind.REFUND])
    def test_no_more_leaves_than_was_charged(self, rig: Rig, kind: Kind) -> None:
        charge_id, party = rig.charge()[1].bank_id, rig.account()
        send = rig.bank.transfer if kind is Kind.TRANSFER else rig.bank.refund
        for number, amount, state in (
            (1, PRICE - 10, State.SUCCEEDED),
            (2, 11, State.FAILED),
            (3, 10, State.SUCCEEDED),
            (4, 1, State.FAILED),
        ):
            more = {"charge_id": charge_id} | ({"party": party} if kind is Kind.TRANSFER else {})
            assert send(E, order(kind, amount, number, **more)).state is state
        assert sum(amount for _, amount in rig.bank.effects()) == 2 * PRICE

    def test_what_draws_on_no_charge_is_refused(self, rig: Rig) -> None:
        outcome = rig.bank.refund(E, order(Kind.REFUND, 1, charge_id="ch_none"))
        assert outcome.state is State.FAILED
        assert rig.bank.lookup(E, order(Kind.REFUND, 2, 2, charge_id="ch_none")) is None

    def test_an_account_opens_once_and_is_paid_only_while_active(self, rig: Rig) -> None:
        account_id = rig.account()
        assert rig.account() == account_id != rig.account("other:account")
        rig.bank.set_account_status(account_id, AccountStatus.RESTRICTED)
        assert rig.bank.open_account("acc:account", "US").status is AccountStatus.RESTRICTED
        charge_id = rig.charge()[1].bank_id
        refused = order(Kind.TRANSFER, 5, party=account_id, charge_id=charge_id)
        outcome = rig.bank.transfer(E, refused)
        assert (outcome.state, outcome.code) == (State.FAILED, "account-restricted")
        rig.bank.set_account_status(account_id, AccountStatus.ACTIVE)
        assert rig.bank.transfer(E, refused) == outcome  # Its key is used up.
        anew = order(Kind.TRANSFER, 5, 2, party=account_id, charge_id=charge_id)
        assert rig.bank.transfer(E, anew).state is State.SUCCEEDED
