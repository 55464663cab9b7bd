"""What people are shown of money that was given back."""

from typing import Any

from marshmallow import fields, validate

from services.payments.domain import Escrow, Operation, State
from services.payments.domain.refunding import number_of
from services.payments.schemas.base import OfEngagement

DO = "Ask your bank whether the card takes money again, then send it again; or write to us."
WHY = {  # As the processor names it.
    "declined": "The card's bank declined it.",
    "expired-or-canceled-card": "The card has expired or was closed.",
    "lost-or-stolen-card": "The card was reported lost or stolen.",
    "charge-for-pending-refund-disputed": "The charge was disputed with the network meanwhile.",
}
MEANS = {
    "under-way": "It is on its way.",
    "sent": "It was given back to the card.",
    "resent": "It came back, and is sent again.",
    "settled": "It came back, and reached you by a chargeback instead.",
    "refused": "The bank refused it; nothing has left us.",
}


class OfRefund(OfEngagement):
    number = fields.Integer(required=True, validate=validate.Range(1, 10_000))


def refunds_view(escrow: Escrow, refunds: list[Operation]) -> dict[str, Any]:
    return {"items": [refund_view(escrow, one) for one in refunds]}


def refund_view(escrow: Escrow, refund: Operation) -> dict[str, Any]:
    status = _status(escrow, refund)
    return {
        "number": number_of(refund),
        "org_id": escrow.payer_of(refund.charge_id),
        "amount": refund.amount,
        "currency": refund.currency,
        "status": status,
        "failure_code": refund.error_code or None,
        "decided_at": refund.created_at.isoformat(),
        "failed_at": refund.failed_at and refund.failed_at.isoformat(),
        "what": MEANS.get(status) or why_failed(refund.error_code),
    }


def why_failed(code: str) -> str:
    """What happened, that nothing is lost, and what to do."""
    return f"{WHY.get(code, 'The bank could not deliver it.')} We keep it for you. {DO}"


def _status(escrow: Escrow, refund: Operation) -> str:
    if refund.open:
        return "under-way"
    if refund.state is State.FAILED:
        return "refused"
    if not refund.failed_at:
        return "sent"
    if refund in escrow.failed_refunds:
        return "failed"
    return "resent" if refund.unsettled else "settled"
