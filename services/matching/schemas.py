"""What matching reads: the events that it hears, and the input of its operations."""

from collections.abc import Mapping
from typing import Any, cast

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from shared.errors import Invalid


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


class EvaluationCompleted(EngagementEvent):
    weighted_score = fields.Int(required=True, strict=True)


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
        raise Invalid("input-invalid", "Some of the input is not valid.", flat(exc)) from exc


def flat(exc: ValidationError) -> dict[str, str]:
    """`{"skills.0.level": "Not a valid integer."}`"""
    return dict(_walk(cast(Mapping[Any, Any], exc.messages), ""))


def _walk(messages: Mapping[Any, Any], path: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in messages.items():
        here = f"{path}.{name}" if path else str(name)
        if isinstance(value, Mapping):
            found += _walk(value, here)
        else:
            found.append((here, " ".join(map(str, value))))
    return found
