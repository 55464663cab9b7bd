"""Every error as an RFC 9457 problem document: the one place that knows HTTP statuses."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from shared.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    StintError,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger(__name__)


class Unauthenticated(StintError):
    """Nobody is signed in, or not validly; `members` are told in the problem document."""

    members: Mapping[str, str] = {}


class TooMany(StintError):
    """Too many requests; `headers` say when to come again."""

    def __init__(self, code: str, detail: str, headers: dict[str, str]) -> None:
        super().__init__(code, detail)
        self.headers = headers


class Precondition(StintError):
    """A header that must name the version is missing (428)."""


STATUS: tuple[tuple[type[StintError], int], ...] = (
    (Invalid, 422),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (TooMany, 429),
    (Precondition, 428),
    (Unavailable, 503),
)
# What werkzeug refuses, in our words; other statuses are called by their own phrase.
CODES = {
    400: "bad-request",
    404: "no-such-resource",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "media-type",
    416: "requested-range-not-satisfiable",
}
READING = {400: "malformed-json", 422: "invalid-request"}
PAGE = "/problems"  # Where every code is explained, each under its own name.
RETRY_SECONDS = 2


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    request_id: str = "",
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, str] | None = None,
) -> Response:
    """The answer for a failure; `errors` name a `pointer` into the body or a `parameter` each."""
    document: dict[str, Any] = {
        "type": f"{PAGE}#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id,
        **(members or {}),
    }
    if errors:
        document["errors"] = errors
    answer = Response(orjson.dumps(document), status=status, content_type=MEDIA_TYPE)
    for name, value in (headers or {}).items():
        answer.headers[name] = value
    return answer


def from_error(error: StintError, request_id: str = "") -> Response:
    """One of ours."""
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    if error.code == "version-changed":
        status = 412
    return problem(
        status,
        error.code,
        error.detail,
        request_id=request_id,
        errors=[{"pointer": _pointer(at), "detail": text} for at, text in error.errors.items()],
        headers=_headers(error),
        members=error.members if isinstance(error, Unauthenticated) else None,
    )


def _headers(error: StintError) -> dict[str, str]:
    match error:
        case Unauthenticated():
            return {"WWW-Authenticate": 'Bearer realm="stint"'}
        case TooMany(headers=headers):
            return headers
        case Unavailable():
            return {"Retry-After": str(RETRY_SECONDS)}
    return {}


def from_http(error: HTTPException, request_id: str = "") -> Response:
    """One of werkzeug's, of Flask's or of the validation of a request."""
    status = error.code or 500
    code = CODES.get(status) or HTTPStatus(status).phrase.lower().replace(" ", "-")
    detail = str(error.description or HTTPStatus(status).phrase)
    messages = (getattr(error, "data", None) or {}).get("messages")
    if messages:
        code = READING[400 if status == 400 else 422]
        detail = "The body is no valid JSON." if status == 400 else "Some fields break a rule."
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    found = list(_flat(messages)) if messages and status != 400 else None
    return problem(status, code, detail, request_id=request_id, errors=found, headers=headers)


def unexpected(error: Exception, request_id: str = "") -> Response:
    """A bug of ours: the trace goes to the log, never out."""
    log.error("unexpected", request_id=request_id, exc_info=error)
    detail = "Something went wrong on our side; it has been recorded."
    return problem(500, "internal-error", detail, request_id=request_id)


def _flat(messages: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """`{"json": {"skills": {0: {"level": [text]}}}}` as one entry per text."""
    for location, found in messages.items():
        key = "pointer" if location == "json" else "parameter"
        for path, text in _leaves(found, ()):
            at = "/".join(path)
            yield {key: f"#/{at}" if key == "pointer" and at else at or "#", "detail": text}


def _leaves(found: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(found, Mapping):
        for name, inner in found.items():
            yield from _leaves(inner, path if name == "_schema" else (*path, str(name)))
    elif isinstance(found, list):
        for text in found:
            yield from _leaves(text, path)
    else:
        yield path, str(found)


def _pointer(field: str) -> str:
    return "#/" + field.strip("#/").replace(".", "/")
