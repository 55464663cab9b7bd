"""What comes back to a sponsor may be spent again."""

from services.payments.domain import Escrow, Kind, State
from services.payments.domain.funding import plan_id
from services.payments.usecases.ports import Desk


def free_caps(desk: Desk, escrow: Escrow) -> None:
    """Let sponsors' caps know what came back; where nothing did, nothing is written."""
    if escrow.sponsor_ids:
        id_ = plan_id(escrow.project_id, escrow.org_id)
        desk.plans.change(id_, None, lambda plan: plan.settle(escrow.id, _brought(escrow)))


def _brought(escrow: Escrow) -> dict[str, int]:
    """What each sponsor's charges brought, or may still bring, less what went back to them."""
    found: dict[str, int] = {}
    for charge in escrow.operations:
        if charge.kind is Kind.CHARGE and charge.payer and charge.state is not State.FAILED:
            back = (one for one in escrow.operations if one.charge_id == charge.bank_id != "")
            gone = (
                one.amount
                for one in back
                if one.kind is Kind.REFUND and one.state is State.SUCCEEDED
            )
            found[charge.payer] = found.get(charge.payer, 0) + charge.amount - sum(gone)
    return found
