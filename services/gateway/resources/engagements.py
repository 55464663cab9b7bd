"""The work on a project, from its start to the evaluation."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.resources.files import hand_in
from services.gateway.schemas.base import page_of
from services.gateway.schemas.engagements import (
    Cancellation,
    Engagement,
    EngagementFilters,
    RevisionRequest,
    Submission,
)

resource = Resource(
    "engagements", __name__, description="The work, from its start to the evaluation"
)


@resource.operation("GET", "/engagements", query=EngagementFilters, answer=page_of(Engagement))
def list_engagements(query: dict[str, Any]) -> Any:
    return ask("projects", "list_engagements", **query)


@resource.operation("GET", "/engagements/<engagement_id>", answer=Engagement)
def get_engagement(engagement_id: str) -> Any:
    return ask("projects", "get_engagement", engagement_id=engagement_id)


@resource.operation(
    "POST", "/engagements/<engagement_id>/deliverables", body=Submission, answer=Engagement
)
def submit_deliverable(engagement_id: str, body: dict[str, Any]) -> Any:
    files = hand_in(body["file_ids"], engagement_id)
    return ask(
        "projects",
        "submit_deliverable",
        engagement_id=engagement_id,
        files=files,
        note=body["note"],
        ai_use=body["ai_use"],
    )


@resource.operation(
    "POST", "/engagements/<engagement_id>/revisions", body=RevisionRequest, answer=Engagement
)
def request_revision(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "request_revision", engagement_id=engagement_id, **body)


@resource.operation(
    "POST", "/engagements/<engagement_id>/cancel", body=Cancellation, answer=Engagement
)
def cancel_engagement(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "cancel_engagement", engagement_id=engagement_id, **body)
