"""People's data: what is kept of them, and being forgotten."""

from typing import Any

from flask import g, request
from werkzeug import Response

from services.gateway.calls import RPC, current
from services.gateway.operations import Resource
from services.gateway.ports import ports
from services.gateway.schemas.base import PageQuery, page_of
from services.gateway.schemas.privacy import (
    BegunImpersonation,
    Erasure,
    ErasureWish,
    Export,
    Impersonation,
    NewImpersonation,
)

resource = Resource("privacy", __name__, description="Impersonation, export and erasure")
ZIP = "application/zip"


@resource.operation(
    "POST", "/impersonations", body=NewImpersonation, answer=BegunImpersonation, status=201
)
def begin_impersonation(body: dict[str, Any]) -> Any:
    accounts, tokens = ports().accounts.accounts, ports().tokens
    return ports().privacy.impersonations.begin(current(), accounts, tokens, **body)


@resource.operation("GET", "/impersonations", query=PageQuery, answer=page_of(Impersonation))
def list_impersonations(query: dict[str, Any]) -> Any:
    return ports().privacy.impersonations.page(current().principal, **query)


@resource.operation("DELETE", "/impersonations/<impersonation_id>")
def end_impersonation(impersonation_id: str) -> None:
    ports().privacy.impersonations.end(current(), impersonation_id)


@resource.operation("POST", "/me/export", answer=Export, status=202, location="/v1/me/exports/{id}")
def ask_export() -> Any:
    return ports().privacy.exports.ask(current())


@resource.operation("GET", "/me/exports/<export_id>", answer=Export)
def get_export(export_id: str) -> Any:
    return ports().privacy.exports.get(current().principal, export_id)


@resource.operation("GET", "/me/exports/<export_id>/content", sends=ZIP)
def download_export(export_id: str) -> Response:
    body, found = ports().privacy.exports.content(current().principal, export_id)
    answer = Response(body, content_type=ZIP)
    answer.content_length = found.size or 0
    answer.headers["Content-Disposition"] = 'attachment; filename="stint-export.zip"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@resource.operation(
    "POST",
    "/me/erasure",
    body=ErasureWish,
    optional_body=True,
    answer=Erasure,
    status=202,
    sign_in=True,
)
def ask_erasure(body: dict[str, Any]) -> Any:
    rpc, given = request.environ[RPC], body.get("password")
    return ports().privacy.erasures.ask(current(), rpc, given, g.session_id)


@resource.operation("GET", "/me/erasure", answer=Erasure)
def get_erasure() -> Any:
    return ports().privacy.erasures.get(current())


@resource.operation("DELETE", "/me/erasure", answer=Erasure)
def cancel_erasure() -> Any:
    return ports().privacy.erasures.call_off(current())
