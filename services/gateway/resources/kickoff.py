"""The kick-off of an engagement: read, accept, change, declare, sign."""

from typing import Any

from flask import request
from werkzeug import Response

from services.gateway.calls import ask
from services.gateway.operations import JSON, Resource
from services.gateway.schemas.engagements import Engagement
from services.gateway.schemas.kickoff import (
    Agreement,
    AgreementConsent,
    ConflictAcknowledgement,
    ConflictDisclosure,
    Kickoff,
    KickoffProposal,
    KickoffSigning,
)

resource = Resource("kickoff", __name__, description="Agreements and kick-off")
MARKDOWN = "text/markdown"
PATH = "/engagements/<engagement_id>/kickoff"
AGREEMENT = "/engagements/<engagement_id>/agreements/<kind>"


@resource.operation("GET", PATH, answer=Kickoff)
def get_kickoff(engagement_id: str) -> Any:
    return ask("projects", "get_kickoff", engagement_id=engagement_id)


@resource.operation("POST", PATH, body=KickoffSigning, answer=Engagement)
def sign_kickoff(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "sign_kickoff", engagement_id=engagement_id, **body)


@resource.operation("POST", f"{PATH}/proposals", body=KickoffProposal, answer=Kickoff)
def propose_kickoff(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "propose_kickoff", engagement_id=engagement_id, **body)


@resource.operation("POST", f"{PATH}/declarations", body=ConflictDisclosure, answer=Kickoff)
def declare_conflict(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "declare_conflict", engagement_id=engagement_id, **body)


@resource.operation(
    "POST", f"{PATH}/acknowledgements", body=ConflictAcknowledgement, answer=Kickoff
)
def acknowledge_conflict(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "acknowledge_conflict", engagement_id=engagement_id, **body)


@resource.operation("GET", AGREEMENT, answer=Agreement, sends=MARKDOWN)
def get_agreement(engagement_id: str, kind: str) -> Any:
    found = ask("projects", "get_agreement", engagement_id=engagement_id, kind=kind)
    wanted = request.accept_mimetypes.best_match([JSON, MARKDOWN], default=JSON)
    return _to_the_letter(found) if wanted == MARKDOWN else found


def _to_the_letter(found: dict[str, Any]) -> Response:
    """The text alone, whose bytes have the hash that both sides accept."""
    answer = Response(found["text"], content_type=f"{MARKDOWN}; charset=utf-8")
    answer.set_etag(found["agreement"]["sha256"])
    answer.headers["Vary"] = "Accept"
    return answer


@resource.operation("POST", f"{AGREEMENT}/accept", body=AgreementConsent, answer=Kickoff)
def accept_agreement(engagement_id: str, kind: str, body: dict[str, Any]) -> Any:
    return ask("projects", "accept_agreement", engagement_id=engagement_id, kind=kind, **body)
