"""Profiles and applications."""

from typing import Any

from services.gateway.calls import ask, current
from services.gateway.operations import Resource
from services.gateway.ports import ports
from services.gateway.resources.accounts import person
from services.gateway.resources.files import attach, reference, require_own
from services.gateway.schemas.applications import (
    Application,
    ApplicationFilters,
    ApplicationIn,
    CandidateReason,
    Decline,
    Declines,
    OptionalReason,
    Profile,
    ProfileIn,
    Rank,
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
    """The company may fetch the files once it may see them: the application's view knows."""
    file_id = body.pop("resume_file_id", None)
    resume = reference(require_own([file_id])[file_id]) if file_id else None
    sent = {"project_id": project_id, "resume": resume, "person": person(), **body}
    view = ask("applications", "submit_application", **sent)
    return _attached(view)


@resource.operation(
    "GET", "/projects/<project_id>/applications", query=PageQuery, answer=page_of(Application)
)
def list_project_applications(project_id: str, query: dict[str, Any]) -> Any:
    return ask("applications", "list_project_applications", project_id=project_id, **query)


@resource.operation("GET", "/applications", query=ApplicationFilters, answer=page_of(Application))
def list_applications(query: dict[str, Any]) -> Any:
    return ask("applications", "list_applications", **query)


@resource.operation("GET", "/applications/<application_id>", answer=Application)
def get_application(application_id: str) -> Any:
    return _named(ask("applications", "get_application", application_id=application_id))


@resource.operation("POST", "/applications/<application_id>/reveal", answer=Application)
def reveal_application(application_id: str) -> Any:
    return _named(ask("applications", "reveal_application", application_id=application_id))


def _named(view: dict[str, Any]) -> dict[str, Any]:
    """With the name, for a reader who may know whose it is and does not know it yet."""
    candidate_id = view.get("candidate_id")
    if candidate_id in (None, current().principal.id):
        return view
    account = ports().accounts.accounts.find(candidate_id)
    return view if account is None else view | {"candidate_name": account.name}


@resource.operation("POST", "/applications/<application_id>/shortlist", answer=Application)
def shortlist_application(application_id: str) -> Any:
    return ask("applications", "shortlist_application", application_id=application_id)


@resource.operation(
    "POST", "/applications/<application_id>/decline", body=Decline, answer=Application
)
def decline_application(application_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "decline_application", application_id=application_id, **body)


@resource.operation(
    "POST",
    "/projects/<project_id>/applications/decline",
    body=Declines,
    answer=page_of(Application),
)
def decline_applications(project_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "decline_applications", project_id=project_id, **body)


@resource.operation(
    "POST",
    "/applications/<application_id>/reserve",
    body=Rank,
    optional_body=True,
    answer=Application,
)
def reserve_application(application_id: str, body: dict[str, Any]) -> Any:
    rank = body.get("rank")
    return ask("applications", "reserve_application", application_id=application_id, rank=rank)


@resource.operation("POST", "/projects/<project_id>/alternates/offer", answer=Application)
def offer_to_next_alternate(project_id: str) -> Any:
    return ask("applications", "offer_to_next_alternate", project_id=project_id)


@resource.operation("POST", "/applications/<application_id>/select", answer=Application)
def select_application(application_id: str) -> Any:
    return ask("applications", "select_application", application_id=application_id)


@resource.operation("POST", "/applications/<application_id>/accept", answer=Application)
def accept_selection(application_id: str) -> Any:
    """The company may have the files now: they are noted again, should a crash have lost that."""
    return _attached(ask("applications", "accept_selection", application_id=application_id))


@resource.operation(
    "POST",
    "/applications/<application_id>/decline-selection",
    body=CandidateReason,
    answer=Application,
)
def decline_selection(application_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "decline_selection", application_id=application_id, **body)


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


def _attached(view: dict[str, Any]) -> dict[str, Any]:
    carried = (view.get("resume"), *view.get("portfolio", ()))
    attach([one["file_id"] for one in carried if one and one.get("file_id")], view["id"])
    return view
