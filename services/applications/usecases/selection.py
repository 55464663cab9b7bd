"""Where a project's slots and the applications meet: two documents, each written alone.

The card holds the slot first and announces it. The application follows, and alone decides how it
ends; whatever ends it frees the slot. So a crash or a race between the two writes can leave a slot
held a moment too long, never one given twice.
"""

from dataclasses import replace
from datetime import datetime

from services.applications.domain import PENDING, Application, ProjectCard
from services.applications.usecases.applying import require_hours
from services.applications.usecases.ports import Applications, Cards, Desk
from services.applications.usecases.projects import known_project
from shared.envelope import Call, Message
from shared.errors import Conflict


def select_application(
    cards: Cards, applications: Applications, call: Call, application_id: str, now: datetime
) -> Application:
    """Offer a position: the one conditional write is the card's.

    The application follows at once as a courtesy to who reads it next; if we die in between, it
    follows when it hears of its selection.
    """
    application = applications.load(application_id)
    call.principal.require("select_application", org_id=application.org_id)

    def hold(card: ProjectCard) -> None:
        _require_version(call, application)
        application.require_selectable()
        card.select(application_id, application.candidate_id, now)

    # The version that the caller saw is the application's, not the card's.
    unconditional = replace(call, expected_version=None)
    card = cards.change(application.project_id, unconditional, hold)
    slot = card.slots.get(application_id)
    if slot is not None:
        application = applications.change(
            application_id, unconditional, lambda one: one.follow_selection(slot.expires_at, now)
        )
    return _not_over(application)


def offer_to_next(desk: Desk, call: Call, project_id: str, now: datetime) -> Application:
    """Offer a free position to the first of the alternates: one write of the card chooses.

    The call's own mark on the slot tells a repeated call whom it has chosen.
    """
    card = known_project(desk.cards, project_id)
    call.principal.require("offer_to_next_alternate", org_id=card.org_id)
    call = replace(call, expected_version=None)

    def hold(card: ProjectCard) -> None:
        waiting = [row for row in desk.ask.alternates(project_id) if row["id"] not in card.slots]
        if not waiting:
            raise Conflict("no-alternate", "Nobody waits as an alternate for this project.")
        card.select(waiting[0]["id"], waiting[0]["candidate_id"], now, held_by=call.id)

    card = desk.cards.change(project_id, call, hold)
    chosen = [(id_, slot) for id_, slot in card.slots.items() if slot.held_by == call.id]
    if not chosen:
        raise Conflict("alternate-gone", "That alternate has stepped back: offer to the next.")
    ((id_, slot),) = chosen
    return _not_over(
        desk.applications.change(id_, call, lambda one: one.follow_selection(slot.expires_at, now))
    )


def follow_selection(
    cards: Cards,
    applications: Applications,
    event: Message,
    *,
    application_id: str,
    project_id: str,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Let the application follow its slot, or give the slot back where it ended before."""
    application = applications.change(
        application_id, event, lambda one: one.follow_selection(expires_at, now)
    )
    if application.is_over:
        free_slot(cards, event, project_id=project_id, application_id=application_id)


def accept_selection(desk: Desk, call: Call, application_id: str, now: datetime) -> Application:
    """Accept an offered position in time; it works from the moment the card holds the slot."""
    application = desk.applications.load(application_id)
    call.principal.require("accept_selection", person_id=application.candidate_id)
    card = desk.cards.load(application.project_id)
    if application.status in PENDING:
        require_hours(desk, card, application.candidate_id)

    def accept(application: Application) -> None:
        _follow(application, card, now)
        application.accept(card.terms.fee, now)

    return desk.applications.change(application_id, call, accept)


def decline_selection(
    desk: Desk, call: Call, application_id: str, reason: str, now: datetime
) -> Application:
    """Turn an offered position down: the next alternate may have it."""
    application = desk.applications.load(application_id)
    card = desk.cards.load(application.project_id)

    def refuse(application: Application) -> None:
        call.principal.require("decline_selection", person_id=application.candidate_id)
        _follow(application, card, now)
        application.refuse(reason, now)

    return desk.applications.change(application_id, call, refuse)


def fill_slot(
    cards: Cards, event: Message, *, project_id: str, application_id: str, now: datetime
) -> None:
    cards.change(project_id, event, lambda card: card.fill(application_id, now))


def free_slot(cards: Cards, event: Message, *, project_id: str, application_id: str) -> None:
    cards.change(project_id, event, lambda card: card.free(application_id))


def end_engagement(
    cards: Cards,
    applications: Applications,
    event: Message,
    *,
    application_id: str,
    project_id: str,
) -> None:
    """The engagement was cancelled: its position is free for another."""
    applications.change(application_id, event, lambda one: one.follow_engagement("cancelled"))
    free_slot(cards, event, project_id=project_id, application_id=application_id)


def _follow(application: Application, card: ProjectCard, now: datetime) -> None:
    slot = card.slots.get(application.id)
    if slot is not None:
        application.follow_selection(slot.expires_at, now)


def _not_over(application: Application) -> Application:
    if application.is_over:
        raise Conflict(
            f"application-{application.status}", f"It was {application.status} just now."
        )
    return application


def _require_version(call: Call, application: Application) -> None:
    if call.expected_version not in (None, application.version):
        raise Conflict("version-changed", "The application has changed since you read it.")
