"""Money beside the fee: parts in advance, bonuses, and what a change of the work adds or takes."""

from services.payments.domain import Escrow
from services.payments.usecases.cards import card_to_charge
from services.payments.usecases.engagements import permitted
from services.payments.usecases.ports import Desk
from services.payments.usecases.security import secure
from services.payments.usecases.settling import settle
from shared.envelope import Call, Message


def release_part(
    desk: Desk, call: Call, engagement_id: str, amount: int, milestone: str = ""
) -> Escrow:
    """Pay a part of the held fee before all of the work is accepted."""
    days = secure(desk, permitted(desk, call.principal, "release_part", engagement_id))

    def release(escrow: Escrow) -> None:
        escrow.security_days = days
        escrow.release_part(call.id, amount, milestone, desk.now())

    return settle(desk, desk.escrows.change(engagement_id, call, release), call)


def grant_bonus(
    desk: Desk,
    call: Call,
    engagement_id: str,
    amount: int,
    note: str = "",
    payment_method_id: str | None = None,
) -> Escrow:
    """Charge the company a bonus, all of which is the candidate's."""
    found = permitted(desk, call.principal, "grant_bonus", engagement_id)
    card_id, days = card_to_charge(desk, found.org_id, payment_method_id), secure(desk, found)

    def grant(escrow: Escrow) -> None:
        escrow.security_days = days
        limit = desk.policies.bonus_limit(escrow.amount)
        escrow.grant_bonus(call.id, amount, note, card_id, limit, desk.now())

    return settle(desk, desk.escrows.change(engagement_id, call, grant), call)


def add_to_fee(
    desk: Desk,
    call: Call,
    engagement_id: str,
    amount: int,
    reason: str,
    payment_method_id: str | None = None,
) -> Escrow:
    """Charge what a company adds to the fee; only a change order takes anything off it."""
    found = permitted(desk, call.principal, "add_to_fee", engagement_id)
    card_id = card_to_charge(desk, found.org_id, payment_method_id)
    escrow = desk.escrows.change(
        engagement_id,
        call,
        lambda escrow: escrow.raise_fee(call.id, amount, reason, card_id, desk.now()),
    )
    return settle(desk, escrow, call)


def amend_fee(
    desk: Desk, engagement_id: str, order_id: str, fee_difference: int, cause: Message
) -> Escrow:
    """Hold, or give back, what a change order that both accepted changes of the fee; once."""
    org_id = desk.escrows.load(engagement_id).org_id
    card_id = card_to_charge(desk, org_id, None)
    escrow = desk.escrows.change(
        engagement_id,
        cause,
        lambda escrow: escrow.amend_fee(order_id, fee_difference, card_id, desk.now()),
    )
    return settle(desk, escrow, cause)
