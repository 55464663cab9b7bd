"""What each answer of Stripe's makes of an operation: done, failed with a reason, or not known."""

from dataclasses import replace
from typing import Any

import pytest
import stripe

from services.payments.domain import Operation, Outcome, State
from services.payments.stripe_bank import StripeBank
from shared.errors import Conflict, Unavailable
from tests.contract.stripe import world
from tests.contract.stripe.stand_in import Answer, StandIn, fixture, listing
from tests.contract.stripe.world import (
    CHARGE,
    REFUND,
    REVERSAL,
    TRANSFER,
    E,
    answering,
    bank,
    refusal,
)

INTENTS, INTENT = "/v1/payment_intents", "/v1/payment_intents/{intent}"
TRANSFERS, REFUNDS = "/v1/transfers", "/v1/refunds"
REVERSALS = "/v1/transfers/{id}/reversals"
API, CARD, REQUEST = "api_error", "card_error", "invalid_request_error"
FAILED, UNKNOWN, ACTION = State.FAILED, State.UNKNOWN, State.ACTION
DECLINED = {"payment_intent": fixture("payment_intent", id="pi_9")}


def declined(decline: str) -> Answer:
    return refusal(402, CARD, "card_declined", decline_code=decline, **DECLINED)


TABLE: list[tuple[Answer, State, str, bool]] = [
    (declined("generic_decline"), FAILED, "card-declined", True),
    (declined("insufficient_funds"), FAILED, "insufficient-funds", True),
    (declined("stolen_card"), FAILED, "card-declined", True),
    (declined("fraudulent"), FAILED, "card-declined", True),
    (refusal(402, CARD, "expired_card", **DECLINED), FAILED, "expired-card", True),
    (refusal(402, CARD, "authentication_required"), FAILED, "authentication-required", True),
    (refusal(400, REQUEST, "parameter_unknown"), FAILED, "parameter-unknown", False),
    (refusal(400, REQUEST, "balance_insufficient"), FAILED, "balance-insufficient", True),
    (refusal(400, REQUEST), FAILED, "request-refused", False),
    (refusal(404, REQUEST, "resource_missing"), FAILED, "card-unknown", True),
    (refusal(403, REQUEST, "account_invalid"), FAILED, "account-restricted", True),
    (refusal(401, REQUEST), UNKNOWN, "bank-unavailable", True),
    (refusal(403, REQUEST), UNKNOWN, "bank-unavailable", True),
    (
        refusal(409, "idempotency_error", "idempotency_key_in_use"),
        UNKNOWN,
        "bank-unavailable",
        True,
    ),
    (refusal(409, REQUEST, "lock_timeout"), UNKNOWN, "bank-unavailable", True),
    (refusal(429, REQUEST, "rate_limit"), UNKNOWN, "bank-unavailable", True),
    (refusal(418, API), UNKNOWN, "bank-unavailable", True),
]


@pytest.mark.parametrize(("answer", "state", "code", "retryable"), TABLE)
def test_an_error_is_a_failure_only_where_nothing_can_have_happened(
    answer: Answer, state: State, code: str, retryable: bool
) -> None:
    outcome = bank(answering(INTENTS, answer))[0].charge(E, CHARGE)
    assert (outcome.state, outcome.code, outcome.retryable) == (state, code, retryable)
    has_intent = "payment_intent" in answer[1]["error"]
    assert outcome.bank_id == ("pi_9" if has_intent else "")


@pytest.mark.parametrize(
    "code", ["insufficient_capabilities_for_transfer", "transfers_not_allowed"]
)
def test_an_account_that_may_not_be_paid_yet_is_restricted(code: str) -> None:
    outcome = bank(answering(TRANSFERS, refusal(400, REQUEST, code)))[0].transfer(E, TRANSFER)
    assert outcome == Outcome(FAILED, code="account-restricted")


def test_a_key_that_came_before_with_other_parameters_is_a_fault_of_ours() -> None:
    stripe_bank, _ = bank(answering(INTENTS, refusal(400, "idempotency_error")))
    with pytest.raises(Conflict, match="other parameters"):
        stripe_bank.charge(E, CHARGE)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_after_a_fault_of_stripes_a_look_tells_whether_it_was_done(status: int) -> None:
    found, _ = bank(answering(INTENTS, refusal(status, API)))
    assert found.charge(E, CHARGE) == Outcome(State.SUCCEEDED, "ch_1", fee_amount=796)

    def nothing(verb: str, path: str, sent: dict[str, Any]) -> Answer | None:
        if path != INTENTS:
            return world.ordinary(verb, path, sent)
        return refusal(status, API) if verb == "post" else (200, listing(INTENTS))

    assert bank(nothing)[0].charge(E, CHARGE) == Outcome(UNKNOWN, code="bank-unavailable")
    assert bank(nothing)[0].lookup(E, CHARGE) is None


class Silent(StandIn):
    """Loses every request, or every answer."""

    def request(self, *about: Any) -> Any:
        raise stripe.APIConnectionError("no answer", should_retry=True)


@pytest.mark.parametrize("operation", [CHARGE, TRANSFER, REFUND, REVERSAL])
def test_without_an_answer_nothing_is_known_and_what_was_known_stays(operation: Operation) -> None:
    silent = StripeBank(world.ACCESS, Silent())
    method = "reverse" if operation is REVERSAL else operation.kind.value
    assert getattr(silent, method)(E, operation).state is UNKNOWN
    known = replace(operation, bank_id="known_1")
    assert getattr(silent, method)(E, known) == Outcome(UNKNOWN, "known_1", "bank-unavailable")
    assert silent.lookup(E, known) == Outcome(UNKNOWN, "known_1", "bank-unavailable")


