"""What is asked of assessments, and heard of the work that they lead to."""

from typing import Any

from marshmallow import fields, post_load
from marshmallow.validate import Length

from services.applications.schemas.events import Heard
from services.applications.schemas.requests import Request, text
from services.applications.usecases.assessments import Wish


class AssessmentWish(Request):
    project_id = text(100)
    email = fields.Email(required=True, validate=Length(max=254))
    url = fields.Str(load_default=None, allow_none=True, validate=Length(1, 2000))
    key = fields.Str(load_default=None, allow_none=True, validate=Length(1, 200))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Wish:
        return Wish(**data)


class AssessmentUse(Request):
    usable = fields.Bool(required=True)


class Address(Request):
    """None where the gateway cannot vouch for one."""

    email = fields.Email(required=True, allow_none=True, validate=Length(max=254))


class Rated(Heard):
    """Of `evaluation.completed`, or of the release, which says when it was and not who hires.

    Loads as whose work it is and the result.
    """

    candidate_id = fields.Str(required=True)
    project_id = fields.Str(required=True)
    weighted_score = fields.Int(required=True, allow_none=True)
    scores = fields.Dict(keys=fields.Str(), values=fields.Int(), required=True, allow_none=True)
    would_hire = fields.Bool(load_default=None)
    released_at = fields.AwareDateTime(load_default=None)
