"""What is sent to Stripe, in the types that Stripe gives for it.

Never `payment_method_types`, nor the `configurations` of an account link: newer versions have none.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from services.payments.domain import Operation
from services.payments.stripe_bank.access import Access

if TYPE_CHECKING:
    from stripe.params import (
        AccountCreateParams,
        AccountLinkCreateParams,
        DisputeUpdateParams,
        PaymentIntentCancelParams,
        PaymentIntentCreateParams,
        RefundCreateParams,
        TransferCreateParams,
        TransferReversalCreateParams,
    )

CLOCKS_DIFFER = timedelta(days=1)
CHARGED = ["latest_charge.balance_transaction"]
CANCELLED: "PaymentIntentCancelParams" = {"cancellation_reason": "abandoned", "expand": CHARGED}


def charge(
    engagement_id: str, operation: Operation, customer_id: str, access: Access
) -> "PaymentIntentCreateParams":
    params: PaymentIntentCreateParams = {
        "amount": operation.amount,
        "currency": operation.currency.lower(),
        "payment_method": operation.party,
        "confirm": True,
        "capture_method": "automatic",  # The default leaves the fee open at first.
        "automatic_payment_methods": {
            "enabled": True,
            "allow_redirects": "always" if access.return_url else "never",
        },
        "metadata": metadata(engagement_id, operation),
        "expand": CHARGED,
    }
    if customer_id:
        params["customer"] = customer_id
    if access.return_url:
        params["return_url"] = access.return_url
    if access.groups:
        params["transfer_group"] = engagement_id
    return params


def transfer(engagement_id: str, operation: Operation, access: Access) -> "TransferCreateParams":
    """From the charge: it needs no available balance, and never exceeds what was charged."""
    params: TransferCreateParams = {
        "amount": operation.amount,
        "currency": operation.currency.lower(),
        "destination": operation.party,
        "source_transaction": operation.charge_id,
        "metadata": metadata(engagement_id, operation),
    }
    if access.groups:
        params["transfer_group"] = engagement_id
    return params


def refund(engagement_id: str, operation: Operation) -> "RefundCreateParams":
    params: RefundCreateParams = {
        "charge": operation.charge_id,
        "amount": operation.amount,
        "reason": "requested_by_customer",
        "metadata": metadata(engagement_id, operation),
    }
    return params


def reversal(engagement_id: str, operation: Operation) -> "TransferReversalCreateParams":
    params: TransferReversalCreateParams = {
        "amount": operation.amount,
        "metadata": metadata(engagement_id, operation),
    }
    return params


def account(key: str, country: str, access: Access) -> "AccountCreateParams":
    """An Express account: Stripe collects what it has to know, the platform bears fees and losses.

    Beyond the platform's country the candidate has Stripe's agreement for recipients.
    """
    params: AccountCreateParams = {
        "country": country,
        "controller": {
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": "express"},
        },
        "capabilities": {"transfers": {"requested": True}},
        "business_type": "individual",
        "metadata": {"account_key": key},
    }
    if country != access.country:
        params["tos_acceptance"] = {"service_agreement": "recipient"}
    return params


def account_link(account_id: str, return_url: str) -> "AccountLinkCreateParams":
    params: AccountLinkCreateParams = {
        "account": account_id,
        "type": "account_onboarding",
        "refresh_url": return_url,
        "return_url": return_url,
    }
    return params


def evidence(text: str) -> "DisputeUpdateParams":
    params: DisputeUpdateParams = {"evidence": {"uncategorized_text": text}, "submit": True}
    return params


def listed(expanded: list[str]) -> list[str]:
    """The same of each item of a list."""
    return [f"data.{path}" for path in expanded]


def metadata(engagement_id: str, operation: Operation) -> dict[str, str]:
    """By which an object is found again, whatever else is forgotten."""
    return {"engagement_id": engagement_id, "operation_key": operation.key}


def since(at: datetime) -> int:
    """Seconds since the epoch, early enough for what was made at this time by another clock."""
    return int((at - CLOCKS_DIFFER).timestamp())
