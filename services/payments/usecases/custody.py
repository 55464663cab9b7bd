"""What operators do with money that is held: freeze it, agree to each other's wishes, watch it."""

from collections.abc import Sequence

from services.payments.domain import Escrow
from services.payments.domain.custody import Approval, Movement
from services.payments.domain.dispute_parts import Split
from services.payments.usecases.engagements import permitted
from services.payments.usecases.pages import MOST, cut, mark
from services.payments.usecases.ports import Desk
from services.payments.usecases.settling import settle
from shared.envelope import Call
from shared.principal import Principal


def refund_engagement(
    desk: Desk, call: Call, engagement_id: str, amount: int | None, reason: str
) -> Escrow:
    """Give back this many minor units of what is held, or all; above the limit two have to agree.

    The same request again, whenever it comes, is done once.
    """
    permitted(desk, call.principal, "refund_engagement", engagement_id)
    by, now = call.principal.id, desk.now()

    def refund(escrow: Escrow) -> None:
        wanted = escrow.free if amount is None else amount
        if not desk.limits.needs_two(wanted, escrow.currency):
            return escrow.refund(call.id, amount, reason, now)
        escrow.require_refundable(wanted)
        split = Split(0, wanted)
        wish = Approval(call.id, Movement.REFUND, wanted, split, reason, by, now)
        return escrow.ask_consent(wish)

    return settle(desk, desk.escrows.change(engagement_id, call, refund), call)


def approve_movement(desk: Desk, call: Call, engagement_id: str, approval_id: str) -> Escrow:
    """Agree to what another operator wants; it happens now."""
    permitted(desk, call.principal, "approve_movement", engagement_id)
    by = call.principal.id
    escrow = desk.escrows.change(
        engagement_id, call, lambda escrow: escrow.approve(approval_id, by, desk.now())
    )
    return settle(desk, escrow, call)


def reject_movement(
    desk: Desk, call: Call, engagement_id: str, approval_id: str, reason: str
) -> Escrow:
    """Refuse what another operator wants."""
    permitted(desk, call.principal, "reject_movement", engagement_id)
    by = call.principal.id
    return desk.escrows.change(
        engagement_id, call, lambda escrow: escrow.reject(approval_id, reason, by, desk.now())
    )


def freeze_funds(desk: Desk, call: Call, engagement_id: str, reason: str) -> Escrow:
    """Let nothing of this engagement's money move."""
    permitted(desk, call.principal, "freeze_funds", engagement_id)
    id_, by = f"frz-{call.id}", call.principal.id
    return desk.escrows.change(
        engagement_id, call, lambda escrow: escrow.freeze(id_, reason, by, desk.now())
    )


def unfreeze_funds(desk: Desk, call: Call, engagement_id: str, reason: str) -> Escrow:
    """Let it move again; what waited for it happens now."""
    permitted(desk, call.principal, "unfreeze_funds", engagement_id)
    by = call.principal.id
    escrow = desk.escrows.change(
        engagement_id, call, lambda escrow: escrow.unfreeze(reason, by, desk.now())
    )
    return settle(desk, escrow, call)


def list_watched(
    desk: Desk, by: Principal, operation: str, limit: int = MOST, after: str | None = None
) -> tuple[Sequence[Escrow], str | None]:
    """Escrows with something that concerns operators, the oldest first, and the next cursor.

    A page is of so many escrows: of what is asked for, each may have several, or none.
    """
    by.require(operation)
    found = desk.overview.watched(limit + 1, mark(after))
    return cut(found, limit, lambda escrow: escrow.watched_since)


def list_funds(
    desk: Desk, by: Principal, limit: int = MOST, after: str | None = None
) -> tuple[Sequence[Escrow], str | None]:
    """What is held, the longest first, and the cursor of what follows."""
    by.require("list_funds")
    found = desk.overview.held(limit + 1, mark(after))
    return cut(found, limit, lambda escrow: escrow.held_since)


def tell_ages(desk: Desk, engagement_id: str) -> Escrow:
    """Tell operators of money that has been held for long, once for each limit."""
    return desk.escrows.change(engagement_id, None, lambda escrow: escrow.tell_age(desk.now()))
