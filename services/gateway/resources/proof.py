"""Credentials in the open: sharing, badges, verification, references, portfolios."""

from pathlib import Path
from typing import Any

from flask import render_template_string, request
from werkzeug import Response

from services.gateway.calls import ask, current
from services.gateway.files import extension_of
from services.gateway.headers import RANGE
from services.gateway.operations import JSON, Resource
from services.gateway.ports import ports
from services.gateway.resources.accounts import person
from services.gateway.resources.files import ITS_OWN, served
from services.gateway.schemas.hire_offers import Credential
from services.gateway.schemas.proof import (
    Badge,
    Consent,
    CredentialCheck,
    Issuer,
    Keys,
    NewReference,
    OwnPortfolio,
    Portfolio,
    PortfolioWish,
    ReferenceRequest,
    Revocation,
    Sharing,
)
from shared.errors import NotFound

resource = Resource("proof", __name__, description="Credentials in the open, and portfolios")
ONE = "/credentials/<credential_id>"
HTML, SIGNED = "text/html", "application/vc+jwt"
PAGE = (Path(__file__).parents[1] / "static" / "credential.html").read_text()
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@resource.operation("PUT", f"{ONE}/sharing", body=Sharing, answer=Credential)
def share_credential(credential_id: str, body: dict[str, Any]) -> Any:
    """The name goes along only where it is to be shown."""
    name = person()["name"] if body["name"] else None
    sent = {"credential_id": credential_id, "person": name, **body}
    return ask("applications", "share_credential", **sent)


@resource.operation("PUT", f"{ONE}/consent", body=Consent, answer=Credential)
def allow_sharing(credential_id: str, body: dict[str, Any]) -> Any:
    found = ports().accounts.organisations.find(str(current().principal.org_id))
    name = found.name if found and body["organisation"] else None
    sent = {"credential_id": credential_id, "organisation_name": name, **body}
    return ask("applications", "allow_sharing", **sent)


@resource.operation("POST", f"{ONE}/reference-request", body=ReferenceRequest, answer=Credential)
def request_reference(credential_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "request_reference", credential_id=credential_id, **body)


@resource.operation("POST", f"{ONE}/references", body=NewReference, answer=Credential)
def give_reference(credential_id: str, body: dict[str, Any]) -> Any:
    sent = {"credential_id": credential_id, "person": person()["name"], **body}
    return ask("applications", "give_reference", **sent)


@resource.operation("POST", f"{ONE}/revoke", body=Revocation, answer=Credential)
def revoke_credential(credential_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "revoke_credential", credential_id=credential_id, **body)


@resource.operation("GET", f"{ONE}/badge", answer=Badge)
def get_badge(credential_id: str) -> Any:
    return ask("applications", "get_badge", credential_id=credential_id)


@resource.operation("GET", "/verify/<credential_id>", answer=CredentialCheck, sends=HTML)
def verify_credential(credential_id: str) -> Any:
    found = ask("applications", "verify_credential", credential_id=credential_id)
    wanted = request.accept_mimetypes.best_match([JSON, HTML], default=JSON)
    return _page(found) if wanted == HTML else found


@resource.operation("GET", "/verify/<credential_id>/files/<sha256>", sends=ITS_OWN, takes=(RANGE,))
def get_shown_file(credential_id: str, sha256: str) -> Response:
    """Under a name of ours: what the candidate called it was not agreed to."""
    found = ask("applications", "get_shown_file", credential_id=credential_id, sha256=sha256)
    whose = (found["candidate_id"], found["engagement_id"], found["sha256"])
    record = ports().file_records.handed_in(*whose)
    if record is None:
        raise NotFound("file-not-found", "There is no such public file.")
    return served({**record, "name": f"work-{sha256[:12]}{extension_of(record['name'])}"})


def _page(found: dict[str, Any]) -> Response:
    """For people: no scripts, nothing from elsewhere, everything escaped."""
    answer = Response(render_template_string(PAGE, **found), content_type=f"{HTML}; charset=utf-8")
    answer.headers["Content-Security-Policy"] = PAGE_POLICY
    answer.headers["Vary"] = "Accept"
    return answer


@resource.operation("GET", "/issuer", answer=Issuer)
def get_issuer() -> Any:
    return ask("applications", "get_issuer")


@resource.operation("GET", "/issuer/keys", answer=Keys)
def get_issuer_keys() -> Any:
    return ask("applications", "get_issuer_keys")


@resource.operation("POST", "/issuer/keys", answer=Keys)
def rotate_issuer_keys() -> Any:
    return ask("applications", "rotate_issuer_keys")


@resource.operation("GET", "/issuer/status/<list_id>", sends=SIGNED)
def get_status_list(list_id: str) -> Response:
    """As the specification has it: the signed credential itself."""
    found = ask("applications", "get_status_list", list_id=list_id)
    return Response(found["credential"], content_type=SIGNED)


@resource.operation("GET", "/portfolio", answer=OwnPortfolio)
def get_own_portfolio() -> Any:
    return ask("applications", "get_own_portfolio")


@resource.operation("PUT", "/portfolio", body=PortfolioWish, answer=OwnPortfolio)
def put_portfolio(body: dict[str, Any]) -> Any:
    name = person()["name"] if body["name"] else None
    return ask("applications", "put_portfolio", person=name, **body)


@resource.operation("GET", "/portfolios/<portfolio_id>", answer=Portfolio)
def get_portfolio(portfolio_id: str) -> Any:
    return ask("applications", "get_portfolio", portfolio_id=portfolio_id)
