"""Cards, payout accounts, held funds and the ledger."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.payments import (
    CardToken,
    Escrow,
    LedgerAccount,
    LedgerQuery,
    LedgerReport,
    PaymentMethod,
    PayoutAccount,
    PayoutCountry,
    RefundOrder,
    Refunds,
    TrialBalance,
)

resource = Resource("payments", __name__, description="Held funds and payouts")


@resource.operation("PUT", "/payment-method", body=CardToken, answer=PaymentMethod)
def put_payment_method(body: dict[str, Any]) -> Any:
    return ask("payments", "put_payment_method", **body)


@resource.operation("GET", "/payment-method", answer=PaymentMethod)
def get_payment_method() -> Any:
    return ask("payments", "get_payment_method")


@resource.operation("POST", "/payout-account", body=PayoutCountry, answer=PayoutAccount, status=201)
def open_payout_account(body: dict[str, Any]) -> Any:
    return ask("payments", "open_payout_account", **body)


@resource.operation("GET", "/payout-account", answer=PayoutAccount)
def get_payout_account() -> Any:
    return ask("payments", "get_payout_account")


@resource.operation("GET", "/engagements/<engagement_id>/payment", answer=Escrow)
def get_escrow(engagement_id: str) -> Any:
    return ask("payments", "get_escrow", engagement_id=engagement_id)


@resource.operation("POST", "/engagements/<engagement_id>/payment/retry", answer=Escrow)
def retry_payment(engagement_id: str) -> Any:
    return ask("payments", "retry_payment", engagement_id=engagement_id)


@resource.operation("GET", "/engagements/<engagement_id>/refunds", answer=Refunds)
def list_refunds(engagement_id: str) -> Any:
    return ask("payments", "list_refunds", engagement_id=engagement_id)


@resource.operation("POST", "/engagements/<engagement_id>/refunds/<number>/resend", answer=Refunds)
def resend_refund(engagement_id: str, number: str) -> Any:
    about = {"engagement_id": engagement_id, "number": number}
    return ask("payments", "resend_refund", **about)


@resource.operation(
    "POST", "/engagements/<engagement_id>/payment/refund", body=RefundOrder, answer=Escrow
)
def refund_engagement(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask(
        "payments",
        "refund_engagement",
        engagement_id=engagement_id,
        amount=body.get("amount"),
        reason=body["reason"],
    )


@resource.operation("GET", "/ledger/trial-balance", answer=TrialBalance)
def trial_balance() -> Any:
    return ask("payments", "trial_balance")


@resource.operation("GET", "/ledger/accounts/<account>", query=LedgerQuery, answer=LedgerAccount)
def ledger_account(account: str, query: dict[str, Any]) -> Any:
    return ask("payments", "ledger_account", account=account, **query)


@resource.operation("GET", "/ledger/reports/<report>", answer=LedgerReport)
def ledger_report(report: str) -> Any:
    return ask("payments", "ledger_report", report=report)
