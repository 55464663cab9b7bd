"""Deciding and withdrawing: each one write of the application."""

from datetime import datetime
from typing import Any

from services.applications.domain import LAST_RANK, Application, Remark, sibling_id
from services.applications.usecases.ports import Applications, Cards, Desk
from shared.envelope import Call, Message
from shared.errors import NotFound
from shared.principal import Principal
from shared.sweep import each


def get_application(applications: Applications, by: Principal, id_: str) -> Application:
    application = applications.load(id_)
    by.require("get_application", org_id=application.org_id, person_id=application.candidate_id)
    return application


def shortlist_application(
    applications: Applications, call: Call, id_: str, now: datetime
) -> Application:
    def shortlist(application: Application) -> None:
        call.principal.require("shortlist_application", org_id=application.org_id)
        application.shortlist(now)

    return applications.change(id_, call, shortlist)


def decline_application(
    applications: Applications,
    call: Call,
    id_: str,
    reason: str,
    feedback: list[Remark],
    now: datetime,
) -> Application:
    def decline(application: Application) -> None:
        call.principal.require("decline_application", org_id=application.org_id)
        application.decline(reason, now, feedback)

    return applications.change(id_, call, decline)


def decline_applications(
    applications: Applications,
    call: Call,
    project_id: str,
    ids: list[str],
    reason: str,
    now: datetime,
) -> list[Application]:
    """Turn down many with one reason; all are looked at before the first is declined."""
    for id_ in ids:
        application = get_own(applications, call.principal, "decline_applications", id_)
        if application.project_id != project_id:
            raise NotFound("application-not-found", "There is no such application.")
        application.require_declinable()
    return [applications.change(id_, call, lambda one: one.decline(reason, now)) for id_ in ids]


def reserve_application(
    desk: Desk, call: Call, id_: str, rank: int | None, now: datetime
) -> Application:
    """Keep as an alternate of this rank, or as the last one."""
    application = get_own(desk.applications, call.principal, "reserve_application", id_)
    others = [row for row in desk.ask.alternates(application.project_id) if row["id"] != id_]
    place = rank or min(LAST_RANK, max((row["rank"] for row in others), default=0) + 1)
    return desk.applications.change(id_, call, lambda one: one.reserve(place, now))


def get_own(applications: Applications, by: Principal, operation: str, id_: str) -> Application:
    """The application, for somebody of the company that it was sent to."""
    application = applications.load(id_)
    by.require(operation, org_id=application.org_id)
    return application


def withdraw_application(
    applications: Applications, call: Call, id_: str, reason: str | None, now: datetime
) -> Application:
    def withdraw(application: Application) -> None:
        call.principal.require("withdraw_application", person_id=application.candidate_id)
        application.withdraw(reason, now)

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


def sweep_applications(cards: Cards, applications: Applications, now: datetime) -> None:
    """Let silence have its meaning, in each state the one of its own; remind the company before.

    The card speaks for all that wait for the same day, and it is written first: whoever dies in
    between is repeated, and the card says it once.
    """

    def pass_time(id_: str) -> None:
        application = applications.load(id_)
        due_at = application.decide_by
        if due_at is not None and application.reminder_is_due(now):
            cards.change(application.project_id, None, lambda card: card.remind(due_at))
        applications.change(id_, None, lambda one: one.pass_time(now))

    each(applications.due(now), pass_time)
