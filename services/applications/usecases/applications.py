"""Applying, deciding and withdrawing: each one write of the application."""

from datetime import datetime
from typing import Any

from services.applications.domain import (
    Answer,
    Application,
    Candidate,
    ProjectCard,
    application_id,
    sibling_id,
)
from services.applications.usecases.ports import Applications, Candidates, Cards
from services.applications.usecases.projects import known_project
from shared.envelope import Call, Message
from shared.errors import Conflict
from shared.principal import Principal
from shared.sweep import each


def submit_application(
    stores: tuple[Candidates, Cards, Applications],
    call: Call,
    *,
    project_id: str,
    answers: list[Answer],
    id_key: str,
    now: datetime,
) -> Application:
    """Apply once: the same call again finds its application, another one is a Conflict."""
    candidates, cards, applications = stores
    call.principal.require("submit_application")
    card = known_project(cards, project_id)
    candidate = _with_profile(candidates, call.principal)

    def submit(application: Application) -> None:
        if application.version:
            raise Conflict("already-applied", "You have applied for this project already.")
        card.require_open(now)
        application.submit(card.terms.questions, answers)

    id_ = application_id(id_key, candidate.id, project_id)
    return applications.change(id_, call, submit, new=lambda: _blank(id_, card, candidate, now))


def get_application(applications: Applications, by: Principal, id_: str) -> Application:
    application = applications.load(id_)
    by.require("get_application", org_id=application.org_id, person_id=application.candidate_id)
    return application


def shortlist_application(applications: Applications, call: Call, id_: str) -> Application:
    def shortlist(application: Application) -> None:
        call.principal.require("shortlist_application", org_id=application.org_id)
        application.shortlist()

    return applications.change(id_, call, shortlist)


def decline_application(
    applications: Applications, call: Call, id_: str, reason: str
) -> Application:
    def decline(application: Application) -> None:
        call.principal.require("decline_application", org_id=application.org_id)
        application.decline(reason)

    return applications.change(id_, call, decline)


def withdraw_application(
    applications: Applications, call: Call, id_: str, reason: str | None
) -> Application:
    def withdraw(application: Application) -> None:
        call.principal.require("withdraw_application", person_id=application.candidate_id)
        application.withdraw(reason)

    return applications.change(id_, call, withdraw)


def rate_application(
    applications: Applications,
    event: Message,
    *,
    application_id: str,
    score: int,
    points: list[dict[str, Any]],
    at: datetime,
) -> None:
    """Keep how well it fits, as matching explains it."""
    applications.change(application_id, event, lambda one: one.rate(score, points, at))


def note_payment(
    applications: Applications,
    event: Message,
    *,
    application_id: str,
    problem: str | None,
    at: datetime,
) -> None:
    """Show both sides that the charge failed, until the fee is held."""
    applications.change(application_id, event, lambda one: one.follow_payment(problem, at))


def note_engagement(
    applications: Applications, event: Message, *, engagement_id: str, status: str
) -> None:
    applications.change(
        sibling_id("app", engagement_id), event, lambda one: one.follow_engagement(status)
    )


def sweep_selections(applications: Applications, now: datetime) -> None:
    """End the selections that nobody answered in time."""
    each(
        applications.due(now),
        lambda id_: applications.change(id_, None, lambda one: one.expire(now)),
    )


def _with_profile(candidates: Candidates, by: Principal) -> Candidate:
    candidate = candidates.find(by.id)
    if candidate is None:
        raise Conflict("profile-missing", "Write your profile before you apply.")
    return candidate


def _blank(id_: str, card: ProjectCard, candidate: Candidate, now: datetime) -> Application:
    return Application(
        id=id_,
        project_id=card.id,
        org_id=card.org_id,
        candidate_id=candidate.id,
        project_title=card.terms.title,
        blind_review=card.terms.blind_review,
        skills=list(candidate.profile.skills) if candidate.profile else [],
        submitted_at=now,
    )
