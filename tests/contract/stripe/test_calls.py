"""Every request of the adapter is one that Stripe's own OpenAPI document accepts, and the judge
refuses what Stripe refuses.

That Stripe then *does* what its documents say of Connect (transfers, reversals, onboarding,
payouts) nothing here can prove: see docs/payments-oracles.md.
"""

from dataclasses import replace
from typing import Any

import pytest
import stripe

from services.payments.domain import Kind, State
from services.payments.stripe_bank import StripeBank
from services.payments.stripe_bank.access import API_VERSION
from tests.contract.stripe import world
from tests.contract.stripe.spec import Rejected
from tests.contract.stripe.stand_in import StandIn, fixture, listing
from tests.contract.stripe.world import CHARGE, REFUND, REVERSAL, TRANSFER, E, answering, bank

SENT = {
    Kind.CHARGE: (CHARGE, "charge", "ch_1"),
    Kind.TRANSFER: (TRANSFER, "transfer", "tr_1"),
    Kind.REFUND: (REFUND, "refund", "re_1"),
    Kind.REVERSAL: (REVERSAL, "reverse", "trr_1"),
}


def everything(stripe_bank: StripeBank) -> None:
    """Each method of the bank, in each way in which it calls Stripe."""
    for operation, method, bank_id in SENT.values():
        getattr(stripe_bank, method)(E, operation)
        stripe_bank.lookup(E, operation)
        stripe_bank.lookup(E, replace(operation, bank_id=bank_id))
    stripe_bank.lookup(E, replace(CHARGE, bank_id="pi_1"))
    stripe_bank.attach_card("org-1:card:c1", "tok_visa")
    stripe_bank.attach_card("org-1:card:c2", "pm_1")
    stripe_bank.open_account("acc-1:account", "US")
    stripe_bank.open_account("acc-2:account", "DE")
    stripe_bank.open_account("acc-2:account", "DE", "acct_1")
    stripe_bank.onboarding_link("acct_1", world.RETURN)
    stripe_bank.activity(world.START)
    stripe_bank.activity(world.START, "txn_1")
    stripe_bank.balance()
    stripe_bank.answer_chargeback("dp_1", "The work was handed in and accepted.")
    stripe_bank.lookup(E, world.order(Kind.CHARGEBACK, 1000, charge_id="ch_1"))


def test_stripe_accepts_every_call_that_the_adapter_makes() -> None:
    stripe_bank, http = bank()
    everything(stripe_bank)
    waiting = answering(
        "/v1/payment_intents/{intent}", (200, world.intent(status="requires_action")), verb="get"
    )
    stripe_bank, second = bank(waiting)
    stripe_bank.cancel(E, replace(CHARGE, bank_id="pi_1"))
    made = {(verb, path) for verb, path, _, _ in http.calls + second.calls}
    assert made == {
        ("get", "/v1/accounts/{account}"),
        ("get", "/v1/balance"),
        ("get", "/v1/balance_transactions"),
        ("get", "/v1/charges/{charge}"),
        ("get", "/v1/disputes"),
        ("get", "/v1/disputes/{dispute}"),
        ("get", "/v1/payment_intents"),
        ("get", "/v1/payment_intents/{intent}"),
        ("get", "/v1/payment_methods/{payment_method}"),
        ("get", "/v1/refunds"),
        ("get", "/v1/refunds/{refund}"),
        ("get", "/v1/transfers"),
        ("get", "/v1/transfers/{id}/reversals"),
        ("get", "/v1/transfers/{transfer}"),
        ("get", "/v1/transfers/{transfer}/reversals/{id}"),
        ("post", "/v1/account_links"),
        ("post", "/v1/accounts"),
        ("post", "/v1/customers"),
        ("post", "/v1/disputes/{dispute}"),
        ("post", "/v1/payment_intents"),
        ("post", "/v1/payment_intents/{intent}/cancel"),
        ("post", "/v1/payment_methods"),
        ("post", "/v1/payment_methods/{payment_method}/attach"),
        ("post", "/v1/refunds"),
        ("post", "/v1/transfers"),
        ("post", "/v1/transfers/{id}/reversals"),
    }


def test_what_newer_versions_have_removed_is_never_sent() -> None:
    stripe_bank, http = bank()
    everything(stripe_bank)
    assert not any(
        {"payment_method_types", "configurations"} & sent.keys() for *_, sent, _ in http.calls
    )


@pytest.mark.parametrize("kind", SENT)
def test_money_moves_under_the_key_that_we_have_recorded_and_says_whose_it_is(kind: Kind) -> None:
    operation, method, bank_id = SENT[kind]
    stripe_bank, http = bank()
    outcome = getattr(stripe_bank, method)(E, operation)
    assert (outcome.state, outcome.bank_id) == (State.SUCCEEDED, bank_id)
    assert outcome.fee_amount == (796 if kind is Kind.CHARGE else 0)
    [(_, _, sent, key)] = [call for call in http.calls if call[0] == "post"]
    assert key == operation.key
    assert sent["amount"] == operation.amount
    assert sent["metadata"] == world.metadata(operation)


