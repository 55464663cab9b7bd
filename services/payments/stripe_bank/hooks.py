"""Stripe's events as notices: verified by either of our secrets, and only as news to look into."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import stripe
import structlog

from services.payments.domain import Notice
from services.payments.stripe_bank.access import API_VERSION, Access
from services.payments.stripe_bank.chargebacks import STANDS, fees
from services.payments.stripe_bank.refusals import slug
from shared.errors import Invalid, Unavailable

log = structlog.get_logger(__name__)

CHARGEBACKS = "charge.dispute."
KINDS = {
    "account": "account",
    "charge": "charge",
    "payment_intent": "charge",
    "payout": "payout",
    "refund": "refund",
    "transfer": "transfer",
}
NOT_OF_A_CHARGE = {"charge.refund.updated": "refund"}


def read(client: stripe.StripeClient, access: Access, body: bytes, signature: str) -> Notice:
    """Raises Invalid for what is not genuine, not readable or of the other mode."""
    verify(access, body, signature)
    event = _event(body)
    if event.get("livemode") is not access.live:
        raise Invalid("hook-livemode-wrong", "Live and test notices do not mix.")
    if event.get("api_version") not in (API_VERSION, None):
        log.warning("stripe-hook-version", version=event["api_version"], expected=API_VERSION)
    try:
        return _notice(event, lambda id_: _disputed(client, id_))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as exc:
        raise Invalid("hook-unreadable", "The notice is not of the form expected.") from exc


def verify(access: Access, body: bytes, signature: str) -> None:
    """The account's endpoint and the one of connected accounts sign with a secret each."""
    for secret in access.webhook_secrets:
        try:
            stripe.WebhookSignature.verify_header(body, signature, secret, access.tolerance)
        except (stripe.SignatureVerificationError, ValueError):
            continue
        return
    raise Invalid("hook-signature-wrong", "The notice is not signed by the bank, or too old.")


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body)
    except ValueError as exc:
        raise Invalid("hook-unreadable", "The notice is no JSON.") from exc
    if not isinstance(event, dict) or event.get("object") != "event":
        raise Invalid("hook-unreadable", "The notice is no event.")
    return event


def _notice(event: dict[str, Any], disputed: Callable[[str], stripe.Dispute]) -> Notice:
    about: dict[str, Any] = event["data"]["object"]
    kind = kind_of(event["type"])
    metadata = about.get("metadata") or {}
    code = about.get("failure_code") or about.get("failure_reason") or ""
    fee = returned = 0
    if kind == "chargeback":
        dispute = disputed(about["id"])
        fee, returned = fees(dispute)
        charge = dispute.charge
        metadata = charge.metadata.to_dict() if isinstance(charge, stripe.Charge) else {}
        code = STANDS.get(dispute.status, "")
        kind = kind if code else "other"
    return Notice(
        id=str(event["id"]),
        kind=kind,
        object_id=str(about["id"]),
        at=datetime.fromtimestamp(int(event["created"]), UTC),
        engagement_id=str(metadata.get("engagement_id", "")),
        operation_key=str(metadata.get("operation_key", "")),
        account_key=str(metadata.get("account_key", "")),
        amount=int(about.get("amount") or 0),
        currency=str(about.get("currency") or "").upper(),
        code=slug(code),
        fee=fee,
        fee_returned=returned,
    )


def kind_of(type_: str) -> str:
    """`other` for what has nothing to do with an operation, and for what Stripe has thought of
    since."""
    if type_.startswith(CHARGEBACKS):
        return "chargeback"
    return NOT_OF_A_CHARGE.get(type_) or KINDS.get(type_.split(".")[0], "other")


def _disputed(client: stripe.StripeClient, dispute_id: str) -> stripe.Dispute:
    """How the chargeback stands now, with its charge, which says whose it is."""
    try:
        return client.v1.disputes.retrieve(dispute_id, {"expand": ["charge"]})
    except stripe.StripeError as exc:
        raise Unavailable("bank-unavailable", "The chargeback cannot be read just now.") from exc
