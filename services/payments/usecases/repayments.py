"""A company asks for money back, and the candidate says yes or no."""

from services.payments.domain import Escrow
from services.payments.usecases.engagements import permitted
from services.payments.usecases.ports import Desk
from services.payments.usecases.settling import settle
from shared.envelope import Call


def ask_repayment(desk: Desk, call: Call, engagement_id: str, amount: int, reason: str) -> Escrow:
    """Ask for a part of the fee back, held or released; within 180 days after the release."""
    permitted(desk, call.principal, "ask_repayment", engagement_id)
    return desk.escrows.change(
        engagement_id,
        call,
        lambda escrow: escrow.ask_repayment(f"rpy-{call.id}", amount, reason, desk.now()),
    )


def answer_repayment(
    desk: Desk, call: Call, engagement_id: str, request_id: str, agreed: bool
) -> Escrow:
    """The candidate's answer; with a yes the money goes back to whoever paid it."""
    permitted(desk, call.principal, "answer_repayment", engagement_id)
    escrow = desk.escrows.change(
        engagement_id,
        call,
        lambda escrow: escrow.answer_repayment(request_id, agreed, desk.now()),
    )
    return settle(desk, escrow, call)
