"""What matching reads: the events that it hears, and the input of its operations."""

from typing import Any, cast

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from shared.errors import Invalid, by_path


class Heard(Schema):
    class Meta:
        unknown = EXCLUDE


class Asked(Schema):
    class Meta:
        unknown = RAISE


class NeedSchema(Heard):
    skill_id = fields.Str(required=True)
    label = fields.Str(required=True)
    required = fields.Bool(required=True)


class LevelSchema(Heard):
    skill_id = fields.Str(required=True)
    level = fields.Int(required=True, strict=True)


class ProjectPublished(Heard):
    project_id = fields.Str(required=True)
    org_id = fields.Str(required=True)
    title = fields.Str(required=True)
    skills = fields.List(fields.Nested(NeedSchema), required=True)
    visibility = fields.Str(load_default="public", allow_none=True)


class AccountErased(Heard):
    account_id = fields.Str(required=True)


class ProjectClosed(Heard):
    project_id = fields.Str(required=True)


class CandidateUpdated(Heard):
    candidate_id = fields.Str(required=True)
    skills = fields.List(fields.Nested(LevelSchema), required=True)
    weekly_hours = fields.Int(required=True, strict=True)
    open_to_work = fields.Bool(required=True)


class ApplicationEvent(Heard):
    application_id = fields.Str(required=True)
    project_id = fields.Str(required=True)
    org_id = fields.Str(required=True)
    candidate_id = fields.Str(required=True)


class ApplicationSubmitted(ApplicationEvent):
    skills = fields.List(fields.Nested(LevelSchema), required=True)


class ApplicationWithdrawn(ApplicationEvent):
    pass


class EngagementEvent(Heard):
    engagement_id = fields.Str(required=True)
    candidate_id = fields.Str(required=True)


class EvaluationReleased(EngagementEvent):
    weighted_score = fields.Int(strict=True, allow_none=True, load_default=None)


class EvaluationJudged(EngagementEvent):
    by = fields.Str(required=True)
    outcome = fields.Str(required=True)


class EngagementCompleted(EngagementEvent):
    skills = fields.List(fields.Str(), required=True)
    weighted_score = fields.Int(strict=True, allow_none=True, load_default=None)


class EngagementCancelled(EngagementEvent):
    pass


class HireOfferAccepted(Heard):
    candidate_id = fields.Str(required=True)


class SkillSearch(Asked):
    query = fields.Str(required=True, validate=validate.Length(1, 200))
    limit = fields.Int(load_default=20, strict=True, validate=validate.Range(1, 100))


class Page(Asked):
    limit = fields.Int(load_default=20, strict=True, validate=validate.Range(1, 100))


def read(schema: Schema, **given: Any) -> dict[str, Any]:
    """The input as the schema has it; raises Invalid with a sentence per field."""
    try:
        return cast(dict[str, Any], schema.load({k: v for k, v in given.items() if v is not None}))
    except ValidationError as exc:
        faults = exc.normalized_messages()
        raise Invalid("input-invalid", "Some of the input is not valid.", by_path(faults)) from exc
