"""The adapter at the real Stripe, in test mode: the only proof of what Connect does.

Runs with STRIPE_TEST_KEY (sk_test_...). What is about transfers needs STRIPE_TEST_ACCOUNT as well:
an Express account of that platform whose transfers are active, since only a person can onboard one.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.payments.domain import AccountStatus, Kind, Operation, State
from services.payments.stripe_bank import Access, StripeBank

KEY, ACCOUNT = os.environ.get("STRIPE_TEST_KEY", ""), os.environ.get("STRIPE_TEST_ACCOUNT", "")
API = os.environ.get("STRIPE_TEST_API", "")  # Of a stand-in, to try these tests themselves.
pytestmark = pytest.mark.skipif(
    not KEY.startswith("sk_test_"),
    reason="NOT TESTED at the real Stripe: set STRIPE_TEST_KEY to a secret key of test mode",
)
with_account = pytest.mark.skipif(
    not ACCOUNT, reason="NOT TESTED: transfers need STRIPE_TEST_ACCOUNT, an onboarded account"
)
PRICE = 26405


class Live:
    """An engagement of its own at the real Stripe, so that runs do not meet."""

    def __init__(self) -> None:
        self.id = f"eng-{uuid4().hex[:12]}"
        access = Access(api_key=KEY, groups=not API, api_base=API)
        self.bank = StripeBank(access)
        self.began = datetime.now(UTC)

    def order(self, kind: Kind, amount: int, number: int = 1, **more: str) -> Operation:
        key = f"{self.id}:{kind.value}:{number}"
        return Operation(key, kind, amount, "USD", self.began, **more)

    def charged(self, token: str = "tok_visa") -> str:
        card = self.bank.attach_card(f"{self.id}:card", token).id
        return self.once(self.order(Kind.CHARGE, PRICE, party=card))

    def once(self, operation: Operation) -> str:
        """It succeeds, is the same when it is repeated, and is found with and without its id."""
        method = "reverse" if operation.kind is Kind.REVERSAL else operation.kind.value
        send = getattr(self.bank, method)
        outcome = send(self.id, operation)
        assert outcome.state is State.SUCCEEDED, outcome
        assert send(self.id, operation) == outcome
        assert self.bank.lookup(self.id, operation) == outcome
        known = replace(operation, bank_id=outcome.bank_id)
        assert self.bank.lookup(self.id, known) == outcome
        return outcome.bank_id


@pytest.fixture
def live() -> Live:
    return Live()


def test_a_charge_and_its_refund_happen_once_and_are_on_the_statement(live: Live) -> None:
    charge_id = live.charged()
    live.once(live.order(Kind.REFUND, 405, charge_id=charge_id))
    over = live.order(Kind.REFUND, PRICE, 2, charge_id=charge_id)
    assert live.bank.refund(live.id, over).state is State.FAILED
    page = live.bank.activity(live.began - timedelta(minutes=5))
    ours = [line for line in page.items if line.operation_key.startswith(live.id)]
    assert sorted((line.kind, line.amount) for line in ours) == [
        ("charge", PRICE),
        ("refund", -405),
    ]
    assert "USD" in live.bank.balance()


def test_an_account_opens_once_and_is_led_to_stripes_form(live: Live) -> None:
    account = live.bank.open_account(f"{live.id}:account", "US")
    again = live.bank.open_account(f"{live.id}:account", "US")
    assert account is not None
    assert account == again == live.bank.open_account(f"{live.id}:account", "US", account.id)
    assert account.status is AccountStatus.PENDING
    assert account.requirements
    link = live.bank.onboarding_link(account.id, "https://stint.example/back")
    assert link is not None
    assert link.url.startswith("https://connect.stripe.com/")
    refused = live.order(Kind.TRANSFER, 100, party=account.id, charge_id=live.charged())
    outcome = live.bank.transfer(live.id, refused)
    assert (outcome.state, outcome.code) == (State.FAILED, "account-restricted")


@with_account
def test_a_transfer_draws_on_its_charge_and_can_be_reversed_up_to_its_amount(live: Live) -> None:
    charge_id = live.charged("tok_bypassPending")
    about = {"party": ACCOUNT, "charge_id": charge_id}
    transfer_id = live.once(live.order(Kind.TRANSFER, PRICE - 10, **about))
    over = live.order(Kind.TRANSFER, 11, 2, **about)
    assert live.bank.transfer(live.id, over).state is State.FAILED
    live.once(live.order(Kind.REVERSAL, 100, source_id=transfer_id))
    too_much = live.order(Kind.REVERSAL, PRICE, 2, source_id=transfer_id)
    assert live.bank.reverse(live.id, too_much).state is State.FAILED


@with_account
def test_a_transfer_from_a_pending_charge_needs_no_available_balance(live: Live) -> None:
    live.once(live.order(Kind.TRANSFER, 100, party=ACCOUNT, charge_id=live.charged()))
