"""Hire offers and credentials."""

from marshmallow import fields

from services.gateway.schemas.base import (
    Request,
    View,
    choice,
    flag,
    identifier,
    iso_currency,
    listed,
    moment,
    money,
    number,
    shown,
    string,
)
from services.gateway.schemas.engagements import Scores
from services.gateway.schemas.matching import TaxonomySkill


class OfferTerms(Request):
    """What is left out stays as it was drafted."""

    title = string(2, 120, "Data intern")
    kind = string(1, 60, "internship")
    pay_amount = money(2400)
    pay_currency = iso_currency()
    pay_period = choice(["hour", "month", "year", "project"])
    valid_days = number(1, 90, 7)


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
    status = choice(["extended", "drafted", "accepted", "declined", "expired"], required=True)
    kind = string(1, 60, "internship")
    title = string(2, 120, "Data intern")
    pay_amount = money(2400)
    pay_currency = iso_currency()
    pay_period = choice(["hour", "month", "year", "project"])
    expires_at = moment(allow_none=True)
    decline_reason = string(0, 500, "Back to university.", allow_none=True)


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
