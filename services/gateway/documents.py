"""How an operation looks in the OpenAPI document."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import flask_smorest
from apispec import APISpec
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from services.gateway import versioning
from services.gateway.problems import MEDIA_TYPE, from_http
from services.gateway.schemas.base import View, example_of
from shared.principal import permissions

KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Sent again with the same key, the request has one effect and the first answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "example": "0b1f3c9e-6f0c-4a53-9d6e-4f6f2a1d7c55",
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag that was read: the change is made to that version or not at all.",
    "schema": {"type": "string"},
    "example": '"3"',
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag that the client has: 304 while it is the newest.",
    "schema": {"type": "string"},
    "example": '"3"',
}
BYTES: dict[str, Any] = {"schema": {"type": "string"}}
ETAG = {"description": "The version, for If-Match.", "schema": {"type": "string"}}


class FieldError(View):
    """`pointer` into the body or `parameter` of the query, and what is wrong there."""

    pointer = fields.String(metadata={"example": "#/fee_amount"})
    parameter = fields.String(metadata={"example": "limit"})
    detail = fields.String(required=True, metadata={"example": "Not a valid integer."})


class Problem(View):
    """RFC 9457; `code` is stable, `detail` is for people."""

    type = fields.String(required=True, metadata={"example": "/problems#not-found"})
    title = fields.String(required=True, metadata={"example": "Not Found"})
    status = fields.Integer(required=True, metadata={"example": 404})
    code = fields.String(required=True, metadata={"example": "not-found"})
    detail = fields.String(required=True, metadata={"example": "There is no such thing."})
    request_id = fields.String(required=True, metadata={"example": "0199b8c2-77aa"})
    errors = fields.List(fields.Nested(FieldError))


class Api(flask_smorest.Api):
    """Documents and answers every failure as a problem."""

    ERROR_SCHEMA = Problem

    def _register_responses(self) -> None:
        # Read from the class while they are registered; only the problems are of another type.
        self.DEFAULT_RESPONSE_CONTENT_TYPE = MEDIA_TYPE
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE

    def _register_error_handlers(self) -> None:
        """The application has its own handlers, for all errors alike."""

    def handle_http_exception(self, error: Any) -> Any:
        return from_http(error)


def example(schema: type[Schema]) -> dict[str, Any]:
    """A request that passes."""
    found = example_of(schema)
    # The one pair of fields that exclude each other by value.
    if found.get("fee_amount") and "unpaid_basis" in found:
        found["unpaid_basis"] = None
    return found


@dataclass(frozen=True)
class Shape:
    """What goes in and comes out; `accepts` and `sends` are media types of raw bytes; it may
    send several, with spaces between them."""

    method: str
    status: int
    body: type[Schema] | None
    answer: type[Schema] | None
    accepts: str
    sends: str
    if_match: bool

    @property
    def versioned(self) -> bool:
        return self.answer is not None and "version" in self.answer().fields


def describe(
    resource: Blueprint, view: Callable[..., Any], name: str, shape: Shape
) -> Callable[..., Any]:
    """Add the answer, the headers and the problems of this operation."""
    row = permissions()[name]
    manual: dict[str, Any] = {
        "operationId": name,
        "summary": row["about"],
        "security": _security(row["allow"]),
        "responses": {code: HTTPStatus(code).name for code in _failures(shape)},
    }
    if versioning.deprecation(name):
        manual |= {"deprecated": True, "description": versioning.note(name)}
    if shape.accepts:
        manual["requestBody"] = {"required": True, "content": {shape.accepts: BYTES}}
    if shape.answer is not None:
        example, headers = example_of(shape.answer), {"ETag": ETAG} if shape.versioned else None
        view = resource.response(shape.status, shape.answer, example=example, headers=headers)(view)
    elif not shape.sends:
        view = resource.response(204)(view)
    for media_type in shape.sends.split():
        view = resource.alt_response(
            shape.status, schema=BYTES["schema"], content_type=media_type, success=True
        )(view)
    described = resource.doc(**manual)(view)
    # Told by `doc`, the headers would replace the parameters of the query.
    arguments = described._apidoc.setdefault("arguments", {"parameters": []})
    arguments["parameters"] += _headers(shape)
    return described


def _security(roles: dict[str, str]) -> list[dict[str, list[str]]]:
    return [{"bearer": []}, {}] if "anonymous" in roles else [{"bearer": []}]


def _headers(shape: Shape) -> list[dict[str, Any]]:
    if shape.method == "GET":
        return [IF_NONE_MATCH] if shape.versioned else []
    found: list[dict[str, Any]] = [KEY_HEADER] if shape.method == "POST" else []
    return [*found, {**IF_MATCH, "required": shape.if_match}]


def _failures(shape: Shape) -> list[int]:
    found = [400, 401, 403, 404, 409, 422, 429, 503]
    if shape.method != "GET":
        found += [412]
    if shape.body is not None or shape.accepts:
        found += [413, 415]
    if shape.if_match:
        found += [428]
    return sorted(found)


def finish(spec: APISpec) -> dict[str, Any]:
    """The whole document: what the library leaves behind is taken out, security is declared."""
    spec.components.security_scheme(
        "bearer",
        {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token, or an API key (`stk_...`) with this scope.",
        },
    )
    document: dict[str, Any] = spec.to_dict()
    document["components"]["schemas"].pop("PaginationMetadata", None)
    return document
