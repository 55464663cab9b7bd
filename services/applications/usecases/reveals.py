"""Ending blindness: for one reviewer, of one application, on record."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from services.applications.domain import (
    Application,
    Identity,
    Profile,
    pseudonyms,
    scorecard_id,
)
from services.applications.usecases.applications import get_own
from services.applications.usecases.ports import Desk, Names
from shared.envelope import Call
from shared.errors import Conflict


def reveal_application(desk: Desk, call: Call, application_id: str, now: datetime) -> Application:
    """Tell a reviewer who it is, once nothing that they learn can change their scores."""
    by = call.principal
    application = get_own(desk.applications, by, "reveal_application", application_id)
    own = desk.scorecards.find(scorecard_id(application.id, by.id))
    if application.blind_review and (own is None or own.locked_at is None):
        raise Conflict(
            "scorecard-not-locked", "Lock your own scores first; then you may learn who it is."
        )
    return desk.applications.change(application_id, call, lambda one: one.reveal(by.id, now))


def draw(names: Names, project_id: str, application_id: str) -> str:
    """The first of the application's pseudonyms that nobody else has in this project."""
    for name in pseudonyms(application_id):
        try:
            names.take(f"{project_id}|{name}", application_id)
        except Conflict:
            continue
        return name
    raise AssertionError("pseudonyms have no end")


def known_by(profile: Profile, person: Mapping[str, str] | None) -> Identity:
    """What must not be read in an answer: of the account, and of the profile."""
    links = [item.url for item in profile.portfolio if item.url]
    return replace(Identity.of(person), schools=profile.schools, links=links)
