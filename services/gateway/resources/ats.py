"""Assessments that a company's applicant tracking system sends: docs/ats.md."""

from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson
import structlog
from flask import g, render_template_string, request
from werkzeug import Response

from services.gateway import basic
from services.gateway.api_keys import PREFIX
from services.gateway.calls import RPC, ask, current
from services.gateway.operations import JSON, Resource
from services.gateway.ports import ports
from services.gateway.schemas import ats as schemas
from services.gateway.schemas.base import page_of
from shared.envelope import Call
from shared.principal import SYSTEM

resource = Resource("ats", __name__, description="Assessments sent by recruiting systems")
log = structlog.get_logger(__name__)
GREENHOUSE = "/ats/greenhouse"
HTML = "text/html"
PAGE = (Path(__file__).parents[1] / "static" / "assessment.html").read_text()
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@resource.operation(
    "PUT",
    "/projects/<project_id>/assessment",
    body=schemas.AssessmentUse,
    answer=schemas.MarkedProject,
)
def mark_assessment(project_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "mark_assessment", project_id=project_id, **body)


@resource.operation("GET", f"{GREENHOUSE}/list_tests", answer=schemas.AssessmentOffer)
def list_assessments() -> Response:
    found = ask("applications", "list_assessments")
    return Response(orjson.dumps(found), content_type=JSON)


@resource.operation(
    "POST", f"{GREENHOUSE}/send_test", body=schemas.AssessmentToSend, answer=schemas.SentAssessment
)
def send_assessment(body: dict[str, Any]) -> Any:
    """Answered once the mail is recorded, too: who gets no answer sends it again."""
    person = body["candidate"]
    sent = ask(
        "applications",
        "send_assessment",
        project_id=body["partner_test_id"],
        email=person["email"],
        url=body.get("url") or person.get("url"),
        key=_presented_key(),
    )
    if sent.get("expires_at") is not None:
        _mail(sent, person)
    return {"partner_interview_id": sent.get("partner_interview_id")}


@resource.operation(
    "GET",
    f"{GREENHOUSE}/test_status",
    query=schemas.StatusQuery,
    answer=schemas.AssessmentStatus,
)
def get_assessment_status(query: dict[str, Any]) -> Any:
    id_ = query["partner_interview_id"]
    return ask("applications", "get_assessment_status", assessment_id=id_)


@resource.operation(
    "POST",
    f"{GREENHOUSE}/response_error",
    body=schemas.ErrorReport,
    answer=schemas.ErrorReceipt,
)
def report_assessment_error(body: dict[str, Any]) -> Any:
    """For our log; whose address it was about is not in it."""
    about = {name: body.get(name) for name in ("api_call", "errors", "partner_interview_id")}
    log.warning("ats-error", org_id=current().principal.org_id, **about)
    return {"status": 200}


@resource.operation(
    "GET", "/ats/results/<assessment_id>", answer=schemas.AssessmentResult, sends=HTML
)
def get_assessment_result(assessment_id: str) -> Any:
    found = ask("applications", "get_assessment_result", assessment_id=assessment_id)
    wanted = request.accept_mimetypes.best_match([JSON, HTML], default=JSON)
    return _page(found) if wanted == HTML else found


@resource.operation("POST", "/assessments/claim", answer=page_of(schemas.ClaimedAssessment))
def claim_assessments() -> Any:
    """What was sent to one's own address, once it is known to be one's own."""
    account = ports().accounts.accounts.load(current().principal.id)
    email = account.email if account.email_verified_at else None
    return ask("applications", "claim_assessments", email=email)


def _presented_key() -> str | None:
    """The API key that the ATS has signed in with, and expects to see in our callback."""
    header = basic.as_bearer(request.headers.get("Authorization"), request.path)
    secret = (header or "").partition(" ")[2].strip()
    return secret if secret.startswith(PREFIX) else None


def _mail(sent: dict[str, Any], person: dict[str, Any]) -> None:
    """Have the letter of this sending sent: once, whoever asks again."""
    letter_id = sent["letter_id"]
    call = Call(
        id=str(uuid5(NAMESPACE_URL, f"letter:{letter_id}")),
        principal=SYSTEM,
        correlation_id=g.request_id,
    )
    name = f"{person['first_name']} {person['last_name']}".strip()
    request.environ[RPC].call(
        "notifications",
        "send_letter",
        call,
        letter_id=letter_id,
        kind="assessment",
        to=person["email"],
        name=name[:200] or person["email"][:200],
        facts={"project": sent["project_title"]},
        expires_at=sent["expires_at"],
    )


def _page(found: dict[str, Any]) -> Response:
    """For people: no scripts, nothing from elsewhere, everything escaped."""
    answer = Response(render_template_string(PAGE, **found), content_type=f"{HTML}; charset=utf-8")
    answer.headers["Content-Security-Policy"] = PAGE_POLICY
    answer.headers["Vary"] = "Accept"
    return answer
