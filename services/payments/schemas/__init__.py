"""The shapes at the door: events that are heard, what people ask, and what they are shown."""

from base64 import b64decode
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from services.payments.domain import Entry, Escrow, Payer, PayoutAccount
from services.payments.schemas.base import AMOUNT, MOST_UNITS, Heard, OfEngagement, Request
from services.payments.schemas.base import read as read
from services.payments.schemas.extras import beside_fee, situation_view
from services.payments.schemas.refunds import why_failed
from services.payments.usecases import Waiter
from shared.money import Money


class ApplicationAccepted(Heard):
    application_id = fields.String(required=True)
    project_id = fields.String(required=True)
    org_id = fields.String(required=True)
    candidate_id = fields.String(required=True)
    fee_amount = fields.Integer(required=True, strict=True, validate=validate.Range(0, MOST_UNITS))
    fee_currency = fields.String(required=True)


class ApplicationWithdrawn(Heard):
    engagement_id = fields.String(load_default=None, allow_none=True)


class DeliverableAccepted(Heard):
    candidate_id = fields.String(required=True)


class EngagementCancelled(Heard):
    fault = fields.String(load_default="nobody")
    hours = fields.Integer(load_default=None, allow_none=True)


class ChangeOrderAccepted(Heard):
    order_id = fields.String(required=True)
    fee_difference = fields.Integer(
        required=True, strict=True, validate=validate.Range(-MOST_UNITS, MOST_UNITS)
    )


class AccountErased(Schema):
    """Nobody is behind this id any more."""

    class Meta:
        unknown = EXCLUDE

    account_id = fields.String(required=True)


class OrganisationVerified(Schema):
    """How far an operator has verified an organisation."""

    class Meta:
        unknown = EXCLUDE

    org_id = fields.String(required=True)
    level = fields.String(required=True)


class PutPaymentMethod(Request):
    token = fields.String(required=True, validate=validate.Length(1, 200))


class OpenPayoutAccount(Request):
    country = fields.String(
        required=True, validate=validate.Regexp(r"\A[A-Z]{2}\Z", error="Two capital letters.")
    )


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
    amount = fields.Integer(strict=True, allow_none=True, validate=AMOUNT)
    reason = fields.String(required=True, validate=validate.Length(1, 500))


class DisputeView(Schema):
    dispute_id = fields.String(attribute="id")
    opened_by = fields.String()
    reason = fields.String()
    detail = fields.String()
    amount = fields.Integer()
    opened_at = fields.AwareDateTime()
    step = fields.Function(lambda dispute: dispute.step.value)
    due_at = fields.AwareDateTime()
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
    lost_amount = fields.Integer(attribute="lost")
    failure_code = fields.String()
    action_url = fields.String()
    dispute = fields.Function(
        lambda escrow: DisputeView().dump(escrow.disputes[-1]) if escrow.disputes else None
    )


def escrow_view(
    escrow: Escrow, entries: list[Entry] | None = None, *, simulated: bool
) -> dict[str, Any]:
    view: dict[str, Any] = EscrowView().dump(escrow) | {"simulated": simulated}
    view |= beside_fee(escrow)
    return view if entries is None else view | {"entries": [entry_view(e) for e in entries]}


def for_candidate(view: dict[str, Any]) -> dict[str, Any]:
    """Without what is between the payers and their banks."""
    return view | {"action_url": None, "refunds": []}


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
        **situation_view(account),
    }


def todo_view(waiter: Waiter) -> dict[str, Any]:
    """What waits is due since it began to wait."""
    money = str(Money(waiter.amount, waiter.currency))
    if waiter.dispute_step:
        return dispute_todo(waiter, money)
    if waiter.refund_code:
        kind, title = "refund-failed", f"{money} could not be given back to you"
        what = why_failed(waiter.refund_code)
    elif waiter.action_url:
        whose = " of a fee that you sponsor" if waiter.sponsored else ""
        title = f"Your bank asks you to confirm {money}{whose}"
        kind = "payment-confirmation-needed"
        what = f"Confirm the payment here: {waiter.action_url}"
    elif waiter.failure_code is not None:
        kind, title = "payment-failed", f"The payment of {money} failed"
        what = f"{FAILURES.get(waiter.failure_code, 'The payment failed.')} Then try again."
    else:
        kind, title = "payout-account-needed", f"{money} waits for you"
        what = "Open a payout account, or complete it, to be paid."
    about = {"kind": kind, "id": waiter.id, "title": title, "what": what}
    return about | {"due_at": waiter.since.isoformat()}


def dispute_todo(waiter: Waiter, money: str) -> dict[str, Any]:
    """The other side waits for an answer; when it has to be there the rules of the dispute say."""
    what = "Answer, accept what the other side asks for, or offer another split."
    return {
        "kind": "dispute-answer-needed",
        "id": waiter.id,
        "title": f"The dispute about {money} waits for your answer",
        "due_at": (waiter.until or waiter.since).isoformat(),
        "what": f"{what} {SILENCE.get(waiter.dispute_step, '')}".strip(),
    }


SILENCE = {
    "awaiting-response": "Without an answer in time it is decided as the other side asks.",
    "negotiating": "Without an agreement in time an operator decides.",
}
FAILURES = {
    "authentication-required": "Nobody confirmed the payment with the bank.",
    "card-declined": "The bank declined the card: set another payment method.",
    "currency-unsupported": "Fees in this currency cannot be charged: agree on another one.",
    "insufficient-funds": "The card has insufficient funds: add funds or set another method.",
    "sponsor-charge-failed": "A sponsor could not be charged: pay its part, or agree on another.",
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
