"""What people send about questions to a company."""

from marshmallow import fields

from services.projects.schemas.briefs import LinkSchema
from services.projects.schemas.inputs import Request, text

__all__ = ["AnswerSchema", "InquirySchema", "LinkSchema"]


class PersonSchema(Request):
    """Who asks, as the gateway knows them: to be taken out of what everybody reads."""

    name = fields.Str(required=True)
    email = fields.Str(required=True)


class InquirySchema(LinkSchema):
    """A candidate's question."""

    text = text(10, 1000, "Ask in 10 to 1,000 characters.", required=True)
    person = fields.Nested(PersonSchema, load_default=None, allow_none=True)


class AnswerSchema(Request):
    """The company's answer."""

    text = text(2, 2000, "Answer in 2 to 2,000 characters.", required=True)
