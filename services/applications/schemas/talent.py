"""What is asked and heard of people whom a company knows."""

from marshmallow import fields
from marshmallow.validate import Length

from services.applications.schemas.events import Heard
from services.applications.schemas.requests import Page, Request, free_text, text

MOST_LISTS = 10


class Reengaged(Request):
    engagement_id = text(100)


class TalentLists(Request):
    lists = fields.List(text(60), required=True, validate=Length(0, MOST_LISTS))


class TalentPage(Page):
    list = free_text(60, None)


class ReengagementOffered(Heard):
    reengagement_id = fields.Str(required=True)
    project_id = fields.Str(required=True)
    candidate_id = fields.Str(required=True)
    former_engagement_id = fields.Str(required=True)
    expires_at = fields.AwareDateTime(required=True)


class ReengagementAccepted(Heard):
    project_id = fields.Str(required=True)
    candidate_id = fields.Str(required=True)


class _Ended(Heard):
    """Whose slot is free again."""

    project_id = fields.Str(required=True)
    application_id = fields.Str(required=True, data_key="reengagement_id")


class ReengagementDeclined(_Ended):
    pass


class ReengagementExpired(_Ended):
    pass
