"""What people send about questions to a company."""

from services.projects.schemas.briefs import LinkSchema
from services.projects.schemas.inputs import Request, text

__all__ = ["AnswerSchema", "InquirySchema", "LinkSchema"]


class InquirySchema(LinkSchema):
    """A candidate's question."""

    text = text(10, 1000, "Ask in 10 to 1,000 characters.", required=True)


class AnswerSchema(Request):
    """The company's answer."""

    text = text(2, 2000, "Answer in 2 to 2,000 characters.", required=True)
