"""What both sides say about each other, half way and at the end, and what it adds up to."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.engagements import Engagement
from services.gateway.schemas.evaluations import (
    CompanyEvaluation,
    Evaluation,
    EvaluationReply,
    EvaluationReport,
    EvaluationView,
    Judgement,
    Midpoint,
    MidpointAnswer,
    PublicComment,
    Reputation,
    Rubrics,
)

resource = Resource("evaluations", __name__, description="Acceptance, evaluations and reputation")
PATH = "/engagements/<engagement_id>/evaluation"


@resource.operation("GET", "/rubric", answer=Rubrics)
def get_rubric() -> Any:
    return ask("projects", "get_rubric")


@resource.operation("POST", "/engagements/<engagement_id>/accept", answer=Engagement)
def accept_deliverable(engagement_id: str) -> Any:
    return ask("projects", "accept_deliverable", engagement_id=engagement_id)


@resource.operation("POST", PATH, body=Evaluation, answer=EvaluationView)
def evaluate_engagement(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "evaluate_engagement", engagement_id=engagement_id, **body)


@resource.operation(
    "POST",
    "/engagements/<engagement_id>/company-evaluation",
    body=CompanyEvaluation,
    answer=EvaluationView,
)
def rate_company(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "rate_company", engagement_id=engagement_id, **body)


@resource.operation("GET", PATH, answer=EvaluationView)
def get_evaluation(engagement_id: str) -> Any:
    return ask("projects", "get_evaluation", engagement_id=engagement_id)


@resource.operation("POST", f"{PATH}/reply", body=EvaluationReply, answer=EvaluationView)
def reply_to_evaluation(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "reply_to_evaluation", engagement_id=engagement_id, **body)


@resource.operation(
    "PUT",
    "/engagements/<engagement_id>/company-evaluation/comment",
    body=PublicComment,
    answer=EvaluationView,
)
def publish_comment(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "publish_comment", engagement_id=engagement_id, **body)


@resource.operation("POST", f"{PATH}/report", body=EvaluationReport, answer=EvaluationView)
def report_evaluation(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "report_evaluation", engagement_id=engagement_id, **body)


@resource.operation("POST", f"{PATH}/judge", body=Judgement, answer=EvaluationView)
def judge_evaluation(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "judge_evaluation", engagement_id=engagement_id, **body)


@resource.operation("GET", "/engagements/<engagement_id>/midpoint", answer=Midpoint)
def get_midpoint(engagement_id: str) -> Any:
    return ask("projects", "get_midpoint", engagement_id=engagement_id)


@resource.operation(
    "POST", "/engagements/<engagement_id>/midpoint", body=MidpointAnswer, answer=Midpoint
)
def answer_midpoint(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "answer_midpoint", engagement_id=engagement_id, **body)


@resource.operation("GET", "/candidates/<candidate_id>/reputation", answer=Reputation)
def get_candidate_reputation(candidate_id: str) -> Any:
    return ask("projects", "get_candidate_reputation", candidate_id=candidate_id)


@resource.operation("GET", "/organisations/<org_id>/reputation", answer=Reputation)
def get_org_reputation(org_id: str) -> Any:
    return ask("projects", "get_org_reputation", org_id=org_id)
