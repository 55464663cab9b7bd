"""Asking candidates to apply: by name, or from what matching suggests without knowing who it is.

The company must not learn from an invitation who has applied: whom it has invited by name it would
know again among blind applications. So inviting somebody who has applied looks like any other
invitation, and while the review is blind no answer to one is shown.
"""

from dataclasses import replace
from datetime import datetime

from services.applications.domain import (
    VALID,
    Invitation,
    ProjectCard,
    Suggestion,
    application_id,
    invitation_id,
)
from services.applications.usecases.ports import Cards, Desk, Invitations, State
from services.applications.usecases.projects import known_project
from shared.envelope import Call, Message
from shared.errors import NotFound
from shared.principal import Principal
from shared.sweep import each


def learn_suggestions(
    cards: Cards,
    event: Message,
    *,
    project_id: str,
    suggestions: list[Suggestion],
    announced_version: int,
) -> None:
    """Keep whom matching suggests, for the company to invite."""
    cards.change(project_id, event, lambda card: card.suggest(suggestions, announced_version))


def list_suggestions(desk: Desk, by: Principal, project_id: str) -> State:
    """Who fits, the best first, by an id that tells nothing; until they are invited."""
    card = known_project(desk.cards, project_id)
    by.require("list_suggestions", org_id=card.org_id)
    items = []
    for rank, one in enumerate(card.suggestions, start=1):
        id_ = invitation_id(desk.id_key, one.candidate_id, card.id, suggested=True)
        invited = id_ in card.invited
        items.append({"id": id_, "rank": rank, "score": one.score, "invited": invited})
    return {"items": items, "next": None}


def invite_candidate(
    desk: Desk,
    call: Call,
    project_id: str,
    whom: dict[str, str],
    message: str,
    now: datetime,
) -> Invitation:
    """Ask somebody to apply; again it is the same invitation."""
    card = known_project(desk.cards, project_id)
    call.principal.require("invite_candidate", org_id=card.org_id)
    call = replace(call, expected_version=None)
    candidate_id, suggested = _meant(desk, card, whom)
    id_ = invitation_id(desk.id_key, candidate_id, project_id, suggested=suggested)
    card = desk.cards.change(project_id, call, lambda card: card.invite(id_, now))
    invitation = blank_invitation(id_, card, candidate_id, message, now)
    applied = desk.applications.find(application_id(desk.id_key, candidate_id, project_id))
    if applied is None:
        invitation.send()
    else:
        invitation.answer()
    return desk.invitations.create(call, invitation)


def decline_invitation(invitations: Invitations, call: Call, id_: str, reason: str) -> Invitation:
    def decline(invitation: Invitation) -> None:
        call.principal.require("decline_invitation", person_id=invitation.candidate_id)
        invitation.decline(reason)

    return invitations.change(id_, call, decline)


def sweep_invitations(invitations: Invitations, now: datetime) -> None:
    """End the invitations that nobody answered."""
    each(
        invitations.due(now),
        lambda id_: invitations.change(id_, None, lambda one: one.expire(now)),
    )


def _meant(desk: Desk, card: ProjectCard, whom: dict[str, str]) -> tuple[str, bool]:
    """Who it is, and whether the company does not know it."""
    if "candidate_id" in whom:
        candidate = desk.candidates.find(whom["candidate_id"])
        if candidate is None or candidate.profile is None or not candidate.profile.open_to_work:
            raise NotFound("candidate-not-found", "Nobody who is open to work has this id.")
        return candidate.id, False
    for one in card.suggestions:
        id_ = invitation_id(desk.id_key, one.candidate_id, card.id, suggested=True)
        if id_ == whom["suggestion_id"]:
            return one.candidate_id, True
    raise NotFound("suggestion-not-found", "This is no suggestion for the project any more.")


def blank_invitation(
    id_: str, card: ProjectCard, candidate_id: str, message: str, now: datetime
) -> Invitation:
    """Open for two weeks, or as long as one may apply."""
    last = now + VALID
    return Invitation(
        id=id_,
        project_id=card.id,
        org_id=card.org_id,
        candidate_id=candidate_id,
        project_title=card.terms.title,
        blind_review=card.terms.blind_review,
        suggested=id_.startswith("sug-"),
        message=message,
        sent_at=now,
        expires_at=min(last, card.terms.apply_by or last),
    )
