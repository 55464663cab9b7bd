"""What comes back to a sponsor may be spent again."""

from collections import Counter

from services.payments.domain import Escrow
from services.payments.domain.funding import plan_id
from services.payments.domain.sponsoring import contributions
from services.payments.usecases.ports import Desk


def free_caps(desk: Desk, escrow: Escrow) -> None:
    """Let sponsors' caps know what came back; where nothing did, nothing is written."""
    if escrow.sponsor_ids:
        brought = Counter[str]()
        for part in contributions(escrow):
            brought[part.org_id] += part.brought
        id_ = plan_id(escrow.project_id, escrow.org_id)
        desk.plans.change(id_, None, lambda plan: plan.settle(escrow.id, brought))