def test_without_an_answer_people_are_asked_to_come_back_and_sweeps_try_again() -> None:
    silent = StripeBank(world.ACCESS, Silent())
    for ask in (
        lambda: silent.attach_card("k", "tok_visa"),
        lambda: silent.activity(world.START),
        silent.balance,
        lambda: silent.answer_chargeback("dp_1", "Accepted work."),
    ):
        with pytest.raises(Unavailable):
            ask()
    assert silent.open_account("k", "US") is None
    assert silent.onboarding_link("acct_1", world.RETURN) is None


INTENT_STATES = [
    (world.intent(status="requires_action"), ACTION, "pi_1", ""),
    (world.intent(status="processing"), UNKNOWN, "pi_1", "processing"),
    (world.intent(status="succeeded", latest_charge="ch_1"), UNKNOWN, "pi_1", "processing"),
    (
        world.intent(latest_charge=world.charged(balance_transaction=None)),
        UNKNOWN,
        "ch_1",
        "processing",
    ),
    (world.intent(status="canceled"), FAILED, "pi_1", "authentication-required"),
    (world.intent(status="requires_payment_method"), FAILED, "pi_1", "card-declined"),
]


@pytest.mark.parametrize(("intent", "state", "bank_id", "code"), INTENT_STATES)
def test_a_charge_is_known_only_when_its_fee_is(
    intent: dict[str, Any], state: State, bank_id: str, code: str
) -> None:
    outcome = bank(answering(INTENTS, (200, intent)))[0].charge(E, CHARGE)
    assert (outcome.state, outcome.bank_id, outcome.code) == (state, bank_id, code)


def test_a_fee_in_another_currency_is_left_to_the_reconciliation() -> None:
    charge = world.charged(balance_transaction=world.booked() | {"currency": "eur"})
    answer = 200, world.intent(latest_charge=charge)
    outcome = bank(answering(INTENTS, answer))[0].charge(E, CHARGE)
    assert outcome == Outcome(State.SUCCEEDED, "ch_1", fee_amount=0)


def test_a_payer_who_has_to_confirm_is_told_where() -> None:
    url = "https://hooks.stripe.com/3d_secure"
    action = {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": None}}
    waiting = world.intent(status="requires_action", next_action=action)
    outcome = bank(answering(INTENTS, (200, waiting)))[0].charge(E, CHARGE)
    assert outcome == Outcome(ACTION, "pi_1", action_url=url)


def test_a_charge_that_waits_for_its_payer_is_called_off_unless_it_was_confirmed() -> None:
    waiting = world.intent(status="requires_action")
    called_off = world.intent(status="canceled")
    script = answering(INTENT, (200, waiting), verb="get")
    stripe_bank, http = bank(
        lambda verb, path, sent: (
            (200, called_off) if path.endswith("/cancel") else script(verb, path, sent)
        )
    )
    known = replace(CHARGE, bank_id="pi_1")
    assert stripe_bank.cancel(E, known) == Outcome(FAILED, "pi_1", "authentication-required")
    assert http.calls[-1][3] == f"{CHARGE.key}:cancel"
    assert bank()[0].cancel(E, known).state is State.SUCCEEDED


REFUND_STATES = [("pending", UNKNOWN), ("requires_action", UNKNOWN), ("failed", FAILED)]


@pytest.mark.parametrize(("status", "state"), REFUND_STATES)
def test_a_refund_under_way_is_not_known_yet(status: str, state: State) -> None:
    answer = 200, world.refunded(status=status)
    assert bank(answering(REFUNDS, answer))[0].refund(E, REFUND).state is state


def test_what_has_our_key_and_is_not_ours_is_a_fault() -> None:
    other = 200, listing(TRANSFERS, world.transferred(amount=1))
    with pytest.raises(Conflict):
        bank(answering(TRANSFERS, other, verb="get"))[0].lookup(E, TRANSFER)


def test_what_would_be_drawn_on_nothing_was_never_drawn() -> None:
    gone = refusal(404, REQUEST, "resource_missing")
    assert bank(answering(REFUNDS, gone, verb="get"))[0].lookup(E, REFUND) is None
    assert bank(answering(REVERSALS, gone, verb="get"))[0].lookup(E, REVERSAL) is None
    by_id = answering("/v1/transfers/{transfer}", gone, verb="get")
    found = bank(by_id)[0].lookup(E, replace(TRANSFER, bank_id="tr_1"))
    assert found == Outcome(UNKNOWN, "tr_1", "bank-unavailable")


@pytest.mark.parametrize("currency", ["ISK", "UGX", "MGA", "BHD", "KWD", "CLF"])
def test_a_currency_that_stripe_counts_otherwise_is_not_charged(currency: str) -> None:
    """100 of MGA's minor units are one ariary to ISO, and a hundred to Stripe."""
    stripe_bank, http = bank()
    refused = stripe_bank.charge(E, replace(CHARGE, currency=currency))
    assert (refused.state, refused.code, refused.retryable) == (
        FAILED,
        "currency-unsupported",
        False,
    )
    assert http.calls == []


def test_what_stripe_would_misread_is_not_sent() -> None:
    stripe_bank, http = bank()
    for operation in (replace(CHARGE, currency="ISK"), replace(TRANSFER, charge_id="")):
        method = stripe_bank.charge if operation.party == "pm_1" else stripe_bank.transfer
        assert (method(E, operation).state, http.calls) == (FAILED, [])
