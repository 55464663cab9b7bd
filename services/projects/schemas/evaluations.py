"""What people send when they rate each other, reply, report and check in half way."""

from typing import Any

from marshmallow import fields, post_load, validate

from services.projects.domain.rating import ANSWERS, RATER_ROLES, Evidence, Opinion
from services.projects.domain.rubric import COMPANY_WEIGHTS, HIGHEST, LOWEST, WEIGHTS
from services.projects.domain.work import Party
from services.projects.schemas.inputs import (
    IDENTIFIER,
    YES_OR_NO,
    Request,
    choice,
    part,
    several,
    text,
    truth,
    whole,
)

SCORE = "Score from 1 to 5, by the anchors of the rubric."
ALL = "Score all four dimensions of the rubric, 1 to 5."
COMMENT = "Comment in at most 4,000 characters."
REASONS = ("untrue", "abusive", "personal-data", "not-about-the-work", "not-my-fault", "other")


def _score() -> fields.Field[Any]:
    return whole(LOWEST, HIGHEST, SCORE, required=True)


ScoresSchema: type[Request] = type("ScoresSchema", (Request,), {n: _score() for n in WEIGHTS})
CompanyScoresSchema: type[Request] = type(
    "CompanyScoresSchema", (Request,), {n: _score() for n in COMPANY_WEIGHTS}
)


class EvidenceSchema(Request):
    """What in the work a score rests on."""

    dimension = text(1, 100, "Name the dimension or criterion.", required=True)
    version = whole(1, 1000, "Give the version of the work as a whole number.", required=True)
    file_id = text(1, 100, IDENTIFIER, load_default=None, allow_none=True)
    note = text(0, 500, "Say where in at most 500 characters.", load_default="")

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Evidence:
        return Evidence(**values)


class _Opinion(Request):
    would_engage_again = truth(YES_OR_NO, required=True)
    comment = text(0, 4000, COMMENT, load_default="")
    private_comment = text(0, 4000, COMMENT, load_default="")
    why = text(0, 500, "Say why in at most 500 characters.", load_default="")


def _opinion(values: dict[str, Any], side: Party) -> Opinion:
    answers = {name: values.pop(name) for name in ANSWERS[side]}
    return Opinion(answers=answers, **values)


class CompanyOpinionSchema(_Opinion):
    """Scores by the rubric and the company's own criteria, and the two closing questions.

    Loads as `opinion`, and `last`: whether no colleague is to rate as well.
    """

    scores = part(ScoresSchema, ALL, required=True)
    would_hire = truth(YES_OR_NO, required=True)
    role = choice(
        RATER_ROLES, f"Choose one of {', '.join(RATER_ROLES)}.", load_default="supervisor"
    )
    custom = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 100)),
        values=whole(LOWEST, HIGHEST, SCORE),
        load_default=dict,
    )
    evidence = several(
        part(EvidenceSchema, "Send objects."), 0, 20, "Name at most 20.", load_default=list
    )
    last = truth(YES_OR_NO, load_default=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        last = values.pop("last")
        return {"last": last, "opinion": _opinion(values, Party.COMPANY)}


class CandidateOpinionSchema(_Opinion):
    """Scores of the company, and the two closing questions."""

    scores = part(CompanyScoresSchema, ALL, required=True)
    would_recommend = truth(YES_OR_NO, required=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Opinion:
        return _opinion(values, Party.CANDIDATE)


class ReplySchema(Request):
    """The one reply of a side."""

    text = text(2, 2000, "Reply in 2 to 2,000 characters.", required=True)


class PublicSchema(Request):
    public = truth(YES_OR_NO, required=True)


class OpenFlagsSchema(Request):
    state = fields.Str(required=True, validate=validate.OneOf(["open"]))


class ReportSchema(Request):
    """Why operators should look."""

    reason = choice(REASONS, f"Choose one of {', '.join(REASONS)}.", required=True)
    text = text(0, 2000, "Explain in at most 2,000 characters.", load_default="")


class JudgementSchema(Request):
    """An operator's decision on a side's report."""

    side = choice(
        [Party.COMPANY.value, Party.CANDIDATE.value], "Say company or candidate.", required=True
    )
    outcome = choice(["upheld", "removed"], "Say upheld or removed.", required=True)
    note = text(0, 2000, "Explain in at most 2,000 characters.", load_default="")

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**values, "side": Party(values["side"])}


class MidpointAnswerSchema(Request):
    """One side's view half way."""

    on_track = truth(YES_OR_NO, required=True)
    going_well = text(0, 2000, "Say it in at most 2,000 characters.", load_default="")
    to_change = text(0, 2000, "Say it in at most 2,000 characters.", load_default="")
