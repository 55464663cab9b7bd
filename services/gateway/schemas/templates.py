"""Briefs to begin with."""

from marshmallow import fields

from services.gateway.schemas.base import (
    Request,
    View,
    identifier,
    iso_currency,
    listed,
    money,
    number,
    shown,
    string,
)
from services.gateway.schemas.projects import BriefSketch, SkillWanted


class TemplateSummary(View):
    id = identifier("crm-cleaning", required=True)
    title = string(5, 120, "Clean and dedupe 4,000 CRM contacts", required=True)
    about = string(5, 300, "One row per person, one format per column.", required=True)
    hours = number(5, 40, 12, required=True)
    weeks = number(1, 8, 1, required=True)
    fee_amount = money(26_400, required=True)
    fee_currency = iso_currency(required=True)
    skills = listed(shown(SkillWanted), required=True)


class TemplateList(View):
    items = listed(TemplateSummary, required=True)


class Experience(View):
    """How long the work took those who said so, in hours."""

    notes = number(5, 10**6, 8, required=True)
    median_hours = fields.Float(required=True, metadata={"example": 16.5})


class Template(View):
    """`brief` is what one would send to draft it; `experience` is null where too few have noted
    how long it took."""

    id = identifier("crm-cleaning", required=True)
    title = string(5, 120, "Clean and dedupe 4,000 CRM contacts", required=True)
    about = string(5, 300, "One row per person, one format per column.", required=True)
    brief = fields.Dict(required=True, metadata={"example": {"hours": 12, "weeks": 1}})
    experience = fields.Nested(Experience, allow_none=True)


class FromTemplate(Request):
    """`changes` are fields of the brief that replace the template's."""

    template_id = identifier("crm-cleaning", required=True)
    changes = fields.Nested(BriefSketch, load_default=dict)
