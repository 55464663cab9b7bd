"""Parts of a brief that stand for themselves."""

from typing import Any

from marshmallow import fields

from services.gateway.schemas.base import (
    Part,
    Request,
    View,
    Whole,
    choice,
    identifier,
    iso_currency,
    listed,
    many,
    moment,
    money,
    number,
    string,
    texts,
)

AI_POLICIES = ["none", "assist", "free"]
VISIBILITIES = ["public", "invite_only", "link_only"]
STATUSES = ["draft", "in_review", "changes_requested", "published", "closed"]
LEVELS = ["unverified", "email_verified", "verified", "trusted"]
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


class Deadlines(Part):
    """Late work is taken for `grace_days`; then it is given up (`cancel`), or nothing is taken
    until both agree on another date (`block`). Without a sign of the candidate for `no_show_days`
    they are asked, and replaced two days later; null: never."""

    grace_days = number(0, 30, 14)
    missed = choice(["cancel", "block"])
    no_show_days = number(2, 28, 5, allow_none=True)


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


class PayException(View):
    """An operator's public reason for a fee below the floor."""

    fee_amount = money(18_000, required=True)
    fee_currency = iso_currency(required=True)
    hours = number(5, 40, 12, required=True)
    reason = string(10, 2000, "The city pays the difference.", required=True)
    granted_at = moment(required=True)


class Finding(View):
    """Why somebody looks at a brief first."""

    code = string(1, 200, "words:minors", required=True)
    field = string(1, 200, "summary", required=True)
    sentence = string(1, 1000, "“children” may be about work with children.", required=True)


class RequestedChange(Part):
    """What is to be changed in a field."""

    field = string(1, 100, "summary", required=True)
    reason = string(5, 2000, "Say which systems the contacts come from.", required=True)


class BriefReview(View):
    """Company and operators only: why it was looked at, and what came of it."""

    submitted_at = moment(required=True)
    findings = listed(Finding, required=True)
    decided_at = moment(allow_none=True)
    reasons = listed(RequestedChange)


class RequestedChanges(Request):
    reasons = many(RequestedChange, 1, 30, required=True)


class ExceptionReason(Request):
    reason = string(10, 2000, "The city pays the difference.", required=True)


class NewInquiry(Request):
    """To the company; it is not told who asks, so do not say it."""

    text = string(10, 1000, "May I use a script of my own?", required=True)


class InquiryAnswer(Request):
    """For everybody to read."""

    text = string(2, 2000, "Yes, if you hand it in.", required=True)


class Inquiry(View):
    """`asked_at` is a day; open questions are shown to the company and to whoever asked."""

    id = identifier("inq-0199", required=True)
    text = string(10, 1000, "May I use a script of my own?", required=True)
    asked_at = moment(required=True)
    answer = string(2, 2000, "Yes, if you hand it in.", allow_none=True)
    answered_at = moment(allow_none=True)


class Inquiries(View):
    items = listed(Inquiry, required=True)


class Hint(View):
    code = string(1, 100, "objective-missing", required=True)
    field = string(1, 100, "objective", required=True)
    sentence = string(1, 1000, "Say what the result is for.", required=True)


class Fault(View):
    field = string(1, 100, "fee_amount", required=True)
    sentence = string(1, 1000, "Pay at least 24000 USD.", required=True)


class Advice(View):
    """`hints` advise, `faults` would refuse publication, `findings` would send it to a review."""

    score = number(0, 100, 88, required=True)
    missing = texts(string(1, 100, "weeks"), 0, 50)
    hints = listed(Hint, required=True)
    faults = listed(Fault, required=True)
    findings = listed(Finding, required=True)


class NewCriterion(Part):
    """What the company rates besides the rubric: what a 1 and what a 5 looks like."""

    title = string(2, 120, "Care with personal data", required=True)
    low = string(2, 300, "Leaves copies about.", required=True)
    high = string(2, 300, "Deletes what is not needed, and says so.", required=True)
    criterion_id = identifier("c1")


class OwnCriterion(View):
    criterion_id = identifier("c1", required=True)
    title = string(2, 120, "Care with personal data", required=True)
    low = string(2, 300, "Leaves copies about.", required=True)
    high = string(2, 300, "Deletes what is not needed, and says so.", required=True)
