"""What requests about applications and invitations may say."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema
from marshmallow.validate import Length, OneOf

from services.applications import domain
from services.applications.schemas.requests import Request, free_text, text, whole

DECLINE_REASONS = (
    "not-a-fit",
    "position-filled",
    "other-candidate",
    "requirements",
    "withdrawn-project",
)
LEVELS = ("below", "meets", "exceeds")
RESUME_TYPES = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.oasis.opendocument.text",
    "text/plain",
    "text/markdown",
)


class _Answer(Request):
    question_id = text(100)
    text = free_text(5000)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> domain.Answer:
        return domain.Answer(**data)


class _Resume(Request):
    """A file that the candidate has uploaded, as the gateway describes it."""

    file_id = text(100)
    name = text(255)
    sha256 = fields.Str(required=True)
    size = whole(1, 2**53, required=True)
    media_type = fields.Str(
        required=True, validate=OneOf(RESUME_TYPES, error="Send a PDF, DOCX, ODT, TXT or MD file.")
    )

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> domain.Resume:
        del data["sha256"]
        return domain.Resume(**data)


class _Person(Request):
    """Who applies, as the gateway knows them: to be taken out of what blind reviewers read."""

    name = text(500)
    email = text(500)


class Submission(Request):
    answers = fields.List(fields.Nested(_Answer), load_default=list, validate=Length(0, 20))
    portfolio = fields.List(whole(0, 9), load_default=list, validate=Length(0, 10))
    resume = fields.Nested(_Resume, load_default=None, allow_none=True)
    link_token = free_text(100, None)
    person = fields.Nested(_Person, load_default=None, allow_none=True)


class _Remark(Request):
    criterion = fields.Str(required=True, validate=OneOf(list(domain.CRITERIA)))
    level = fields.Str(required=True, validate=OneOf(LEVELS))
    comment = free_text(300)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> domain.Remark:
        return domain.Remark(**data)


def reason_to_decline() -> fields.Str:
    return fields.Str(required=True, validate=OneOf(DECLINE_REASONS))


class Decline(Request):
    reason = reason_to_decline()
    feedback = fields.List(fields.Nested(_Remark), load_default=list, validate=Length(0, 3))


class Declines(Request):
    ids = fields.List(text(100), required=True, validate=Length(1, 50))
    reason = reason_to_decline()


class Rank(Request):
    rank = whole(1, domain.LAST_RANK, load_default=None, allow_none=True)


class Scorecard(Request):
    """Any of the criteria: what is missing may be scored later, but before the lock."""

    scores = fields.Dict(
        keys=fields.Str(validate=OneOf(list(domain.CRITERIA))),
        values=whole(domain.LOWEST, domain.HIGHEST),
        required=True,
    )
    comment = free_text(2000)


class Withdrawal(Request):
    reason = free_text(500, None)


class CandidateReason(Request):
    reason = fields.Str(required=True, validate=OneOf(domain.CANDIDATE_REASONS))


class Invitation(Request):
    """Loads as either `candidate_id` or `suggestion_id`, and the `message`."""

    candidate_id = free_text(100, None)
    suggestion_id = free_text(100, None)
    message = free_text(500)

    @validates_schema
    def name_one(self, data: dict[str, Any], **_: Any) -> None:
        if bool(data["candidate_id"]) == bool(data["suggestion_id"]):
            raise ValidationError("Name a candidate or a suggestion.", "candidate_id")

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> dict[str, str]:
        return {name: value for name, value in data.items() if value is not None}
