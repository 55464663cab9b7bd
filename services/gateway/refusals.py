"""Which problems each operation may answer, for the OpenAPI document."""

from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson

from services.gateway.problems import MEDIA_TYPE, RETRY_SECONDS, problem
from shared.data import read_yaml

CODES = Path(__file__).parent / "problem_codes.yml"
# Of the gateway's own codes, those that every service's operations may answer as well; of other
# statuses it is all of them.
EVERYWHERE = {
    404: {"not-found"},
    409: {"idempotency-key-reused"},
    422: {"body-missing", "file-not-found", "idempotency-key-invalid", "invalid-request"},
}
ERRORS = {"invalid-request": [{"pointer": "#/title", "detail": "Not a valid string."}]}
REQUEST_ID = "0199b8c2-77aa-7c31-8d35-1f0b6a2c9e11"
TEXT: dict[str, Any] = {"type": "string"}
SECONDS: dict[str, Any] = {"type": "integer"}
HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": TEXT, "example": 'Bearer realm="stint"'}},
    429: {
        "Retry-After": {"description": "Seconds.", "schema": SECONDS, "example": 12},
        "RateLimit-Limit": {"schema": SECONDS, "example": 600},
        "RateLimit-Remaining": {"schema": SECONDS, "example": 0},
        "RateLimit-Reset": {"description": "Seconds.", "schema": SECONDS, "example": 12},
    },
    503: {"Retry-After": {"description": "Seconds.", "schema": SECONDS, "example": RETRY_SECONDS}},
}


@cache
def codes() -> dict[str, dict[int, dict[str, str]]]:
    """By service and status: each code, with a sentence that it may come with."""
    found: dict[str, dict[int, dict[str, str]]] = read_yaml(CODES)
    return found


def reference(service: str, status: int) -> dict[str, str]:
    """Where the document has what operations of this service answer with this status."""
    return {"$ref": f"#/components/responses/{service}_{status}"}


def components(used: set[tuple[str, int]]) -> dict[str, Any]:
    """The responses that the operations refer to, by name."""
    return {f"{service}_{status}": _response(service, status) for service, status in sorted(used)}


def _response(service: str, status: int) -> dict[str, Any]:
    told = known(service, status)
    named = ", ".join(f"`{code}`" for code in told)
    examples = {
        code: {"value": _problem(status, code, sentence)}
        for code, sentence in told.items()
        if "*" not in code
    }
    response: dict[str, Any] = {
        "description": f"{HTTPStatus(status).phrase}: {named}.",
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
        },
    }
    if status in HEADERS:
        response["headers"] = HEADERS[status]
    return response


def known(service: str, status: int) -> dict[str, str]:
    """Every code of this status that an operation of this service may answer."""
    of_gateway = codes()["gateway"].get(status, {})
    if service != "gateway" and status in EVERYWHERE:
        of_gateway = {code: of_gateway[code] for code in EVERYWHERE[status] & of_gateway.keys()}
    of_service = {} if service == "gateway" else codes().get(service, {}).get(status, {})
    found = of_service | codes()["shared"].get(status, {}) | of_gateway
    return dict(sorted(found.items()))


def _problem(status: int, code: str, sentence: str) -> Any:
    told = problem(status, code, sentence, request_id=REQUEST_ID, errors=ERRORS.get(code))
    return orjson.loads(told.get_data())
