"""What every bank behind the port must do, whoever it is.

`FundingCases` are about charges and refunds, `PayingCases` about accounts and transfers,
`ProcessorCases` about what a processor does of itself: it asks the payer, tells what it holds, and
takes charges back. A subclass has a fixture `rig`; a `Rig` of another bank knows how to play its
outside world.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from services.payments.domain import (
    AccountStatus,
    Activity,
    Kind,
    Operation,
    Outcome,
    State,
)
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

    def set_account_status(self, account_id: str, status: AccountStatus) -> None:
        """The bank, or its owner, changes how an account stands."""
        self.bank.set_account_status(account_id, status)

    def leads(self, outcome: Outcome) -> bool:
        """Whether the payer is told where to confirm."""
        return bool(outcome.action_url)

    def confirm(self, operation: Operation, confirmed: bool) -> None:
        """The payer answers their own bank about a charge."""
        id_ = self.bank.charge(E, operation).bank_id
        self.bank.charges.change(id_, lambda charge: charge.confirm(confirmed, self.bank.now()))

    def later(self, **span: float) -> None:
        """Time passes."""
        self.bank.now.pass_(**span)

    def effects(self) -> list[tuple[str, int]]:
        """Keys and amounts of what really happened at the bank."""
        found: list[tuple[str, int]] = self.bank.effects()
        return found

    def net(self) -> dict[str, int]:
        """What the bank holds, by currency."""
        found: dict[str, int] = self.bank.balances()
        return found

    def activity(self) -> list[Activity]:
        """All of the bank's statement."""
        found: list[Activity] = []
        after = ""
        while True:
            page = self.bank.activity(START - timedelta(days=1), after)
            found += page.items
            if not (after := page.after):
                return found


def order(kind: Kind, amount: int, number: int = 1, **more: str) -> Operation:
    return Operation(f"{E}:{kind.value}:{number}", kind, amount, "USD", START, **more)


class FundingCases:
    def test_a_charge_succeeds_and_the_bank_keeps_its_fee(self, rig: Rig) -> None:
        _, outcome = rig.charge()
        assert outcome.state is State.SUCCEEDED
        assert 0 < outcome.fee_amount < PRICE
        assert rig.net() == {"USD": PRICE - outcome.fee_amount}

    @pytest.mark.parametrize(
        ("token", "code"),
        [
            ("tok_chargeDeclined", "card-declined"),
            ("tok_chargeDeclinedInsufficientFunds", "insufficient-funds"),
        ],
    )
    def test_a_card_that_declines_is_declined_again_under_its_key(
        self, rig: Rig, token: str, code: str
    ) -> None:
        operation, outcome = rig.charge(token=token)
        assert (outcome.state, outcome.code) == (State.FAILED, code)
        assert rig.bank.charge(E, operation) == outcome
        assert rig.bank.lookup(E, operation) == outcome
        assert rig.effects() == []

    def test_an_unknown_token_is_refused(self, rig: Rig) -> None:
        with pytest.raises(Invalid) as caught:
            rig.card("4242424242424242")
        assert "token" in caught.value.errors

    def test_a_charge_sent_again_is_the_same_charge(self, rig: Rig) -> None:
        operation, outcome = rig.charge()
        assert rig.bank.charge(E, operation) == outcome
        assert rig.effects() == [(operation.key, PRICE)]

    def test_a_key_with_other_parameters_is_an_error(self, rig: Rig) -> None:
        operation, _ = rig.charge()
        with pytest.raises(Conflict):
            rig.bank.charge(E, replace(operation, amount=PRICE + 1))

    @pytest.mark.parametrize(("point", "done"), [("request", 0), ("answer", 1)])
    @pytest.mark.parametrize("kind", [Kind.CHARGE, Kind.REFUND])
    def test_what_gets_lost_has_an_unknown_outcome_until_it_is_looked_up(
        self, rig: Rig, kind: Kind, point: str, done: int
    ) -> None:
        if kind is Kind.CHARGE:
            operation, send = order(kind, PRICE, party=rig.card()), rig.bank.charge
        else:
            charge_id = rig.charge()[1].bank_id
            operation, send = order(kind, 100, charge_id=charge_id), rig.bank.refund
        assert_lost(rig, operation, send, point, done)

    def test_a_refund_leaves_the_balance(self, rig: Rig) -> None:
        charged = rig.charge()[1]
        back = order(Kind.REFUND, 405, charge_id=charged.bank_id)
        assert rig.bank.refund(E, back).state is State.SUCCEEDED
        assert rig.net() == {"USD": PRICE - charged.fee_amount - 405}

    def test_no_more_goes_back_than_was_charged(self, rig: Rig) -> None:
        charge_id = rig.charge()[1].bank_id
        assert_bounded(rig, Kind.REFUND, rig.bank.refund, charge_id=charge_id)

    def test_what_draws_on_no_charge_is_refused(self, rig: Rig) -> None:
        outcome = rig.bank.refund(E, order(Kind.REFUND, 1, charge_id="ch_none"))
        assert outcome.state is State.FAILED
        assert rig.bank.lookup(E, order(Kind.REFUND, 2, 2, charge_id="ch_none")) is None

    def test_a_refund_is_not_taken_for_another_of_the_same_amount(self, rig: Rig) -> None:
        charge_id = rig.charge()[1].bank_id
        first, second = (order(Kind.REFUND, 100, n, charge_id=charge_id) for n in (1, 2))
        done = rig.bank.refund(E, first)
        assert rig.bank.lookup(E, second) is None
        assert rig.bank.refund(E, second).bank_id != done.bank_id
        assert rig.bank.lookup(E, first) == done

    def test_what_was_never_sent_is_not_known(self, rig: Rig) -> None:
        assert rig.bank.lookup(E, order(Kind.CHARGE, PRICE, party=rig.card())) is None


