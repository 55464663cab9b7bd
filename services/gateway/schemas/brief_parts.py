"""Parts of a brief that stand for themselves."""

from typing import Any

from marshmallow import fields

from services.gateway.schemas.base import Part, Whole, choice, number, string, texts

AI_POLICIES = ["none", "assist", "free"]
VISIBILITIES = ["public", "invite_only", "link_only"]
FACTORS = [
    "no_expectation_of_pay",
    "training_as_in_education",
    "tied_to_formal_education",
    "fits_the_academic_calendar",
    "lasts_only_while_it_teaches",
    "complements_paid_staff",
    "no_entitlement_to_a_job",
]


def country(**options: Any) -> fields.String:
    """An ISO 3166-1 alpha-2 code."""
    rule = Whole(r"^[A-Z]{2}$", error="Not an ISO 3166-1 code such as US.")
    return fields.String(validate=rule, metadata={"example": "US"}, **options)


class Supervisor(Part):
    """Whom the candidate works with."""

    name = string(2, 120, "Dana Whitfield", required=True)
    role = string(2, 120, "Head of sales operations", required=True)


class Place(Part):
    """Where work that is not remote is done."""

    country = country(required=True)
    city = string(2, 120, "Chicago", required=True)


class Eligibility(Part):
    """Whom the company may take; what is left out asks for nothing."""

    minimum_age = number(13, 99, 18, allow_none=True)
    countries = texts(country(), 0, 60, metadata={"description": "Where the candidate is."})
    work_authorisation = texts(
        country(), 0, 60, metadata={"description": "May work in one of these."}
    )
    weekly_hours_cap = number(1, 60, 20, allow_none=True)


class UnpaidTerms(Part):
    """What unpaid work rests on; a for-profit confirms all seven factors."""

    organisation_kind = choice(["for_profit", "nonprofit", "public_body"], required=True)
    institution = string(2, 200, "Lakeside Community College", allow_none=True)
    confirmed = texts(choice(FACTORS), 0, 7)
