"""What Stripe would answer to our calls in an ordinary course, out of its own examples."""

from datetime import UTC, datetime
from typing import Any

from services.payments.domain import Kind, Operation
from services.payments.stripe_bank import Access, StripeBank
from tests.contract.stripe.stand_in import Answer, Script, StandIn, fixture, listing

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
E = "eng-1"
PRICE = 26405
RETURN = "https://stint.example/paid"
ACCESS = Access(
    api_key="sk_test_contract",
    webhook_secrets=("whsec_account", "whsec_connect"),
    return_url=RETURN,
    retries=0,
)


def order(kind: Kind, amount: int = PRICE, **more: str) -> Operation:
    return Operation(f"{E}:{kind.value}:1", kind, amount, "USD", START, **more)


CHARGE = order(Kind.CHARGE, party="pm_1")
TRANSFER = order(Kind.TRANSFER, 23764, party="acct_1", charge_id="ch_1")
REFUND = order(Kind.REFUND, 405, charge_id="ch_1")
REVERSAL = order(Kind.REVERSAL, 100, source_id="tr_1")


def metadata(operation: Operation) -> dict[str, str]:
    return {"engagement_id": E, "operation_key": operation.key}


def booked(**other: Any) -> dict[str, Any]:
    return fixture("balance_transaction", fee=796, currency="usd", **other)


def charged(**other: Any) -> dict[str, Any]:
    about = {"id": "ch_1", "amount": PRICE, "currency": "usd", "status": "succeeded"}
    about |= {"metadata": metadata(CHARGE), "balance_transaction": booked()}
    return fixture("charge", **about | other)


def intent(**other: Any) -> dict[str, Any]:
    about = {"id": "pi_1", "amount": PRICE, "currency": "usd", "status": "succeeded"}
    about |= {"metadata": metadata(CHARGE), "latest_charge": charged()}
    return fixture("payment_intent", **about | other)


def refunded(**other: Any) -> dict[str, Any]:
    about = {"id": "re_1", "amount": 405, "currency": "usd", "status": "succeeded"}
    return fixture("refund", **about | {"metadata": metadata(REFUND)} | other)


def transferred(**other: Any) -> dict[str, Any]:
    about = {"id": "tr_1", "amount": 23764, "currency": "usd", "metadata": metadata(TRANSFER)}
    return fixture("transfer", **about | other)


def reversed_(**other: Any) -> dict[str, Any]:
    about = {"id": "trr_1", "amount": 100, "currency": "usd", "metadata": metadata(REVERSAL)}
    return fixture("transfer_reversal", **about | other)


def card(**other: Any) -> dict[str, Any]:
    return fixture("payment_method", **{"id": "pm_1", "customer": "cus_1"} | other)


def refusal(status: int, type_: str, code: str | None = None, **more: Any) -> Answer:
    """An error of Stripe's, as it travels."""
    about = {"type": type_, "message": "No.", **more}
    return status, {"error": about | ({"code": code} if code else {})}


ANSWERS = {
    "/v1/payment_intents": intent,
    "/v1/payment_intents/{intent}": intent,
    "/v1/payment_methods/{payment_method}": card,
    "/v1/charges/{charge}": charged,
    "/v1/refunds": refunded,
    "/v1/refunds/{refund}": refunded,
    "/v1/transfers": transferred,
    "/v1/transfers/{transfer}": transferred,
    "/v1/transfers/{id}/reversals": reversed_,
    "/v1/transfers/{transfer}/reversals/{id}": reversed_,
}
LISTS = {"/v1/payment_intents", "/v1/refunds", "/v1/transfers", "/v1/transfers/{id}/reversals"}


def ordinary(verb: str, path: str, _sent: dict[str, Any]) -> Answer | None:
    if path not in ANSWERS:
        return None
    found = ANSWERS[path]()
    return 200, listing(path.format(id="tr_1"), found) if verb == "get" and path in LISTS else found


def bank(script: Script = ordinary, access: Access = ACCESS) -> tuple[StripeBank, StandIn]:
    http = StandIn(script)
    return StripeBank(access, http), http


def answering(path: str, answer: Answer, verb: str = "post") -> Script:
    """The ordinary course but for one kind of request."""

    def script(asked: str, where: str, sent: dict[str, Any]) -> Answer | None:
        return answer if (asked, where) == (verb, path) else ordinary(asked, where, sent)

    return script
