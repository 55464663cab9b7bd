"""Cards, and what moves beside the fee: parts, bonuses, changes, repayments, several payers."""

from typing import Any

from services.payments.schemas import (
    ChangeOrderAccepted,
    OrganisationVerified,
    escrow_view,
    for_candidate,
    read,
)
from services.payments.schemas import money as schemas
from services.payments.schemas.base import Page
from services.payments.usecases import cards, extras, funding, repayments
from services.payments.usecases.ports import Desk
from shared.envelope import Call, Event
from shared.messaging import on
from shared.rpc import rpc

View = dict[str, Any]


class Extras:
    """What companies and sponsors decide about money besides selecting somebody."""

    desk: Desk

    @on("organisation.verified.v1")
    def on_organisation_verified(self, event: Event) -> None:
        facts = OrganisationVerified().load(event.data)
        cards.note_verification(self.desk, cause=event, **facts)

    @on("change-order.accepted.v1")
    def on_change_order_accepted(self, event: Event) -> None:
        facts = ChangeOrderAccepted().load(event.data)
        if facts["fee_difference"]:
            extras.amend_fee(self.desk, cause=event, **facts)

    @rpc
    def add_payment_method(self, call: Call, token: str, default: bool = False) -> View:
        asked = read(schemas.AddPaymentMethod, token=token, default=default)
        return self._cards(cards.add_payment_method(self.desk, call, **asked))

    @rpc
    def list_payment_methods(self, call: Call) -> View:
        return self._cards(cards.list_payment_methods(self.desk, call.principal))

    @rpc
    def choose_payment_method(self, call: Call, card_id: str) -> View:
        asked = read(schemas.OfCard, card_id=card_id)
        return self._cards(cards.choose_payment_method(self.desk, call, **asked))

    @rpc
    def remove_payment_method(self, call: Call, card_id: str) -> View:
        asked = read(schemas.OfCard, card_id=card_id)
        return self._cards(cards.remove_payment_method(self.desk, call, **asked))

    @rpc
    def release_part(self, call: Call, engagement_id: str, **asked: Any) -> View:
        given = read(schemas.ReleasePart, engagement_id=engagement_id, **asked)
        return self._escrow(extras.release_part(self.desk, call, **given))

    @rpc
    def grant_bonus(self, call: Call, engagement_id: str, **asked: Any) -> View:
        given = read(schemas.GrantBonus, engagement_id=engagement_id, **asked)
        return self._escrow(extras.grant_bonus(self.desk, call, **given))

    @rpc
    def add_to_fee(self, call: Call, engagement_id: str, **asked: Any) -> View:
        given = read(schemas.AddToFee, engagement_id=engagement_id, **asked)
        return self._escrow(extras.add_to_fee(self.desk, call, **given))

    @rpc
    def ask_repayment(self, call: Call, engagement_id: str, **asked: Any) -> View:
        given = read(schemas.AskRepayment, engagement_id=engagement_id, **asked)
        return self._escrow(repayments.ask_repayment(self.desk, call, **given))

    @rpc
    def answer_repayment(
        self, call: Call, engagement_id: str, request_id: str, **asked: Any
    ) -> View:
        about = {"engagement_id": engagement_id, "request_id": request_id}
        given = read(schemas.AnswerRepayment, **about, **asked)
        return for_candidate(self._escrow(repayments.answer_repayment(self.desk, call, **given)))

    @rpc
    def propose_funding(self, call: Call, project_id: str, **asked: Any) -> View:
        given = read(schemas.ProposeFunding, project_id=project_id, **asked)
        offers = schemas.offers(given.pop("sponsors"))
        plan = funding.propose_funding(self.desk, call, **given, offers=offers)
        return self._plan(call, plan)

    @rpc
    def get_funding(self, call: Call, plan_id: str) -> View:
        asked = read(schemas.OfPlan, plan_id=plan_id)
        plan = funding.get_funding(self.desk, call.principal, asked["plan_id"])
        return self._plan(call, plan)

    @rpc
    def list_funding(self, call: Call, **page: Any) -> View:
        plans, following = funding.list_funding(self.desk, call.principal, **read(Page, **page))
        parts = funding.list_contributions(self.desk, call.principal, plans)
        of = call.principal.org_id
        views = [schemas.plan_view(one, of, parts[one.id]) for one in plans]
        return {"items": views, "next": following}

    @rpc
    def answer_funding(self, call: Call, plan_id: str, agreed: Any = None) -> View:
        asked = read(schemas.AnswerFunding, plan_id=plan_id, agreed=agreed)
        plan = funding.answer_funding(self.desk, call, asked["plan_id"], asked["agreed"])
        return self._plan(call, plan)

    def _plan(self, call: Call, plan: Any) -> View:
        parts = funding.list_contributions(self.desk, call.principal, [plan])
        return schemas.plan_view(plan, call.principal.org_id, parts[plan.id])

    def _cards(self, payer: Any) -> View:
        return schemas.cards_view(payer, simulated=self.desk.bank.simulated)

    def _escrow(self, escrow: Any) -> View:
        return escrow_view(escrow, simulated=self.desk.bank.simulated)
