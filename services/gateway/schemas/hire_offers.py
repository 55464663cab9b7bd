"""Hire offers and credentials."""

from typing import Any

from marshmallow import fields, validate

from services.gateway.schemas.base import (
    Request,
    View,
    choice,
    day,
    flag,
    identifier,
    iso_currency,
    listed,
    moment,
    money,
    number,
    shown,
    string,
    texts,
)
from services.gateway.schemas.engagements import Scores
from services.gateway.schemas.files import SHA256
from services.gateway.schemas.matching import TaxonomySkill
from services.gateway.schemas.projects import OFFER_KINDS
from services.gateway.schemas.projects import PERIODS as PAY_PERIODS

RESCIND_REASONS = ["position-cancelled", "budget", "position-filled", "conditions-not-met", "other"]
END_REASONS = ["resigned", "dismissed", "contract-ended", "plans-changed", "no-start", "other"]
STATUSES = [
    *("extended", "drafted", "accepted", "declined", "expired", "rescinded", "dropped"),
    *("started", "not_started", "retained", "left"),
]


def choice_of_days(**options: Any) -> fields.Integer:
    """30 or 90."""
    rule = validate.OneOf([30, 90])
    return fields.Integer(strict=True, validate=rule, metadata={"example": 30}, **options)


class OfferTerms(Request):
    """What is left out stays as it was drafted."""

    title = string(2, 120, "Data intern")
    kind = choice(OFFER_KINDS)
    pay_amount = money(2400)
    pay_currency = iso_currency()
    pay_period = choice(PAY_PERIODS)
    valid_days = number(1, 90, 7)
    starts_on = day(allow_none=True)
    weekly_hours = number(1, 60, 20, allow_none=True)
    place = string(0, 200, "Warsaw, two days a week")
    note = string(0, 2000, "You would join the team that you worked with.")


class NewOffer(OfferTerms):
    """Nothing was drafted: the terms are all here."""

    title = string(2, 120, "Data intern", required=True)
    kind = choice(OFFER_KINDS, required=True)
    pay_amount = money(2400, required=True)
    pay_currency = iso_currency(required=True)
    pay_period = choice(PAY_PERIODS, required=True)


class RescindOffer(Request):
    reason = choice(RESCIND_REASONS, required=True)


class StartOfHire(Request):
    started_on = day(required=True)


class EndOfHire(Request):
    reason = choice(END_REASONS, required=True)


class CheckInAnswer(Request):
    """Of the check-in after that many days. The other side never reads it."""

    day = choice_of_days(required=True)
    employed = flag(True, required=True)
    rating = number(1, 5, 4, required=True)
    comment = string(0, 2000, "The team is what I hoped for.")


class OwnAnswer(View):
    employed = flag(True, required=True)
    rating = number(1, 5, 4, required=True)
    comment = string(0, 2000, "The team is what I hoped for.")


class CheckIn(View):
    """Who has answered, and one's own answer."""

    day = choice_of_days(required=True)
    asked_at = moment(required=True)
    closes_at = moment(required=True)
    answered = texts(choice(["candidate", "company"]), 0, 2, required=True)
    own = fields.Nested(OwnAnswer, allow_none=True)


class DeclineOffer(Request):
    reason = choice(
        ["other-offer", "pay", "timing", "location", "role", "personal", "other"], required=True
    )


class Extension(Request):
    terms = fields.Nested(OfferTerms, allow_none=True)


class HireOffer(View):
    id = identifier("hof-0199", required=True)
    version = number(1, 10**9, 2, required=True)
    engagement_id = identifier("eng-0199", required=True)
    project_id = identifier("prj-0199")
    org_id = identifier("org-0199")
    candidate_id = identifier("acc-0199")
    status = choice(STATUSES, required=True)
    waits_for_release = flag(
        False, description="Drafted, and extended by itself once both may read the evaluations."
    )
    kind = string(1, 60, "internship")
    title = string(2, 120, "Data intern")
    pay_amount = money(2400)
    pay_currency = iso_currency()
    pay_period = choice(PAY_PERIODS)
    expires_at = moment(allow_none=True)
    starts_on = day(allow_none=True)
    weekly_hours = number(1, 60, 20, allow_none=True)
    place = string(0, 200, "Warsaw, two days a week")
    note = string(0, 2000, "You would join the team that you worked with.")
    decline_reason = string(0, 500, "other-offer", allow_none=True)
    rescind_reason = string(0, 60, "budget", allow_none=True)
    accepted_at = moment(allow_none=True)
    started_at = moment(allow_none=True)
    ended_at = moment(allow_none=True)
    end_reason = string(0, 60, "resigned", allow_none=True)
    conversion_fee_amount = number(
        0, 0, 0, description="What a company pays for a hire that began here: nothing, ever."
    )
    check_ins = listed(CheckIn)


class SharingChoice(View):
    public = flag(True)
    name = string(0, 200, "Kim Li", allow_none=True)
    organisation = flag(True)
    scores = flag(True)
    evidence = flag(True)
    references = flag(True)
    files = fields.List(string(64, 64, SHA256))


class CompanyConsent(View):
    organisation = string(0, 200, "Northwind", allow_none=True)
    title = flag(True)
    evidence = flag(True)
    files = fields.List(string(64, 64, SHA256))


class WorkFile(View):
    """`name` is empty once the candidate is erased."""

    name = string(0, 200, "contacts.csv", required=True)
    sha256 = string(64, 64, SHA256, required=True)
    media_type = string(1, 200, "text/csv", required=True)


class WrittenReference(View):
    name = string(1, 200, "Dana Whitfield", required=True)
    role = string(1, 120, "Head of sales operations", required=True)
    text = string(1, 4000, "Kim cleaned our contacts with great care.", required=True)
    public = flag(True, required=True)
    given_at = moment(required=True)


class Revoked(View):
    reason = string(1, 60, "issued-in-error", required=True)
    revoked_at = moment(required=True)


class Credential(View):
    id = identifier("crd-0199", required=True)
    version = number(1, 10**9, 1)
    engagement_id = identifier("eng-0199", required=True)
    project_id = identifier("prj-0199")
    org_id = identifier("org-0199")
    candidate_id = identifier("acc-0199")
    project_title = string(0, 120, "Clean and dedupe 4,000 CRM contacts")
    skills = listed(TaxonomySkill)
    hours = number(1, 100, 12)
    weighted_score = fields.Float(allow_none=True, metadata={"example": 90.0})
    scores = fields.Nested(shown(Scores), allow_none=True)
    issued_at = moment(required=True)
    automatic = flag(False)
    files = listed(WorkFile)
    sharing = fields.Nested(SharingChoice)
    consent = fields.Nested(CompanyConsent)
    references = listed(WrittenReference)
    reference_asked_at = moment(allow_none=True)
    revocation = fields.Nested(Revoked, allow_none=True)
