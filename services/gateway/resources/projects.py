"""Briefs: write, publish, search."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.base import page_of
from services.gateway.schemas.brief_parts import Advice
from services.gateway.schemas.projects import (
    Brief,
    BriefChanges,
    BriefVersions,
    Link,
    Project,
    ProjectFilters,
    Repost,
    SketchToAdvise,
)

resource = Resource("projects", __name__, description="Briefs and their publication")


@resource.operation(
    "POST", "/projects", body=Brief, answer=Project, status=201, location="/v1/projects/{id}"
)
def create_project(body: dict[str, Any]) -> Any:
    return ask("projects", "create_project", brief=body)


@resource.operation("GET", "/projects", query=ProjectFilters, answer=page_of(Project))
def list_projects(query: dict[str, Any]) -> Any:
    limit, after = query.pop("limit"), query.pop("after")
    return ask("projects", "list_projects", filters=query, limit=limit, after=after)


@resource.operation("GET", "/projects/<project_id>", query=Link, answer=Project)
def get_project(project_id: str, query: dict[str, Any]) -> Any:
    return ask("projects", "get_project", project_id=project_id, **query)


@resource.operation("GET", "/projects/<project_id>/versions", query=Link, answer=BriefVersions)
def list_brief_versions(project_id: str, query: dict[str, Any]) -> Any:
    return ask("projects", "list_brief_versions", project_id=project_id, **query)


@resource.operation(
    "PATCH", "/projects/<project_id>", body=BriefChanges, answer=Project, if_match=True
)
def update_project(project_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "update_project", project_id=project_id, changes=body)


@resource.operation("POST", "/projects/<project_id>/publish", answer=Project)
def publish_project(project_id: str) -> Any:
    return ask("projects", "publish_project", project_id=project_id)


@resource.operation("POST", "/projects/<project_id>/close", answer=Project)
def close_project(project_id: str) -> Any:
    return ask("projects", "close_project", project_id=project_id)


@resource.operation("POST", "/projects/<project_id>/confirm", answer=Project)
def confirm_project(project_id: str) -> Any:
    return ask("projects", "confirm_project", project_id=project_id)


@resource.operation(
    "POST",
    "/projects/<project_id>/copy",
    answer=Project,
    status=201,
    location="/v1/projects/{id}",
)
def copy_project(project_id: str) -> Any:
    return ask("projects", "copy_project", project_id=project_id)


@resource.operation(
    "POST",
    "/projects/<project_id>/repost",
    body=Repost,
    optional_body=True,
    answer=Project,
    status=201,
    location="/v1/projects/{id}",
)
def repost_project(project_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "repost_project", project_id=project_id, changes=body)


@resource.operation("POST", "/brief-advice", body=SketchToAdvise, answer=Advice)
def advise_brief(body: dict[str, Any]) -> Any:
    template_id = body.pop("template_id", None)
    return ask("projects", "advise_brief", brief=body, template_id=template_id)
