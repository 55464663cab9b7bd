"""Profiles, applications, matching, hire offers and credentials."""

from marshmallow import fields, validate

from services.gateway.schemas.base import (
    Part,
    Request,
    View,
    choice,
    flag,
    identifier,
    iso_currency,
    listed,
    many,
    moment,
    money,
    number,
    shown,
    string,
    texts,
)
from services.gateway.schemas.engagements import Scores


class Skill(Part):
    skill_id = string(1, 200, "esco-1d4a", required=True)
    label = string(1, 200, "perform data cleansing", required=True)
    level = number(1, 5, 4, required=True, description="1 beginner to 5 expert.")


class PortfolioItem(Part):
    title = string(1, 200, "Survey of 300 students", required=True)
    url = fields.Url(
        schemes={"http", "https"},
        allow_none=True,
        validate=validate.Length(max=1000),
        metadata={"example": "https://example.com/survey"},
    )
    file_id = identifier("fil-0199", allow_none=True)
    description = string(0, 2000, "Design, cleaning and report.", load_default="")


class ProfileIn(Request):
    """The whole profile; it replaces the one before."""

    headline = string(1, 200, "Statistics student who likes messy data", required=True)
    about = string(0, 4000, "Third year in Warsaw.", allow_none=True)
    skills = many(Skill, 0, 50, required=True)
    weekly_hours = number(0, 60, 15, required=True)
    portfolio = many(PortfolioItem, 0, 10, load_default=list)
    open_to_work = flag(True, load_default=True)


class Profile(View):
    id = identifier("acc-0199", required=True)
    version = number(1, 10**9, 3, required=True)
    headline = string(1, 200, "Statistics student who likes messy data", required=True)
    about = string(0, 4000, "Third year in Warsaw.", allow_none=True)
    skills = listed(shown(Skill), required=True)
    weekly_hours = number(0, 60, 15)
    portfolio = listed(shown(PortfolioItem))
    open_to_work = flag(True)


class Answer(Part):
    question_id = identifier("qst-1", required=True)
    text = string(1, 4000, "OpenRefine, because its clusters can be reviewed.", required=True)


class ApplicationIn(Request):
    answers = many(Answer, 0, 5, load_default=list)


class Reason(Request):
    reason = string(2, 500, "position-filled", required=True)


class OptionalReason(Request):
    reason = string(2, 500, "Found another project.", allow_none=True)


class Point(View):
    """One skill's part of a score; the points of all add up to it."""

    skill_id = string(1, 200, "esco-1d4a", required=True)
    label = string(1, 200, "perform data cleansing", required=True)
    points = fields.Float(required=True, metadata={"example": 62.5})
    evidence = number(0, 10**6, 2)  # Finished engagements that used the skill.


class Application(View):
    """The company sees no `candidate_id`, and days instead of times, while the review is blind."""

    id = identifier("app-0199", required=True)
    version = number(1, 10**9, 2, required=True)
    project_id = identifier("prj-0199", required=True)
    project_title = string(0, 120, "Clean and dedupe 4,000 CRM contacts")
    org_id = identifier("org-0199")
    candidate_id = identifier("acc-0199", allow_none=True)
    status = choice(
        ["submitted", "shortlisted", "selected", "accepted", "declined", "withdrawn", "expired"],
        required=True,
    )
    answers = listed(shown(Answer))
    skills = listed(shown(Skill))
    score = fields.Float(allow_none=True, metadata={"example": 87.5})
    points = listed(Point, allow_none=True)
    submitted_at = string(10, 40, "2026-09-14")
    expires_at = moment(allow_none=True)
    decline_reason = string(0, 500, "position-filled", allow_none=True)
    engagement_id = identifier("eng-0199", allow_none=True)
    engagement_status = choice(["started", "completed", "cancelled"], allow_none=True)
    payment_problem = string(0, 200, "card-declined", allow_none=True)


class SkillQuery(Request):
    query = fields.String(
        required=True, validate=validate.Length(1, 200), metadata={"example": "data clean"}
    )
    limit = fields.Integer(
        load_default=20, validate=validate.Range(1, 100), metadata={"example": 20}
    )


class LimitQuery(Request):
    limit = fields.Integer(
        load_default=20, validate=validate.Range(1, 100), metadata={"example": 20}
    )


class TaxonomySkill(View):
    skill_id = string(1, 200, "esco-1d4a", required=True)
    label = string(1, 200, "perform data cleansing", required=True)
    alternatives = texts(string(1, 200, "clean data"), 0, 100)


class TaxonomySkills(View):
    items = listed(TaxonomySkill, required=True)


class ProjectMatch(View):
    project_id = identifier("prj-0199", required=True)
    title = string(0, 120, "Clean and dedupe 4,000 CRM contacts")
    score = fields.Float(required=True, metadata={"example": 87.5})
    points = listed(Point)


class ProjectMatches(View):
    items = listed(ProjectMatch, required=True)


class CandidateMatch(View):
    """Who fits, by rank; only operators see who it is."""

    rank = number(1, 1000, 1, required=True)
    score = fields.Float(required=True, metadata={"example": 87.5})
    points = listed(Point)
    candidate_id = identifier("acc-0199", allow_none=True)


class CandidateMatches(View):
    items = listed(CandidateMatch, required=True)


class Match(View):
    application_id = identifier("app-0199")
    score = fields.Float(allow_none=True, metadata={"example": 87.5})
    points = listed(Point, allow_none=True)
    reasons = texts(string(1, 500, "Covers 2 of 2 required skills."), 0, 100)
    model_version = string(0, 60, "coverage-1")
    taxonomy_version = string(0, 60, "esco-1.2.0")


class OfferTerms(Request):
    """What is left out stays as it was drafted."""

    title = string(2, 120, "Data intern")
    kind = string(1, 60, "internship")
    pay_amount = money(2400)
    pay_currency = iso_currency()
    pay_period = choice(["hour", "month", "year", "project"])
    valid_days = number(1, 90, 7)


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
