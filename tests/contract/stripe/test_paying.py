"""What every bank does with accounts and transfers, over our reading of Stripe's documents.

No independent Connect exists to hold this against: see docs/payments-oracles.md.
"""

import pytest

from services.payments.domain import Kind, State
from tests.contract.stripe.connect import ConnectRig
from tests.unit.payments.bank_cases import E, PayingCases, assert_lost, order


@pytest.fixture
def rig() -> ConnectRig:
    return ConnectRig.new()


def paid(rig: ConnectRig, amount: int) -> str:
    """The id of a transfer of so much."""
    about = {"party": rig.account(), "charge_id": rig.charge()[1].bank_id}
    outcome = rig.bank.transfer(E, order(Kind.TRANSFER, amount, **about))
    assert outcome.state is State.SUCCEEDED
    return str(outcome.bank_id)


class TestStripePaying(PayingCases):
    @pytest.mark.parametrize(("point", "done"), [("request", 0), ("answer", 1)])
    def test_a_reversal_that_gets_lost_is_unknown_until_it_is_looked_up(
        self, rig: ConnectRig, point: str, done: int
    ) -> None:
        operation = order(Kind.REVERSAL, 100, source_id=paid(rig, 500))
        assert_lost(rig, operation, rig.bank.reverse, point, done)

    def test_no_more_is_taken_back_than_was_transferred(self, rig: ConnectRig) -> None:
        transfer_id = paid(rig, 500)
        for number, amount, state in ((1, 400, State.SUCCEEDED), (2, 101, State.FAILED)):
            operation = order(Kind.REVERSAL, amount, number, source_id=transfer_id)
            assert rig.bank.reverse(E, operation).state is state

    def test_an_account_that_nobody_has_finished_is_not_paid(self, rig: ConnectRig) -> None:
        account = rig.bank.open_account("acc-2:account", "US")
        about = {"party": account.id, "charge_id": rig.charge()[1].bank_id}
        outcome = rig.bank.transfer(E, order(Kind.TRANSFER, 5, **about))
        assert (outcome.state, outcome.code) == (State.FAILED, "account-restricted")
        assert outcome.retryable
