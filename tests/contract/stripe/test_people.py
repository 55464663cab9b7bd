"""Cards that are kept and accounts that are opened, and how Stripe's refusals are told."""

from typing import Any

import pytest

from services.payments.domain import AccountStatus
from shared.errors import Conflict, Invalid, StintError, Unavailable
from tests.contract.stripe.stand_in import Answer, fixture
from tests.contract.stripe.world import answering, bank, refusal

API, CARD, REQUEST = "api_error", "card_error", "invalid_request_error"
CARDS = [
    (refusal(402, CARD, "card_declined"), Invalid, "card-declined"),
    (refusal(400, REQUEST, "resource_missing"), Invalid, "token-unknown"),
    (refusal(400, "idempotency_error"), Conflict, "key-reused"),
    (refusal(500, API), Unavailable, "bank-unavailable"),
]


@pytest.mark.parametrize(("answer", "kind", "code"), CARDS)
def test_a_card_that_cannot_be_kept_is_told_why(
    answer: Answer, kind: type[StintError], code: str
) -> None:
    path = "/v1/payment_methods/{payment_method}/attach"
    with pytest.raises(kind) as caught:
        bank(answering(path, answer))[0].attach_card("org-1:card:c1", "tok_visa")
    assert caught.value.code == code


def account(**about: Any) -> Answer:
    return 200, fixture("account", id="acct_1", default_currency="usd", **about)


def asked(disabled: str | None, *due: str) -> dict[str, Any]:
    nothing = {"alternatives": [], "current_deadline": None, "errors": []}
    lists = {"currently_due": list(due), "past_due": list(due[:1])}
    rest = {"eventually_due": [], "pending_verification": []}
    return {**nothing, **lists, **rest, "disabled_reason": disabled}


OPEN, SHUT = {"transfers": "active"}, {"transfers": "inactive"}
REFUSED = asked("requirements.past_due", "individual.id_number")
ACCOUNTS = [
    ({"capabilities": OPEN}, AccountStatus.ACTIVE, False),
    ({"capabilities": OPEN, "payouts_enabled": True}, AccountStatus.ACTIVE, True),
    ({"capabilities": SHUT}, AccountStatus.PENDING, False),
    ({"capabilities": SHUT, "requirements": REFUSED}, AccountStatus.PENDING, False),
    (
        {"capabilities": SHUT, "requirements": REFUSED, "details_submitted": True},
        AccountStatus.RESTRICTED,
        False,
    ),
]


@pytest.mark.parametrize(("about", "status", "payouts"), ACCOUNTS)
def test_an_account_is_paid_while_its_transfers_are_active(
    about: dict[str, Any], status: AccountStatus, payouts: bool
) -> None:
    unfinished = {"payouts_enabled": False, "details_submitted": False}
    answer = account(**unfinished | {"requirements": asked(None)} | about)
    found = bank(answering("/v1/accounts", answer))[0].open_account("acc-1:account", "US")
    assert found is not None
    assert (found.id, found.currency, found.status) == ("acct_1", "USD", status)
    assert found.payouts_enabled is payouts
    lacking = "requirements" in about
    assert found.requirements == (("individual.id_number",) if lacking else ())
    assert found.disabled_reason == ("requirements-past-due" if lacking else "")


def test_an_account_that_stripe_refuses_is_refused_and_one_that_is_open_is_only_read() -> None:
    refused = answering("/v1/accounts", refusal(400, REQUEST, "country_unsupported"))
    with pytest.raises(Invalid) as caught:
        bank(refused)[0].open_account("acc-1:account", "XX")
    assert "country" in caught.value.errors
    stripe_bank, http = bank()
    stripe_bank.open_account("acc-1:account", "US", "acct_1")
    assert [verb for verb, *_ in http.calls] == ["get"]
