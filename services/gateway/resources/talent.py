"""People whom a company knows: taken on again, kept in its talent pool."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.applications import CandidateReason
from services.gateway.schemas.base import PageQuery, page_of
from services.gateway.schemas.talent import (
    AskTalent,
    Reengaged,
    Reengagement,
    Talent,
    TalentLists,
    TalentQuery,
)

resource = Resource("talent", __name__, description="People whom a company knows")


@resource.operation(
    "POST",
    "/projects/<project_id>/reengagements",
    body=Reengaged,
    answer=Reengagement,
    status=201,
    location="/v1/reengagements/{id}",
)
def reengage_candidate(project_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "reengage_candidate", project_id=project_id, **body)


@resource.operation("GET", "/reengagements", query=PageQuery, answer=page_of(Reengagement))
def list_reengagements(query: dict[str, Any]) -> Any:
    return ask("applications", "list_reengagements", **query)


@resource.operation("GET", "/reengagements/<reengagement_id>", answer=Reengagement)
def get_reengagement(reengagement_id: str) -> Any:
    return ask("applications", "get_reengagement", reengagement_id=reengagement_id)


@resource.operation("POST", "/reengagements/<reengagement_id>/accept", answer=Reengagement)
def accept_reengagement(reengagement_id: str) -> Any:
    return ask("applications", "accept_reengagement", reengagement_id=reengagement_id)


@resource.operation(
    "POST",
    "/reengagements/<reengagement_id>/decline",
    body=CandidateReason,
    answer=Reengagement,
)
def decline_reengagement(reengagement_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "decline_reengagement", reengagement_id=reengagement_id, **body)


@resource.operation(
    "POST",
    "/applications/<application_id>/talent",
    body=AskTalent,
    optional_body=True,
    answer=Talent,
    status=201,
    location="/v1/talent/{id}",
)
def ask_talent(application_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "ask_talent", application_id=application_id, **body)


@resource.operation("GET", "/talent", query=TalentQuery, answer=page_of(Talent))
def list_talent(query: dict[str, Any]) -> Any:
    return ask("applications", "list_talent", **query)


@resource.operation("GET", "/talent/<talent_id>", answer=Talent)
def get_talent(talent_id: str) -> Any:
    return ask("applications", "get_talent", talent_id=talent_id)


@resource.operation("POST", "/talent/<talent_id>/grant", answer=Talent)
def grant_talent(talent_id: str) -> Any:
    return ask("applications", "grant_talent", talent_id=talent_id)


@resource.operation("POST", "/talent/<talent_id>/refuse", answer=Talent)
def refuse_talent(talent_id: str) -> Any:
    return ask("applications", "refuse_talent", talent_id=talent_id)


@resource.operation("POST", "/talent/<talent_id>/revoke", answer=Talent)
def revoke_talent(talent_id: str) -> Any:
    return ask("applications", "revoke_talent", talent_id=talent_id)


@resource.operation("PUT", "/talent/<talent_id>/lists", body=TalentLists, answer=Talent)
def put_talent_lists(talent_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "put_talent_lists", talent_id=talent_id, **body)


@resource.operation("POST", "/talent/<talent_id>/drop", answer=Talent)
def drop_talent(talent_id: str) -> Any:
    return ask("applications", "drop_talent", talent_id=talent_id)
