"""Briefs that wait for an operator's look."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.base import PageQuery, page_of
from services.gateway.schemas.brief_parts import ExceptionReason, RequestedChanges
from services.gateway.schemas.projects import Project

resource = Resource("reviews", __name__, description="Briefs that wait for a look")


@resource.operation("GET", "/reviews", query=PageQuery, answer=page_of(Project))
def list_reviews(query: dict[str, Any]) -> Any:
    return ask("projects", "list_reviews", **query)


@resource.operation("POST", "/projects/<project_id>/approve", answer=Project)
def approve_project(project_id: str) -> Any:
    return ask("projects", "approve_project", project_id=project_id)


@resource.operation(
    "POST", "/projects/<project_id>/request-changes", body=RequestedChanges, answer=Project
)
def request_project_changes(project_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "request_project_changes", project_id=project_id, **body)


@resource.operation(
    "POST", "/projects/<project_id>/pay-exception", body=ExceptionReason, answer=Project
)
def grant_pay_exception(project_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "grant_pay_exception", project_id=project_id, **body)