class PayingCases:
    @pytest.mark.parametrize(("point", "done"), [("request", 0), ("answer", 1)])
    def test_a_transfer_that_gets_lost_is_unknown_until_it_is_looked_up(
        self, rig: Rig, point: str, done: int
    ) -> None:
        charge_id = rig.charge()[1].bank_id
        operation = order(Kind.TRANSFER, 100, party=rig.account(), charge_id=charge_id)
        assert_lost(rig, operation, rig.bank.transfer, point, done)

    def test_a_transfer_is_not_taken_for_another_of_the_same_amount(self, rig: Rig) -> None:
        about = {"party": rig.account(), "charge_id": rig.charge()[1].bank_id}
        first, second = (order(Kind.TRANSFER, 100, n, **about) for n in (1, 2))
        done = rig.bank.transfer(E, first)
        assert rig.bank.lookup(E, second) is None
        assert rig.bank.transfer(E, second).bank_id != done.bank_id
        assert rig.bank.lookup(E, first) == done

    def test_a_transfer_leaves_the_balance(self, rig: Rig) -> None:
        charged = rig.charge()[1]
        out = order(Kind.TRANSFER, 23764, party=rig.account(), charge_id=charged.bank_id)
        assert rig.bank.transfer(E, out).state is State.SUCCEEDED
        assert rig.net() == {"USD": PRICE - charged.fee_amount - 23764}

    def test_no_more_is_transferred_than_was_charged(self, rig: Rig) -> None:
        about = {"charge_id": rig.charge()[1].bank_id, "party": rig.account()}
        assert_bounded(rig, Kind.TRANSFER, rig.bank.transfer, **about)

    def test_an_account_opens_once_and_is_paid_only_while_active(self, rig: Rig) -> None:
        account_id = rig.account()
        assert rig.account() == account_id != rig.account("other:account")
        rig.set_account_status(account_id, AccountStatus.RESTRICTED)
        known = rig.bank.open_account("acc:account", "US", account_id)
        assert known.status is AccountStatus.RESTRICTED
        charge_id = rig.charge()[1].bank_id
        refused = order(Kind.TRANSFER, 5, party=account_id, charge_id=charge_id)
        outcome = rig.bank.transfer(E, refused)
        assert (outcome.state, outcome.code) == (State.FAILED, "account-restricted")
        rig.set_account_status(account_id, AccountStatus.ACTIVE)
        assert rig.bank.transfer(E, refused) == outcome  # Its key is used up.
        anew = order(Kind.TRANSFER, 5, 2, party=account_id, charge_id=charge_id)
        assert rig.bank.transfer(E, anew).state is State.SUCCEEDED


