"""A position for somebody whose work the company knows: no application, the same way from there.

The card holds the slot and announces it; the offer follows, and alone decides how it ends. The yes
becomes an accepted application, which payments and projects hear of like of any other.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from services.applications.domain import (
    Application,
    ProjectCard,
    Reengagement,
    ReengagementStatus,
    application_id,
    reengagement_id,
    sibling_id,
)
from services.applications.usecases.applying import (
    blank_application,
    require_eligible,
    with_profile,
)
from services.applications.usecases.ports import Desk, Reengagements, State
from services.applications.usecases.projects import known_project
from services.applications.usecases.selection import free_slot
from shared.envelope import Call, Message
from shared.errors import Conflict, NotFound
from shared.principal import Principal
from shared.sweep import each

_VIEW = [
    *("id", "version", "project_id", "project_title", "org_id", "candidate_id"),
    *("former_engagement_id", "status", "expires_at", "decline_reason"),
    *("application_id", "engagement_id"),
]


@dataclass(frozen=True)
class Again:
    """What taking somebody on again touches."""

    desk: Desk
    offers: Reengagements


def reengage_candidate(
    again: Again, call: Call, project_id: str, engagement_id: str, now: datetime
) -> Reengagement:
    """Offer a position of this project to whoever finished that engagement."""
    desk = again.desk
    card = known_project(desk.cards, project_id)
    call.principal.require("reengage_candidate", org_id=card.org_id)
    call = replace(call, expected_version=None)
    former = _finished(desk, card, engagement_id)
    id_ = reengagement_id(desk.id_key, former.candidate_id, project_id)
    known = again.offers.find(id_)
    if known is not None and known.status is not ReengagementStatus.OFFERED:
        raise Conflict("reengagement-answered", f"The position was offered and {known.status}.")
    card = desk.cards.change(
        project_id, call, lambda one: one.reengage(id_, former.candidate_id, engagement_id, now)
    )
    slot = card.slots[id_]
    return again.offers.create(
        call, _offer(card, id_, former.candidate_id, engagement_id, slot.expires_at)
    )


def follow_offer(
    again: Again,
    event: Message,
    *,
    reengagement_id: str,
    project_id: str,
    candidate_id: str,
    former_engagement_id: str,
    expires_at: datetime,
) -> None:
    """The offer for the slot that the card holds; a slot for one that is over is given back."""
    card = again.desk.cards.load(project_id)
    blank = _offer(card, reengagement_id, candidate_id, former_engagement_id, expires_at)
    if not again.offers.create(event, blank).holds_its_slot:
        free_slot(again.desk.cards, event, project_id=project_id, application_id=reengagement_id)


def accept_reengagement(again: Again, call: Call, id_: str, now: datetime) -> Reengagement:
    """Take the position: all rules of applying hold but the answers and the wait."""
    desk, offer = again.desk, again.offers.load(id_)
    call.principal.require("accept_reengagement", person_id=offer.candidate_id)
    if offer.status is ReengagementStatus.OFFERED:
        _require_free(desk, offer)
        profile = with_profile(desk.candidates, offer.candidate_id)[1]
        card = desk.cards.load(offer.project_id)
        require_eligible(desk, card, offer.candidate_id, profile, now)
    applied = application_id(desk.id_key, offer.candidate_id, offer.project_id)
    offer = again.offers.change(id_, call, lambda one: one.accept(applied, now))
    call = replace(call, expected_version=None)
    take_on(again, call, project_id=offer.project_id, candidate_id=offer.candidate_id, now=now)
    return offer


def take_on(
    again: Again, message: Message, *, project_id: str, candidate_id: str, now: datetime
) -> None:
    """The yes as an accepted application in the slot; given back where that has ended since."""
    desk = again.desk
    card = desk.cards.load(project_id)
    id_ = application_id(desk.id_key, candidate_id, project_id)
    held = reengagement_id(desk.id_key, candidate_id, project_id)

    def blank() -> Application:
        whose = with_profile(desk.candidates, candidate_id)
        made = blank_application(id_, card, whose, [], None, now)
        return replace(made, blind_review=False, decide_by=None)

    desk.applications.change(id_, message, lambda one: one.take_on(card.terms.fee, now), new=blank)
    desk.cards.change(project_id, message, lambda one: one.fill_reengaged(held, id_, now))
    if desk.applications.load(id_).is_over:
        free_slot(desk.cards, message, project_id=project_id, application_id=id_)


def decline_reengagement(again: Again, call: Call, id_: str, reason: str) -> Reengagement:
    def decline(offer: Reengagement) -> None:
        call.principal.require("decline_reengagement", person_id=offer.candidate_id)
        offer.decline(reason)

    return again.offers.change(id_, call, decline)


def get_reengagement(again: Again, by: Principal, id_: str) -> Reengagement:
    offer = again.offers.load(id_)
    by.require("get_reengagement", org_id=offer.org_id, person_id=offer.candidate_id)
    return offer


def sweep_reengagements(offers: Reengagements, now: datetime) -> None:
    """End the offers that nobody answered; the slot is given back when that is heard."""
    each(offers.due(now), lambda id_: offers.change(id_, None, lambda one: one.expire(now)))


def view(offer: Reengagement, by: Principal) -> State:
    return row(asdict(offer), by)


def row(state: Any, _by: Principal) -> State:
    """The yes names the engagement that has come of it."""
    return {name: state.get(name) for name in _VIEW}


def _finished(desk: Desk, card: ProjectCard, engagement_id: str) -> Application:
    """The application of finished work for the same company, or NotFound."""
    former = desk.applications.find(sibling_id("app", engagement_id))
    if former is None or former.org_id != card.org_id or former.engagement_status != "completed":
        raise NotFound("engagement-not-found", "No finished engagement of yours has this id.")
    if former.project_id == card.id:
        raise Conflict("same-project", "They have done this project already.")
    return former


def _require_free(desk: Desk, offer: Reengagement) -> None:
    applied = desk.applications.find(
        application_id(desk.id_key, offer.candidate_id, offer.project_id)
    )
    if applied is not None and applied.is_over:
        raise Conflict("application-over", "You applied for this project, and that has ended.")


def _offer(
    card: ProjectCard, id_: str, candidate_id: str, engagement_id: str, expires_at: datetime
) -> Reengagement:
    return Reengagement(
        id=id_,
        project_id=card.id,
        org_id=card.org_id,
        candidate_id=candidate_id,
        former_engagement_id=engagement_id,
        project_title=card.terms.title,
        expires_at=expires_at,
        due_at=expires_at,
    )
