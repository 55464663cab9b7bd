"""A good result becomes a hire offer, and the candidate answers it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.applications.domain import COMPANY_ONLY, HireOffer, HireTerms, sibling_id
from services.applications.usecases.ports import Applications, Cards, Facts, HireOffers
from shared.envelope import Call, Message
from shared.errors import Conflict
from shared.principal import Principal


def offer_hire(
    cards: Cards,
    facts: Facts,
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
    """Draft what the project promised for a result this good, once per engagement; or hold it until
    the evaluations are released.

    Whoever of this and `release_offer` comes second finds what the first has written.
    """
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
    offer.hold() if policy.policy == "extend" else offer.draft()
    offers.create(event, offer)
    known = facts.find(sibling_id("fct", engagement_id))
    if known is not None and known.opened_at is not None:
        release_offer(offers, None, engagement_id, now)  # Not by the event, which made it.


def release_offer(
    offers: HireOffers, event: Message | None, engagement_id: str, now: datetime
) -> None:
    """Extend what was held until both sides may read the evaluations, where there is something."""
    id_ = sibling_id("hof", engagement_id)
    if offers.find(id_) is not None:
        offers.change(id_, event, lambda offer: offer.release(now))


def make_hire_offer(
    applications: Applications,
    offers: HireOffers,
    call: Call,
    engagement_id: str,
    terms: HireTerms,
    now: datetime,
) -> HireOffer:
    """Offer a job to somebody whose work is finished, whatever the project's policy was."""
    application = applications.load(sibling_id("app", engagement_id))
    call.principal.require("make_hire_offer", org_id=application.org_id)
    if application.engagement_status != "completed":
        raise Conflict("engagement-not-completed", "Offer a job once the work is finished.")

    def extend(offer: HireOffer) -> None:
        if offer.version:
            raise Conflict("hire-offer-exists", "There is a hire offer for this engagement.")
        offer.extend(now, terms)

    def blank() -> HireOffer:
        return HireOffer(
            id=sibling_id("hof", engagement_id),
            engagement_id=engagement_id,
            project_id=application.project_id,
            org_id=application.org_id,
            candidate_id=application.candidate_id,
            terms=terms,
            created_at=now,
        )

    return offers.change(sibling_id("hof", engagement_id), call, extend, new=blank)


def get_hire_offer(offers: HireOffers, by: Principal, offer_id: str) -> HireOffer:
    offer = offers.load(offer_id)
    by.require("get_hire_offer", org_id=offer.org_id, person_id=person(offer))
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
        call.principal.require("accept_hire_offer", person_id=person(offer))
        offer.accept(now)

    return offers.change(offer_id, call, accept)


def decline_hire_offer(offers: HireOffers, call: Call, offer_id: str, reason: str) -> HireOffer:
    def decline(offer: HireOffer) -> None:
        call.principal.require("decline_hire_offer", person_id=person(offer))
        offer.decline(reason)

    return offers.change(offer_id, call, decline)


def rescind_hire_offer(
    offers: HireOffers, call: Call, offer_id: str, reason: str, now: datetime
) -> HireOffer:
    """Take it back before it is answered, or drop a draft."""

    def rescind(offer: HireOffer) -> None:
        call.principal.require("rescind_hire_offer", org_id=offer.org_id)
        offer.rescind(reason, now)

    return offers.change(offer_id, call, rescind)


def person(offer: HireOffer) -> str | None:
    """Whose offer it is; nobody's while the company has not approved it."""
    return None if offer.status in COMPANY_ONLY else offer.candidate_id
