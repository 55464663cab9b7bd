"""A good result becomes a hire offer, and the candidate answers it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.applications.domain import HireOffer, OfferStatus, sibling_id
from services.applications.usecases.ports import Cards, HireOffers
from shared.envelope import Call, Message
from shared.principal import Principal
from shared.sweep import each


def offer_hire(
    cards: Cards,
    offers: HireOffers,
    event: Message,
    *,
    engagement_id: str,
    project_id: str,
    org_id: str,
    candidate_id: str,
    weighted_score: int,
    would_hire: bool,
    now: datetime,
) -> None:
    """Draft or extend what the project promised for a result this good; once per engagement."""
    policy = cards.load(project_id).terms.hire_offer
    if policy is None or not policy.rewards(would_hire, weighted_score):
        return
    offer = HireOffer(
        id=sibling_id("hof", engagement_id),
        engagement_id=engagement_id,
        project_id=project_id,
        org_id=org_id,
        candidate_id=candidate_id,
        terms=policy.terms,
        created_at=now,
    )
    offer.extend(now) if policy.policy == "extend" else offer.draft()
    offers.create(event, offer)


def get_hire_offer(offers: HireOffers, by: Principal, offer_id: str) -> HireOffer:
    offer = offers.load(offer_id)
    by.require("get_hire_offer", org_id=offer.org_id, person_id=_person(offer))
    return offer


def extend_hire_offer(
    offers: HireOffers, call: Call, offer_id: str, changes: Mapping[str, Any], now: datetime
) -> HireOffer:
    """Approve a draft, with changes to its terms where there are some."""

    def extend(offer: HireOffer) -> None:
        call.principal.require("extend_hire_offer", org_id=offer.org_id)
        offer.extend(now, replace(offer.terms, **changes))

    return offers.change(offer_id, call, extend)


def accept_hire_offer(offers: HireOffers, call: Call, offer_id: str, now: datetime) -> HireOffer:
    def accept(offer: HireOffer) -> None:
        call.principal.require("accept_hire_offer", person_id=_person(offer))
        offer.accept(now)

    return offers.change(offer_id, call, accept)


def decline_hire_offer(offers: HireOffers, call: Call, offer_id: str, reason: str) -> HireOffer:
    def decline(offer: HireOffer) -> None:
        call.principal.require("decline_hire_offer", person_id=_person(offer))
        offer.decline(reason)

    return offers.change(offer_id, call, decline)


def sweep_hire_offers(offers: HireOffers, now: datetime) -> None:
    """End the hire offers that nobody answered in time."""
    each(offers.due(now), lambda id_: offers.change(id_, None, lambda offer: offer.expire(now)))


def _person(offer: HireOffer) -> str | None:
    """Whose offer it is; nobody's yet while the company has not approved it."""
    return None if offer.status is OfferStatus.DRAFTED else offer.candidate_id
