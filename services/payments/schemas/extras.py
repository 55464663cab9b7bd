"""What a view of held funds shows besides the fee."""

from typing import Any

from marshmallow import Schema, fields

from services.payments.domain import Escrow, PayoutAccount
from services.payments.domain.onboarding import missing, situation
from services.payments.schemas.refunds import refund_view


class RepaymentView(Schema):
    request_id = fields.String(attribute="id")
    amount = fields.Integer()
    reason = fields.String()
    asked_at = fields.AwareDateTime()
    answer_by = fields.AwareDateTime()
    agreed = fields.Boolean(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)


def beside_fee(escrow: Escrow) -> dict[str, Any]:
    """Who paid how much for what, what is owed and until when it is kept, what is asked back."""
    kept = [one.available_at for one in escrow.operations if one.available_at]
    return {
        "owed_amount": escrow.owed,
        "available_at": max(kept).isoformat() if kept and escrow.owed else None,
        "charges": [
            {
                "org_id": charge.payer or escrow.org_id,
                "about": charge.purpose or "fee",
                "amount": charge.amount,
            }
            for charge in escrow.charges
        ],
        "unconfirmed": [
            {
                "org_id": charge.payer or escrow.org_id,
                "about": charge.purpose or "fee",
                "amount": charge.amount,
                "confirm_by": charge.confirm_by.isoformat(),
            }
            for charge in escrow.unconfirmed
        ],
        "refunds": [refund_view(escrow, one) for one in escrow.refunds],
        "repayments": RepaymentView(many=True).dump(escrow.repayments),
    }


def situation_view(account: PayoutAccount) -> dict[str, Any]:
    """How a payout account stands, in words and as the bank names it."""
    return {
        "situation": situation(account),
        "missing": missing(account.requirements),
        "requirements": account.requirements,
        "payouts_enabled": account.payouts_enabled,
    }
