"""What this service reads of each event that it hears; it ignores what others add."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load

from services.applications.domain import (
    DECISION_DAYS,
    Eligibility,
    HirePolicy,
    HireTerms,
    ProjectTerms,
    Question,
    RequiredSkill,
    Suggestion,
    Visibility,
)
from services.applications.domain.credential import Proof
from shared.money import Money


class Heard(Schema):
    class Meta:
        unknown = EXCLUDE


class AccountErased(Heard):
    account_id = fields.Str(required=True)


class _Question(Heard):
    question_id = fields.Str(required=True)
    text = fields.Str(required=True)
    required = fields.Bool(required=True)


class _RequiredSkill(Heard):
    skill_id = fields.Str(required=True)
    label = fields.Str(required=True)


class _HirePolicy(Heard):
    policy = fields.Str(required=True)
    minimum_score = fields.Int(required=True)
    kind = fields.Str(required=True)
    title = fields.Str(required=True)
    pay_amount = fields.Int(required=True)
    pay_currency = fields.Str(required=True)
    pay_period = fields.Str(required=True)
    valid_days = fields.Int(required=True)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> HirePolicy:
        policy, minimum_score = data.pop("policy"), data.pop("minimum_score")
        return HirePolicy(policy, minimum_score, HireTerms(**data))


class _Eligibility(Heard):
    minimum_age = fields.Int(load_default=None, allow_none=True)
    countries = fields.List(fields.Str(), load_default=list, allow_none=True)
    work_authorisation = fields.List(fields.Str(), load_default=list, allow_none=True)
    weekly_hours_cap = fields.Int(load_default=None, allow_none=True)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Eligibility:
        given = {name: value for name, value in data.items() if value is not None}
        return Eligibility(**given)


class ProjectPublished(Heard):
    """Loads as `project_id`, `org_id` and the `terms` that the card keeps."""

    project_id = fields.Str(required=True)
    org_id = fields.Str(required=True)
    title = fields.Str(required=True)
    fee_amount = fields.Int(required=True)
    fee_currency = fields.Str(required=True)
    positions = fields.Int(required=True)
    questions = fields.List(fields.Nested(_Question), required=True)
    skills = fields.List(fields.Nested(_RequiredSkill), required=True)
    blind_review = fields.Bool(required=True)
    selection_hours = fields.Int(required=True)
    apply_by = fields.AwareDateTime(load_default=None, allow_none=True)
    hire_offer = fields.Nested(_HirePolicy, load_default=None, allow_none=True)
    hours = fields.Int(required=True)
    weeks = fields.Int(required=True)
    visibility = fields.Enum(Visibility, by_value=True, load_default=None, allow_none=True)
    link_token_hash = fields.Str(load_default=None, allow_none=True)
    brief_version = fields.Int(load_default=None, allow_none=True)
    eligibility = fields.Nested(_Eligibility, load_default=None, allow_none=True)
    decision_days = fields.Int(load_default=None, allow_none=True)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["visibility"] = data["visibility"] or Visibility.PUBLIC
        data["brief_version"] = data["brief_version"] or 1
        data["eligibility"] = data["eligibility"] or Eligibility()
        data["decision_days"] = data["decision_days"] or DECISION_DAYS
        fee = Money(data.pop("fee_amount"), data.pop("fee_currency"))
        questions = [Question(**question) for question in data.pop("questions")]
        skills = [RequiredSkill(**skill) for skill in data.pop("skills")]
        ids = {"project_id": data.pop("project_id"), "org_id": data.pop("org_id")}
        return {**ids, "terms": ProjectTerms(fee=fee, questions=questions, skills=skills, **data)}


class ProjectClosed(Heard):
    project_id = fields.Str(required=True)
    reason = fields.Str(required=True)


class ApplicationSelected(Heard):
    application_id = fields.Str(required=True)
    project_id = fields.Str(required=True)
    expires_at = fields.AwareDateTime(required=True)


class ApplicationSubmitted(Heard):
    project_id = fields.Str(required=True)
    candidate_id = fields.Str(required=True)


class SlotNews(Heard):
    """Which slot of which card an application's own event is about."""

    application_id = fields.Str(required=True)
    project_id = fields.Str(required=True)


class ApplicationAccepted(SlotNews):
    pass


class ApplicationDeclined(SlotNews):
    pass


class ApplicationWithdrawn(SlotNews):
    pass


class MatchScored(Heard):
    application_id = fields.Str(required=True)
    score = fields.Int(required=True)
    points = fields.List(fields.Dict(keys=fields.Str()), required=True)


class _Suggestion(Heard):
    candidate_id = fields.Str(required=True)
    score = fields.Int(required=True)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Suggestion:
        return Suggestion(**data)


class MatchSuggested(Heard):
    project_id = fields.Str(required=True)
    suggestions = fields.List(fields.Nested(_Suggestion), required=True, data_key="candidates")


class PaymentFailed(Heard):
    application_id = fields.Str(required=True)
    problem = fields.Str(required=True, data_key="code")


class PaymentFunded(Heard):
    application_id = fields.Str(required=True)


class EngagementStarted(Heard):
    engagement_id = fields.Str(required=True)


class EngagementCancelled(SlotNews):
    pass


class EvaluationCompleted(Heard):
    engagement_id = fields.Str(required=True)
    project_id = fields.Str(required=True)
    org_id = fields.Str(required=True)
    candidate_id = fields.Str(required=True)
    weighted_score = fields.Int(required=True)
    would_hire = fields.Bool(required=True)


class _File(Heard):
    name = fields.Str(required=True)
    sha256 = fields.Str(required=True)
    media_type = fields.Str(required=True)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Proof:
        return Proof(**data)


class EngagementCompleted(Heard):
    engagement_id = fields.Str(required=True)
    project_id = fields.Str(required=True)
    org_id = fields.Str(required=True)
    candidate_id = fields.Str(required=True)
    skills = fields.List(fields.Str(), required=True)
    hours = fields.Int(required=True)
    automatic = fields.Bool(required=True)
    completed_at = fields.AwareDateTime(required=True)
    files = fields.List(fields.Nested(_File), load_default=list)


class CredentialRevoked(Heard):
    status_index = fields.Int(required=True, allow_none=True)


class OfEngagement(Heard):
    """Whose engagement an event is about."""

    engagement_id = fields.Str(required=True)
    project_id = fields.Str(required=True)
    org_id = fields.Str(required=True)


class DeliverableSubmitted(OfEngagement):
    pass


class RevisionRequested(OfEngagement):
    round = fields.Int(required=True)


class DeliverableAccepted(OfEngagement):
    accepted_at = fields.AwareDateTime(required=True)


class PayoutReleased(OfEngagement):
    amount = fields.Int(required=True)
    fee_amount = fields.Int(required=True)
    currency = fields.Str(required=True)


class EvaluationJudged(Heard):
    engagement_id = fields.Str(required=True)
    by = fields.Str(required=True)
    outcome = fields.Str(required=True)


class EvaluationReleased(Heard):
    engagement_id = fields.Str(required=True)
    weighted_score = fields.Int(required=True, allow_none=True)
    scores = fields.Dict(keys=fields.Str(), values=fields.Int(), required=True, allow_none=True)


class PartReleased(PayoutReleased):
    pass


class TimeNoted(Heard):
    engagement_id = fields.Str(required=True)
    minutes = fields.Int(required=True)
    fee_amount = fields.Int(required=True)
    fee_currency = fields.Str(required=True)
    at = fields.AwareDateTime(required=True, data_key="noted_at")
