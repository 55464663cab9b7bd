"""What people send about parts of a brief that stand for themselves."""

from dataclasses import replace
from typing import Any

from marshmallow import post_load

from services.projects.domain import parts
from services.projects.domain.brief import MOST_CRITERIA, Expected
from services.projects.domain.deadlines import (
    CONSEQUENCES,
    GRACE_DAYS,
    NO_SHOW_DAYS,
    Deadlines,
)
from services.projects.schemas.inputs import IDENTIFIER, Request, choice, several, text, whole

COUNTRY = "Say the country as an ISO 3166-1 code, such as US."


class SupervisorSchema(Request):
    """Whom the candidate works with."""

    name = text(2, 120, "Give the supervisor's name, 2 to 120 characters.", required=True)
    role = text(2, 120, "Give the supervisor's role, 2 to 120 characters.", required=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> parts.Supervisor:
        return parts.Supervisor(**values)


class PlaceSchema(Request):
    """Where the work is done."""

    country = choice(parts.COUNTRIES, COUNTRY, required=True)
    city = text(2, 120, "Name the town, 2 to 120 characters.", required=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> parts.Place:
        return parts.Place(**values)


class EligibilitySchema(Request):
    """Whom the company may take."""

    minimum_age = whole(*parts.AGES, "Say the least age, 13 to 99.", allow_none=True)
    countries = several(
        choice(parts.COUNTRIES, COUNTRY), 0, parts.MOST_COUNTRIES, "Name at most 60 countries."
    )
    work_authorisation = several(
        choice(parts.COUNTRIES, COUNTRY), 0, parts.MOST_COUNTRIES, "Name at most 60 countries."
    )
    weekly_hours_cap = whole(
        *parts.WEEKLY_HOURS, "Say the most hours a week, 1 to 60.", allow_none=True
    )

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> parts.Eligibility:
        return parts.Eligibility(**values)


class UnpaidTermsSchema(Request):
    """What unpaid work rests on."""

    organisation_kind = choice(
        parts.ORGANISATION_KINDS,
        f"Choose one of {', '.join(parts.ORGANISATION_KINDS)}.",
        required=True,
    )
    institution = text(
        2, 200, "Name the school that gives the credit, 2 to 200 characters.", allow_none=True
    )
    confirmed = several(
        choice(parts.FACTORS, f"Choose among {', '.join(parts.FACTORS)}."),
        0,
        len(parts.FACTORS),
        "Confirm each of the seven factors once.",
    )

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> parts.UnpaidTerms:
        return parts.UnpaidTerms(**values)


class DeadlinesSchema(Request):
    """What a missed deadline leads to."""

    grace_days = whole(*GRACE_DAYS, "Say for how many days late work is taken, 0 to 30.")
    missed = choice(CONSEQUENCES, "Say cancel or block.")
    no_show_days = whole(
        *NO_SHOW_DAYS,
        "Say after how many days without a sign somebody is asked, 2 to 28, or null.",
        allow_none=True,
    )

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Deadlines:
        return Deadlines(**values)


class ExpectedSchema(Request):
    """Something to hand in; its id is its place, whatever a client sends back."""

    deliverable_id = text(1, 100, IDENTIFIER)
    title = text(2, 200, "Name what is handed in, in 2 to 200 characters.", required=True)
    acceptance_criteria = several(
        text(2, 500, "Write each criterion in 2 to 500 characters."),
        1,
        MOST_CRITERIA,
        "Give 1 to 20 criteria by which the work is accepted.",
        required=True,
    )

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Expected:
        return Expected(**{**values, "deliverable_id": ""})


class CriterionSchema(Request):
    """Something of one's own to rate; its id is its place, whatever a client sends back."""

    criterion_id = text(1, 100, IDENTIFIER)
    title = text(2, 120, "Name what is rated in 2 to 120 characters.", required=True)
    low = text(2, 300, "Say what a 1 looks like in 2 to 300 characters.", required=True)
    high = text(2, 300, "Say what a 5 looks like in 2 to 300 characters.", required=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> parts.Criterion:
        return parts.Criterion(**{**values, "criterion_id": ""})


def numbered(deliverables: list[Expected]) -> list[Expected]:
    """The same with the ids of their places."""
    return [
        replace(expected, deliverable_id=f"d{place}")
        for place, expected in enumerate(deliverables, 1)
    ]
