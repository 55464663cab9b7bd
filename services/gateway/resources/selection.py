"""Invitations, scorecards, and how reliably a company answers."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.applications import CandidateReason
from services.gateway.schemas.base import PageQuery, page_of
from services.gateway.schemas.selection import (
    Invitation,
    InvitationIn,
    ResponseRate,
    Scorecard,
    ScorecardIn,
    Scorecards,
    Suggestions,
)

resource = Resource("selection", __name__, description="Invitations, scorecards, answers in time")


@resource.operation("GET", "/projects/<project_id>/suggestions", answer=Suggestions)
def list_suggestions(project_id: str) -> Any:
    return ask("applications", "list_suggestions", project_id=project_id)


@resource.operation(
    "POST",
    "/projects/<project_id>/invitations",
    body=InvitationIn,
    answer=Invitation,
    status=201,
)
def invite_candidate(project_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "invite_candidate", project_id=project_id, **body)


@resource.operation(
    "GET", "/projects/<project_id>/invitations", query=PageQuery, answer=page_of(Invitation)
)
def list_project_invitations(project_id: str, query: dict[str, Any]) -> Any:
    return ask("applications", "list_project_invitations", project_id=project_id, **query)


@resource.operation("GET", "/invitations", query=PageQuery, answer=page_of(Invitation))
def list_invitations(query: dict[str, Any]) -> Any:
    return ask("applications", "list_invitations", **query)


@resource.operation(
    "POST", "/invitations/<invitation_id>/decline", body=CandidateReason, answer=Invitation
)
def decline_invitation(invitation_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "decline_invitation", invitation_id=invitation_id, **body)


@resource.operation(
    "PUT", "/applications/<application_id>/scorecard", body=ScorecardIn, answer=Scorecard
)
def put_scorecard(application_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "put_scorecard", application_id=application_id, **body)


@resource.operation("POST", "/applications/<application_id>/scorecard/lock", answer=Scorecard)
def lock_scorecard(application_id: str) -> Any:
    return ask("applications", "lock_scorecard", application_id=application_id)


@resource.operation("GET", "/applications/<application_id>/scorecards", answer=Scorecards)
def list_scorecards(application_id: str) -> Any:
    return ask("applications", "list_scorecards", application_id=application_id)


@resource.operation("GET", "/organisations/<org_id>/response-rate", answer=ResponseRate)
def get_response_rate(org_id: str) -> Any:
    return ask("applications", "get_response_rate", org_id=org_id)
