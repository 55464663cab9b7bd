"""Invitations, scorecards, and how reliably a company answers."""

from marshmallow import fields, validate

from services.gateway.schemas.applications import CANDIDATE_REASONS, CRITERIA
from services.gateway.schemas.base import (
    Request,
    View,
    choice,
    flag,
    identifier,
    listed,
    moment,
    number,
    string,
)


class InvitationIn(Request):
    """Name one: a candidate whom you know, or a suggestion by its id."""

    suggestion_id = identifier("sug-0199")
    candidate_id = identifier("acc-0199")
    message = string(0, 500, "Your survey project is close to what we need.")


class Invitation(View):
    """A company sees no `candidate_id` of a suggestion, and no answer while its review is blind."""

    id = identifier("inv-0199", required=True)
    version = number(1, 10**9, 1)
    project_id = identifier("prj-0199", required=True)
    project_title = string(0, 120, "Clean and dedupe 4,000 CRM contacts")
    org_id = identifier("org-0199")
    candidate_id = identifier("acc-0199", allow_none=True)
    status = choice(["sent", "applied", "declined", "expired"], required=True)
    message = string(0, 500, "Your survey project is close to what we need.")
    sent_at = moment(required=True)
    expires_at = moment(required=True)
    decline_reason = choice(CANDIDATE_REASONS, allow_none=True)


class Suggestion(View):
    """Somebody who fits; the id tells nothing of who it is."""

    id = identifier("sug-0199", required=True)
    rank = number(1, 100, 1, required=True)
    score = number(0, 100, 87, required=True)
    invited = flag(False, required=True)


class Suggestions(View):
    items = listed(Suggestion, required=True)


def score_field() -> fields.Integer:
    return number(1, 5, 4)


class ScorecardIn(Request):
    """1 to 5 for each criterion; a draft may leave some out."""

    scores = fields.Dict(
        keys=fields.String(validate=validate.OneOf(CRITERIA)),
        values=score_field(),
        required=True,
        metadata={"example": dict.fromkeys(CRITERIA, 4)},
    )
    comment = string(0, 2000, "Says how duplicates are found, not how merging is checked.")


class Scorecard(View):
    id = identifier("scd-0199", required=True)
    version = number(1, 10**9, 1)
    application_id = identifier("app-0199", required=True)
    reviewer_id = identifier("acc-0199", required=True)
    scores = fields.Dict(
        keys=fields.String(), values=score_field(), metadata={"example": dict.fromkeys(CRITERIA, 4)}
    )
    comment = string(0, 2000, "Says how duplicates are found.")
    locked_at = moment(allow_none=True)


class Spread(View):
    """How far apart the locked scores are."""

    mean = fields.Float(required=True, metadata={"example": 3.5})
    lowest = number(1, 5, 2, required=True)
    highest = number(1, 5, 5, required=True)
    spread = number(0, 4, 3, required=True)


class Scorecards(View):
    """`items` and `spread` are empty until one's own scores are locked."""

    own = fields.Nested(Scorecard, allow_none=True)
    locked = number(0, 1000, 2, required=True)
    items = listed(Scorecard, required=True)
    spread = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(Spread),
        metadata={"example": {"skills": {"mean": 3.5, "lowest": 2, "highest": 5, "spread": 3}}},
    )


class ResponseRate(View):
    """Applications answered in time, in percent of those answered or overdue; null without any."""

    id = identifier("org-0199", required=True)
    answered = number(0, 10**9, 18, required=True)
    unanswered = number(0, 10**9, 2, required=True)
    rate = fields.Float(required=True, allow_none=True, metadata={"example": 90.0})
