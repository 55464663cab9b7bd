"""Single sign-on of organisations."""

from typing import Any

from flask import request
from werkzeug import Response

from services.gateway.calls import RPC, current
from services.gateway.operations import Resource
from services.gateway.ports import ports
from services.gateway.resources.accounts import device, session_view
from services.gateway.resources.identity import live
from services.gateway.schemas import sso as schemas
from services.gateway.schemas.accounts import Session
from services.gateway.sso import STATE_LIFE, require_allowed
from shared.errors import Conflict

resource = Resource("sso", __name__, description="Single sign-on")
COOKIE, PATH = "stint_sso", "/v1/sso"


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


@resource.operation("GET", "/sso/<org_id>", status=302, sign_in=True)
def start_sso(org_id: str) -> Response:
    url, state = ports().sso.start(org_id)
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
    "GET", "/sso/callback", query=schemas.ProviderAnswer, answer=Session, sign_in=True
)
def finish_sso(query: dict[str, Any]) -> Any:
    if query["error"] or not query["code"]:
        raise Conflict("sso-cancelled", "The provider has signed nobody in.")
    made = ports().sso.finish(
        current(),
        query["state"],
        request.cookies.get(COOKIE, ""),
        query["code"],
        query["iss"],
        device(),
        request.environ[RPC],
    )
    return session_view(made)