def test_a_transfer_draws_on_its_charge_and_the_group_can_be_left_out() -> None:
    for access, group in ((world.ACCESS, E), (replace(world.ACCESS, groups=False), None)):
        stripe_bank, http = bank(access=access)
        stripe_bank.transfer(E, TRANSFER)
        stripe_bank.charge(E, CHARGE)
        transfer, _, charge = (sent for *_, sent, _ in http.calls)
        assert (transfer["source_transaction"], transfer["destination"]) == ("ch_1", "acct_1")
        assert transfer.get("transfer_group") == charge.get("transfer_group") == group


def test_without_an_address_to_come_back_to_no_charge_leads_a_payer_away() -> None:
    stripe_bank, http = bank(access=replace(world.ACCESS, return_url=""))
    stripe_bank.charge(E, CHARGE)
    sent = http.calls[-1][2]
    assert sent["automatic_payment_methods"] == {"enabled": True, "allow_redirects": "never"}
    assert "return_url" not in sent


def test_the_version_is_pinned_to_the_one_that_the_library_is_made_for() -> None:
    assert stripe.api_version == API_VERSION


INTENT: dict[str, Any] = {"amount": 100, "currency": "usd"}
TRANSFERRED: dict[str, Any] = {"amount": 100, "currency": "usd", "destination": "acct_1"}
WRONG = [
    ("payment_intents", {"currency": "usd"}, "missing amount"),
    ("payment_intents", {"amount": 100}, "missing currency"),
    ("payment_intents", INTENT | {"amount": "abc"}, "amount that is no number"),
    ("payment_intents", INTENT | {"amount": 10.5}, "amount with a fraction"),
    ("payment_intents", INTENT | {"amount": "1.0"}, "amount as a decimal"),
    ("payment_intents", INTENT | {"capture_method": "later"}, "value that is none of the list"),
    ("payment_intents", INTENT | {"engagement": "e"}, "unknown name"),
    ("payment_intents", INTENT | {"payment_method_types": ["card"]}, "removed name"),
    (
        "payment_intents",
        INTENT | {"automatic_payment_methods": {"allow_redirects": "never"}},
        "missing nested name",
    ),
    (
        "payment_intents",
        INTENT | {"automatic_payment_methods": {"enabled": True, "x": 1}},
        "unknown nested name",
    ),
    ("payment_intents", INTENT | {"transfer_data": {"to": "acct_1"}}, "wrong nested name"),
    ("payment_intents", INTENT | {"confirm": "perhaps"}, "neither true nor false"),
    ("payment_intents", INTENT | {"metadata": "text"}, "text for a group"),
    ("transfers", {"amount": 100, "currency": "usd"}, "transfer without destination"),
    ("transfers", TRANSFERRED | {"source_charge": "ch_1"}, "wrong name of the charge"),
    ("refunds", {"charge": "ch_1", "amount": "all"}, "refund of no number"),
    ("refunds", {"charge": "ch_1", "reason": "because"}, "unknown reason"),
    ("accounts", {"controller": {"fees": {"payer": "nobody"}}}, "unknown payer of fees"),
    ("accounts", {"capabilities": {"transfer": {"requested": True}}}, "unknown capability"),
    ("account_links", {"account": "acct_1"}, "link without a type"),
    ("account_links", {"type": "account_onboarding"}, "link without an account"),
]


@pytest.mark.parametrize(("service", "sent", "why"), WRONG, ids=[why for *_, why in WRONG])
def test_the_judge_refuses_what_stripe_refuses(
    service: str, sent: dict[str, Any], why: str
) -> None:
    client = stripe.StripeClient("sk_test_x", http_client=StandIn(), max_network_retries=0)
    with pytest.raises(Rejected):
        getattr(client.v1, service).create(sent)


def test_the_judge_refuses_requests_that_nobody_serves_or_that_lack_a_key() -> None:
    http = StandIn()
    headers = {"Authorization": "Bearer sk", "Stripe-Version": API_VERSION}
    for verb, path in (("post", "/v1/nothing"), ("delete", "/v1/balance"), ("post", "/v1/refunds")):
        with pytest.raises(Rejected):
            http.request(verb, f"https://api.stripe.com{path}", headers)


def test_the_examples_that_are_answered_are_ones_that_stripe_could_answer() -> None:
    stripe_bank, _ = bank(lambda _verb, _path, _sent: None)
    assert stripe_bank.balance()
    wrong = listing("/v1/balance_transactions", fixture("balance_transaction", amount="much"))
    broken, _ = bank(lambda _verb, _path, _sent: (200, wrong))
    with pytest.raises(AssertionError, match="much"):
        broken.activity(world.START)