class ProcessorCases:
    def test_a_payer_who_confirms_pays(self, rig: Rig) -> None:
        operation, outcome = rig.charge(token="tok_threeDSecureRequired")
        assert outcome.state is State.ACTION
        assert rig.leads(outcome)
        assert rig.effects() == []
        rig.confirm(operation, True)
        found = rig.bank.lookup(E, operation)
        assert (found.state, found.action_url) == (State.SUCCEEDED, "")
        assert rig.net() == {"USD": PRICE - found.fee_amount}

    def test_a_payer_who_refuses_does_not_pay(self, rig: Rig) -> None:
        operation, _ = rig.charge(token="tok_threeDSecureRequired")
        rig.confirm(operation, False)
        assert rig.bank.lookup(E, operation).state is State.FAILED
        assert rig.effects() == []

    def test_a_charge_that_was_called_off_never_succeeds(self, rig: Rig) -> None:
        operation, _ = rig.charge(token="tok_threeDSecureRequired")
        outcome = rig.bank.cancel(E, operation)
        assert (outcome.state, outcome.code) == (State.FAILED, "authentication-required")
        assert rig.bank.cancel(E, operation).state is State.FAILED
        with pytest.raises(Conflict):
            rig.confirm(operation, True)
        assert rig.bank.lookup(E, operation).state is State.FAILED

    def test_a_charge_that_succeeded_is_not_called_off(self, rig: Rig) -> None:
        operation, outcome = rig.charge()
        assert rig.bank.cancel(E, operation) == outcome

    def test_the_statement_sums_up_to_the_balance(self, rig: Rig) -> None:
        operation, outcome = rig.charge()
        rig.charge(2, "tok_chargeDeclined")
        rig.bank.refund(E, order(Kind.REFUND, 405, charge_id=outcome.bank_id))
        charge, refund = sorted(rig.activity(), key=lambda line: line.kind)
        assert (charge.kind, charge.amount, charge.fee) == ("charge", PRICE, outcome.fee_amount)
        assert charge.operation_key == operation.key
        assert (refund.kind, refund.amount, refund.operation_key) == (
            "refund",
            -405,
            f"{E}:refund:1",
        )
        assert_sums_up(rig)

    def test_what_cards_pay_is_pending_at_first(self, rig: Rig) -> None:
        charged = rig.charge()[1]
        balance = rig.bank.balance()["USD"]
        assert (balance.available, balance.pending) == (0, PRICE - charged.fee_amount)

    def test_what_bypasses_pending_is_available_at_once(self, rig: Rig) -> None:
        charged = rig.charge(token="tok_bypassPending")[1]
        balance = rig.bank.balance()["USD"]
        assert (balance.available, balance.pending) == (PRICE - charged.fee_amount, 0)

    @pytest.mark.parametrize(
        ("evidence", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")]
    )
    def test_a_chargeback_takes_the_charge_and_a_fee_until_it_is_won(
        self, rig: Rig, evidence: str, status: str
    ) -> None:
        _, outcome = rig.charge(token="tok_createDispute")
        (taken,) = [line for line in rig.activity() if line.kind == "dispute"]
        assert taken.amount == -PRICE
        assert taken.fee > 0
        assert rig.bank.answer_chargeback(taken.source_id, evidence)
        back = [line.amount for line in rig.activity() if line.kind == "dispute_reversal"]
        assert back == ([PRICE] if status == "won" else [])
        assert not rig.bank.answer_chargeback(taken.source_id, evidence)
        assert rig.net() == {"USD": sum(back) - outcome.fee_amount - taken.fee}
        assert_sums_up(rig)

    def test_a_disputed_charge_is_not_refunded_as_well(self, rig: Rig) -> None:
        _, outcome = rig.charge(token="tok_createDispute")
        refused = rig.bank.refund(E, order(Kind.REFUND, 5, charge_id=outcome.bank_id))
        assert refused.state is State.FAILED


class BankCases(FundingCases, PayingCases):
    """What the core counts on; the bank in memory does no more."""


def assert_lost(
    rig: Rig, operation: Operation, send: Callable[..., Outcome], point: str, done: int
) -> None:
    """Lost at this point, it is unknown; looked up and sent again, it is one effect."""
    before = len(rig.effects())
    rig.faults.losing = [point]
    assert send(E, operation).state is State.UNKNOWN
    assert len(rig.effects()) == before + done
    found = rig.bank.lookup(E, operation)
    assert (found is not None) == bool(done)
    outcome = send(E, operation)
    assert outcome.state is State.SUCCEEDED
    assert rig.bank.lookup(E, operation) == outcome
    assert len(rig.effects()) == before + 1


def assert_bounded(rig: Rig, kind: Kind, send: Callable[..., Outcome], **about: str) -> None:
    """Whatever is asked for, no more leaves than was charged, to the cent."""
    for number, amount, state in (
        (1, PRICE - 10, State.SUCCEEDED),
        (2, 11, State.FAILED),
        (3, 10, State.SUCCEEDED),
        (4, 1, State.FAILED),
    ):
        assert send(E, order(kind, amount, number, **about)).state is state
    assert sum(amount for _, amount in rig.effects()) == 2 * PRICE


def assert_sums_up(rig: Rig) -> None:
    held = {
        currency: each.available + each.pending for currency, each in rig.bank.balance().items()
    }
    lines = rig.activity()
    assert all(line.net == line.amount - line.fee for line in lines)
    assert held == {"USD": sum(line.net for line in lines)}
