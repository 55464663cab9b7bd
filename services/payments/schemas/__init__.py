"""The shapes at the door: events that are heard, what people ask, and what they are shown."""

from base64 import b64decode
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from services.payments.domain import Entry, Escrow, Payer, PayoutAccount
from services.payments.usecases import Waiter
from shared.errors import Invalid
from shared.money import Money

SLUG = validate.Regexp(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", error="Lower-case words joined by hyphens.")
ID = validate.Length(1, 100)


class Heard(Schema):
    """An event of another service: what is not needed here is ignored."""

    class Meta:
        unknown = EXCLUDE

    engagement_id = fields.String(required=True)


class ApplicationAccepted(Heard):
    application_id = fields.String(required=True)
    project_id = fields.String(required=True)
    org_id = fields.String(required=True)
    candidate_id = fields.String(required=True)
    fee_amount = fields.Integer(required=True, strict=True)
    fee_currency = fields.String(required=True)


class ApplicationWithdrawn(Heard):
    engagement_id = fields.String(load_default=None, allow_none=True)


class DeliverableAccepted(Heard):
    candidate_id = fields.String(required=True)


class EngagementCancelled(Heard):
    pass


class Request(Schema):
    """What a person asks: what is unknown is an error."""

    class Meta:
        unknown = RAISE


class PutPaymentMethod(Request):
    token = fields.String(required=True, validate=validate.Length(1, 200))


class OpenPayoutAccount(Request):
    country = fields.String(
        required=True, validate=validate.Regexp(r"\A[A-Z]{2}\Z", error="Two capital letters.")
    )


class OfEngagement(Request):
    engagement_id = fields.String(required=True, validate=ID)


def _base64(text: str) -> None:
    try:
        b64decode(text, validate=True)
    except ValueError as exc:
        raise ValidationError("Not base64.") from exc


class ReceiveHook(Request):
    processor = fields.String(required=True, validate=validate.Length(1, 40))
    body_base64 = fields.String(required=True, validate=_base64)
    signature = fields.String(required=True, validate=validate.Length(0, 2000))


class RefundEngagement(OfEngagement):
    amount = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1))
    reason = fields.String(required=True, validate=validate.Length(1, 500))


class OpenDispute(OfEngagement):
    reason = fields.String(required=True, validate=[SLUG, validate.Length(1, 50)])
    detail = fields.String(required=True, validate=validate.Length(0, 5000))


class ResolveDispute(OfEngagement):
    released_amount = fields.Integer(required=True, strict=True, validate=validate.Range(0))
    refunded_amount = fields.Integer(required=True, strict=True, validate=validate.Range(0))


class DisputeView(Schema):
    dispute_id = fields.String(attribute="id")
    opened_by = fields.String()
    reason = fields.String()
    detail = fields.String()
    amount = fields.Integer()
    opened_at = fields.AwareDateTime()
    resolved_at = fields.AwareDateTime()
    outcome = fields.String()
    released_amount = fields.Integer()
    refunded_amount = fields.Integer()


class EscrowView(Schema):
    """`payout_amount` is what the candidate gets; before the release, of the whole amount."""

    id = fields.String()
    version = fields.Integer()
    engagement_id = fields.String(attribute="id", dump_only=True)
    project_id = fields.String()
    org_id = fields.String()
    candidate_id = fields.String()
    status = fields.String()
    amount = fields.Integer()
    currency = fields.String()
    platform_fee_amount = fields.Function(
        lambda escrow: escrow.fee_taken if escrow.released_at else escrow.fee_amount
    )
    payout_amount = fields.Function(
        lambda escrow: (
            escrow.released - escrow.fee_taken
            if escrow.released_at
            else escrow.amount - escrow.fee_amount
        )
    )
    held_amount = fields.Integer(attribute="held")
    released_amount = fields.Integer(attribute="released")
    refunded_amount = fields.Integer(attribute="refunded")
    paid_amount = fields.Integer(attribute="paid")
    failure_code = fields.String()
    action_url = fields.String()
    dispute = fields.Function(
        lambda escrow: DisputeView().dump(escrow.disputes[-1]) if escrow.disputes else None
    )


def read(schema: type[Request], **asked: Any) -> dict[str, Any]:
    """The checked request; raises Invalid with a message per field."""
    try:
        loaded: dict[str, Any] = schema().load(asked)
    except ValidationError as exc:
        messages = {name: " ".join(texts) for name, texts in exc.normalized_messages().items()}
        raise Invalid("input-invalid", "Some of the input is not right.", messages) from exc
    return loaded


def escrow_view(
    escrow: Escrow, entries: list[Entry] | None = None, *, simulated: bool
) -> dict[str, Any]:
    view: dict[str, Any] = EscrowView().dump(escrow) | {"simulated": simulated}
    return view if entries is None else view | {"entries": [entry_view(e) for e in entries]}


def entry_view(entry: Entry) -> dict[str, Any]:
    postings = [
        {
            "account": f"{posting.account}:{posting.of}".rstrip(":"),
            "amount": posting.amount,
            "currency": entry.currency,
        }
        for posting in entry.postings
    ]
    return {
        "id": entry.id,
        "kind": entry.kind,
        "currency": entry.currency,
        "created_at": entry.created_at.isoformat(),
        "postings": postings,
    }


def payer_view(payer: Payer, *, simulated: bool) -> dict[str, Any]:
    card = {"brand": payer.card.brand, "last4": payer.card.last4} if payer.card else {}
    about = {"id": payer.id, "version": payer.version, "status": "active", "simulated": simulated}
    return about | card


def account_view(account: PayoutAccount, *, simulated: bool) -> dict[str, Any]:
    return {
        "id": account.id,
        "version": account.version,
        "status": account.status.value,
        "country": account.country,
        "currency": account.currency or None,
        "simulated": simulated,
    }


def todo_view(waiter: Waiter) -> dict[str, Any]:
    """What waits is due since it began to wait."""
    money = str(Money(waiter.amount, waiter.currency))
    if waiter.action_url:
        kind, title = "payment-confirmation-needed", f"Your bank asks you to confirm {money}"
        what = f"Confirm the payment here: {waiter.action_url}"
    elif waiter.failure_code is not None:
        kind, title = "payment-failed", f"The payment of {money} failed"
        what = f"{FAILURES.get(waiter.failure_code, 'The payment failed.')} Then try again."
    else:
        kind, title = "payout-account-needed", f"{money} waits for you"
        what = "Open a payout account, or complete it, to be paid."
    about = {"kind": kind, "id": waiter.id, "title": title, "what": what}
    return about | {"due_at": waiter.since.isoformat()}


FAILURES = {
    "authentication-required": "Nobody confirmed the payment with the bank.",
    "card-declined": "The bank declined the card: set another payment method.",
    "insufficient-funds": "The card has insufficient funds: add funds or set another method.",
    "no-payment-method": "No payment method is set: set one.",
}


def balance_view(balances: list[tuple[str, str, int]]) -> dict[str, Any]:
    totals: dict[str, int] = {}
    for _, currency, balance in balances:
        totals[currency] = totals.get(currency, 0) + balance
    return {
        "accounts": [
            {"account": account, "currency": currency, "balance": balance}
            for account, currency, balance in balances
        ],
        "sums": [{"currency": currency, "total": total} for currency, total in totals.items()],
    }
