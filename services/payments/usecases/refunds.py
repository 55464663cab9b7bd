"""What was given back, to whom it did not get, and sending that again."""

from services.payments.domain import Escrow, Operation
from services.payments.domain.refunding import number_of
from services.payments.usecases.engagements import permitted
from services.payments.usecases.ports import Desk, Waiter
from services.payments.usecases.settling import settle
from shared.envelope import Call
from shared.principal import Principal


def list_refunds(desk: Desk, by: Principal, engagement_id: str) -> tuple[Escrow, list[Operation]]:
    """All of an engagement's for its company; a sponsor reads its own, and nothing else."""
    escrow = desk.escrows.load(engagement_id)
    if by.org_id in escrow.sponsor_ids:
        by.require("list_refunds", org_id=by.org_id)
        own = (one for one in escrow.refunds if escrow.payer_of(one.charge_id) == by.org_id)
        return escrow, list(own)
    permitted(desk, by, "list_refunds", engagement_id)
    return escrow, escrow.refunds


def resend_refund(desk: Desk, call: Call, engagement_id: str, number: int) -> Escrow:
    """Try the card again that a refund did not reach; only whose card it is may ask for that."""
    escrow = desk.escrows.load(engagement_id)
    charges = (one.charge_id for one in escrow.refunds if number_of(one) == number)
    call.principal.require("resend_refund", org_id=escrow.payer_of(next(charges, "")))
    escrow = desk.escrows.change(
        engagement_id, call, lambda escrow: escrow.resend_refund(call.id, number, desk.now())
    )
    return settle(desk, escrow, call)


def failed_refunds(escrow: Escrow, org_id: str) -> list[Waiter]:
    """Those that wait for this organisation's word."""
    return [
        Waiter(
            id=escrow.id,
            status=escrow.status.value,
            failure_code=None,
            amount=one.unsettled,
            currency=one.currency,
            since=one.failed_at or one.created_at,
            refund_code=one.error_code or "refund-failed",
        )
        for one in escrow.failed_refunds
        if escrow.payer_of(one.charge_id) == org_id
    ]
