"""Skills, and who fits what."""

from marshmallow import fields, validate

from services.gateway.schemas.applications import Point
from services.gateway.schemas.base import (
    MOST,
    Request,
    View,
    identifier,
    listed,
    number,
    string,
    texts,
)


def _limit() -> fields.Integer:
    return fields.Integer(
        load_default=20,
        validate=validate.Range(1, 100),
        metadata={"description": MOST, "example": 20},
    )


class SkillQuery(Request):
    query = fields.String(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "Words of its label.", "example": "data clean"},
    )
    limit = _limit()


class LimitQuery(Request):
    limit = _limit()


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
