"""People whom a company knows: taken on again, kept in its talent pool."""

from marshmallow import fields

from services.gateway.schemas.applications import CANDIDATE_REASONS
from services.gateway.schemas.base import (
    PageQuery,
    Request,
    View,
    choice,
    flag,
    identifier,
    listed,
    moment,
    number,
    string,
    texts,
)


class Reengaged(Request):
    """Whose finished engagement: the company's own."""

    engagement_id = identifier("eng-0198", required=True)


class Reengagement(View):
    """The yes names the engagement, which goes on like any other: payment, then kick-off."""

    id = identifier("rng-0199", required=True)
    version = number(1, 10**9, 1)
    project_id = identifier("prj-0199", required=True)
    project_title = string(0, 120, "Clean and dedupe 4,000 CRM contacts")
    org_id = identifier("org-0199")
    candidate_id = identifier("acc-0199")
    former_engagement_id = identifier("eng-0198")
    status = choice(["offered", "accepted", "declined", "expired"], required=True)
    expires_at = moment(required=True)
    decline_reason = choice(CANDIDATE_REASONS, allow_none=True)
    application_id = identifier("app-0199", allow_none=True)
    engagement_id = identifier("eng-0199", allow_none=True)


def list_name() -> fields.String:
    return string(1, 60, "analysts")


class TalentLists(Request):
    """The company's own names for its lists."""

    lists = texts(list_name(), 0, 10, required=True)


class AskTalent(Request):
    lists = texts(list_name(), 0, 10)


class TalentQuery(PageQuery):
    list = fields.String(
        load_default=None, metadata={"description": "One list of it.", "example": "analysts"}
    )


class TalentSkill(View):
    skill_id = string(1, 100, "143769cf-b61d-43bf-9d20-1b0ae5e7b8ab")
    label = string(1, 200, "manage data")
    level = number(1, 5, 4)


class TalentWork(View):
    title = string(1, 200, "Survey of 300 students")
    description = string(0, 2000, "Cleaned and weighted.")
    url = string(0, 2000, "https://example.org/survey", allow_none=True)
    file_id = identifier("fil-0199", allow_none=True)


class TalentProfile(View):
    headline = string(0, 200, "Statistics student")
    about = string(0, 2000, "I like tidy tables.")
    skills = listed(TalentSkill)
    weekly_hours = number(0, 60, 15)
    open_to_work = flag(True)
    portfolio = listed(TalentWork)


class Talent(View):
    """`candidate_id` and `profile` are there while the candidate consents, and at no other time."""

    id = identifier("tal-0199", required=True)
    version = number(1, 10**9, 1)
    application_id = identifier("app-0199", required=True)
    project_id = identifier("prj-0199")
    project_title = string(0, 120, "Clean and dedupe 4,000 CRM contacts")
    org_id = identifier("org-0199")
    status = choice(["asked", "granted", "refused", "expired", "revoked", "dropped"], required=True)
    lists = texts(list_name(), 0, 10)
    asked_at = moment(required=True)
    expires_at = moment(required=True)
    candidate_id = identifier("acc-0199", required=True, allow_none=True)
    profile = fields.Nested(TalentProfile, required=True, allow_none=True)
