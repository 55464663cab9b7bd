"""Who pays for a project's engagements: what a company proposes and sponsors agree to."""

from collections.abc import Sequence
from dataclasses import replace

from services.payments.domain import Escrow
from services.payments.domain.extras import Share
from services.payments.domain.funding import FundingPlan, Offer, plan_id
from services.payments.domain.sponsoring import Contribution, contributions
from services.payments.usecases.cards import card_to_charge
from services.payments.usecases.pages import MOST
from services.payments.usecases.parties import own_organisation
from services.payments.usecases.ports import Desk, Engagement, Waiter
from shared.envelope import Call
from shared.errors import NotFound
from shared.principal import Principal


def propose_funding(
    desk: Desk,
    call: Call,
    project_id: str,
    currency: str,
    payment_method_id: str | None,
    offers: Sequence[Offer],
) -> FundingPlan:
    """Say which card is charged and which sponsors bring a share; each of them is asked."""
    call.principal.require("propose_funding")
    org_id = own_organisation(call.principal)
    if payment_method_id:
        card_to_charge(desk, org_id, payment_method_id)
    id_ = plan_id(project_id, org_id)
    return desk.plans.change(
        id_,
        call,
        lambda plan: plan.propose(currency, payment_method_id, offers),
        new=lambda: FundingPlan(id_, project_id, org_id, currency),
    )


def get_funding(desk: Desk, by: Principal, plan: str) -> FundingPlan:
    """A plan that one's own organisation has made, or is a sponsor in."""
    by.require("get_funding")
    found = desk.plans.find(plan)
    if found is None or by.org_id not in (found.org_id, *found.sponsor_ids):
        raise NotFound("funding-plan-not-found", "There is no such funding plan.")
    return found


def list_funding(
    desk: Desk, by: Principal, limit: int = MOST, after: str | None = None
) -> tuple[list[FundingPlan], str | None]:
    """The plans of one's own organisation, as company and as sponsor, and the next cursor."""
    by.require("list_funding")
    plans = sorted(desk.finding.plans_of(own_organisation(by)), key=lambda plan: plan.id)
    rest = [plan for plan in plans if plan.id > (after or "")]
    return rest[:limit], rest[limit - 1].id if len(rest) > limit else None


def list_contributions(
    desk: Desk, by: Principal, plans: Sequence[FundingPlan]
) -> dict[str, list[Contribution]]:
    """By plan, what sponsors are charged: all of it for the company, else one's own part.

    Where a charge is confirmed only its sponsor learns.
    """
    ids = {id_ for plan in plans for id_ in plan.engagement_ids}
    found = {escrow.id: escrow for escrow in desk.finding.of_ids(sorted(ids))}
    return {
        plan.id: [
            part if part.org_id == by.org_id else replace(part, action_url="")
            for id_ in plan.engagement_ids
            for part in (contributions(found[id_]) if id_ in found else ())
            if by.org_id in (plan.org_id, part.org_id)
        ]
        for plan in plans
    }


def unconfirmed(escrow: Escrow, org_id: str) -> list[Waiter]:
    """Charges of this sponsor that wait for its word to its own bank."""
    return [
        Waiter(
            id=escrow.id,
            status=escrow.status.value,
            failure_code=None,
            amount=charge.amount,
            currency=charge.currency,
            since=charge.created_at,
            action_url=charge.action_url,
            sponsored=True,
        )
        for charge in escrow.unconfirmed
        if charge.payer == org_id
    ]


def answer_funding(desk: Desk, call: Call, plan: str, agreed: bool) -> FundingPlan:
    """A sponsor's word, given by its owner."""
    call.principal.require("answer_funding")
    org_id = own_organisation(call.principal)
    if get_funding(desk, call.principal, plan).org_id == org_id:
        raise NotFound("funding-plan-not-found", "There is no such funding plan.")
    return desk.plans.change(plan, call, lambda one: one.answer(org_id, agreed, desk.now()))


def sources(desk: Desk, engagement: Engagement) -> tuple[str | None, list[Share]]:
    """The company's card, and each sponsor's share of the fee, put aside once."""
    id_ = plan_id(engagement.project_id, engagement.org_id)
    plan = desk.plans.find(id_)
    if plan is None:
        return card_to_charge(desk, engagement.org_id, None), []
    if desk.escrows.find(engagement.engagement_id):  # Heard again: it is charged as it was.
        return None, []
    cards = {org_id: card_to_charge(desk, org_id, None) for org_id in plan.sponsor_ids}
    able = {org_id for org_id, card_id in cards.items() if card_id}
    about = (engagement.engagement_id, engagement.fee_amount, engagement.fee_currency)
    plan = desk.plans.change(id_, None, lambda one: one.reserve(*about, able))
    parts = plan.parts(engagement.engagement_id)
    shares = [Share(org_id, cards[org_id] or "", amount) for org_id, amount in parts if amount]
    return _company_card(desk, plan), shares


def _company_card(desk: Desk, plan: FundingPlan) -> str | None:
    """The chosen card, unless it was removed meanwhile."""
    try:
        return card_to_charge(desk, plan.org_id, plan.card_id)
    except NotFound:
        return card_to_charge(desk, plan.org_id, None)
