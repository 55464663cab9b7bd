"""Single sign-on of organisations."""

from typing import Any

import orjson
from flask import g, request
from werkzeug import Response

from services.gateway.calls import RPC, current
from services.gateway.handover import Landing
from services.gateway.operations import JSON, Resource
from services.gateway.ports import ports
from services.gateway.problems import MEDIA_TYPE
from services.gateway.resources.accounts import device, session_view
from services.gateway.resources.identity import live
from services.gateway.schemas import sso as schemas
from services.gateway.schemas.accounts import Session
from services.gateway.sso import STATE_LIFE, require_allowed
from shared.errors import Conflict

resource = Resource("sso", __name__, description="Single sign-on")
COOKIE, PATH = "stint_sso", "/v1/sso"
HTML = "text/html"


@resource.operation("GET", "/organisations/<org_id>/sso", answer=schemas.Connection)
def get_sso(org_id: str) -> Any:
    return ports().sso.get(current(), org_id)


@resource.operation(
    "PUT",
    "/organisations/<org_id>/sso",
    body=schemas.NewConnection,
    answer=schemas.Connection,
)
def put_sso(org_id: str, body: dict[str, Any]) -> Any:
    live()
    require_allowed(body["issuer"], ports().settings.environment == "production")
    return ports().sso.configure(current(), org_id, body)


@resource.operation("DELETE", "/organisations/<org_id>/sso")
def remove_sso(org_id: str) -> None:
    ports().sso.remove(current(), org_id)


@resource.operation("POST", "/organisations/<org_id>/sso/approve", answer=schemas.Connection)
def approve_sso(org_id: str) -> Any:
    return ports().sso.approve(current(), org_id)


@resource.operation(
    "GET", "/sso/<org_id>", query=schemas.Beginning, status=302, sign_in=True, lands=True
)
def start_sso(org_id: str, query: dict[str, Any]) -> Response:
    handover, g.org_id = ports().sso.handover, org_id
    if any(query.values()) or _in_browser():
        g.landing = handover.landing(**query)
    url, state = ports().sso.start(org_id, g.get("landing"))
    answer = Response(status=302, headers={"Location": url})
    del answer.headers["Content-Type"]
    # Only the browser that began may end it: else somebody could be signed in as somebody else.
    answer.set_cookie(
        COOKIE,
        state,
        max_age=STATE_LIFE,
        path=PATH,
        secure=ports().sso.callback.startswith("https://"),
        httponly=True,
        samesite="Lax",
    )
    return answer


@resource.operation(
    "GET",
    "/sso/callback",
    query=schemas.ProviderAnswer,
    answer=Session,
    sign_in=True,
    lands=True,
)
def finish_sso(query: dict[str, Any]) -> Any:
    sso = ports().sso
    begun = sso.resume(query["state"], request.cookies.get(COOKIE, ""))
    g.landing, g.org_id = begun.landing, begun.org_id
    if query["error"] or not query["code"]:
        raise Conflict("sso-cancelled", "The provider has signed nobody in.")
    account = sso.finish(current(), begun, query["code"], query["iss"], request.environ[RPC])
    if begun.landing is None:
        return session_view(ports().sessions.admit(current(), account, device()))
    return _sent_to(begun.landing, code=sso.handover.issue(account, begun.landing))


@resource.operation(
    "POST", "/sessions/sso", body=schemas.SignInCode, answer=Session, status=201, sign_in=True
)
def redeem_sso(body: dict[str, Any]) -> Any:
    made = ports().sso.redeem(current(), body["code"], body["code_verifier"], device())
    return session_view(made)


@resource.after_request
def land(answer: Response) -> Response:
    """A person's browser is not left with a problem document: the frontend is told its code."""
    if request.endpoint not in ("sso.start_sso", "sso.finish_sso") or answer.status_code < 400:
        return answer
    landing = g.get("landing") or (ports().sso.handover.somewhere() if _in_browser() else None)
    if landing is None or answer.mimetype != MEDIA_TYPE:
        return answer
    return _sent_to(landing, error=orjson.loads(answer.get_data())["code"])


def _in_browser() -> bool:
    """Whether a person looks at the answer, and there is a frontend for them."""
    wants_html = request.accept_mimetypes.best_match([JSON, HTML]) == HTML
    return wants_html and ports().sso.handover.somewhere() is not None


def _sent_to(landing: Landing, **told: str) -> Response:
    answer = Response(
        status=303, headers={"Location": landing.at(org_id=g.get("org_id", ""), **told)}
    )
    del answer.headers["Content-Type"]
    answer.delete_cookie(COOKIE, path=PATH)
    return answer
