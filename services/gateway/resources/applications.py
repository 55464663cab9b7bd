"""Profiles and applications."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.resources.files import require_own
from services.gateway.schemas.applications import (
    Application,
    ApplicationIn,
    OptionalReason,
    Profile,
    ProfileIn,
    Reason,
)
from services.gateway.schemas.base import PageQuery, page_of

resource = Resource("applications", __name__, description="Profiles and applications")


@resource.operation("PUT", "/profile", body=ProfileIn, answer=Profile)
def put_profile(body: dict[str, Any]) -> Any:
    require_own([item["file_id"] for item in body["portfolio"] if item.get("file_id")])
    return ask("applications", "put_profile", profile=body)


@resource.operation("GET", "/profile", answer=Profile)
def get_profile() -> Any:
    return ask("applications", "get_profile")


@resource.operation(
    "POST",
    "/projects/<project_id>/applications",
    body=ApplicationIn,
    answer=Application,
    status=201,
    location="/v1/applications/{id}",
)
def submit_application(project_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "submit_application", project_id=project_id, **body)


@resource.operation(
    "GET", "/projects/<project_id>/applications", query=PageQuery, answer=page_of(Application)
)
def list_project_applications(project_id: str, query: dict[str, Any]) -> Any:
    return ask("applications", "list_project_applications", project_id=project_id, **query)


@resource.operation("GET", "/applications", query=PageQuery, answer=page_of(Application))
def list_applications(query: dict[str, Any]) -> Any:
    return ask("applications", "list_applications", **query)


@resource.operation("GET", "/applications/<application_id>", answer=Application)
def get_application(application_id: str) -> Any:
    return ask("applications", "get_application", application_id=application_id)


@resource.operation("POST", "/applications/<application_id>/shortlist", answer=Application)
def shortlist_application(application_id: str) -> Any:
    return ask("applications", "shortlist_application", application_id=application_id)


@resource.operation(
    "POST", "/applications/<application_id>/decline", body=Reason, answer=Application
)
def decline_application(application_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "decline_application", application_id=application_id, **body)


@resource.operation("POST", "/applications/<application_id>/select", answer=Application)
def select_application(application_id: str) -> Any:
    return ask("applications", "select_application", application_id=application_id)


@resource.operation("POST", "/applications/<application_id>/accept", answer=Application)
def accept_selection(application_id: str) -> Any:
    return ask("applications", "accept_selection", application_id=application_id)


@resource.operation(
    "POST",
    "/applications/<application_id>/withdraw",
    body=OptionalReason,
    optional_body=True,
    answer=Application,
)
def withdraw_application(application_id: str, body: dict[str, Any]) -> Any:
    return ask(
        "applications",
        "withdraw_application",
        application_id=application_id,
        reason=body.get("reason"),
    )
