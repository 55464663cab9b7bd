"""How an operation looks in the OpenAPI document."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import flask_smorest
from apispec import APISpec
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from services.gateway import refusals, versioning
from services.gateway.headers import (
    ANSWERED,
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    KEY_HEADER,
    RANGE,
)
from services.gateway.problems import MEDIA_TYPE, from_http
from services.gateway.schemas.base import ID, View, example_of
from shared.data import read_yaml
from shared.principal import permissions

EXAMPLES = Path(__file__).parent / "examples.yml"
PLACE = "x-place"  # Until the links are made.
THING = re.compile(r"(?P<place>/v1/[a-z-]+)/\{(?P<parameter>[a-z_]+)\}(/|$)")
METHODS = ("get", "post", "put", "patch", "delete")
BINARY = {"type": "string", "format": "binary"}
RELATIONS = {
    "any": "",
    "org": " (of one's organisation)",
    "person": " (about oneself)",
    "public": " (public or one's own)",
}
TEXTS = ("text/", "application/json", "application/vc+jwt")


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
    challenge = fields.String(
        metadata={"description": "With `second-factor-required`.", "example": "eyJhbGciOi"}
    )
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


@cache
def examples() -> dict[str, Any]:
    """What the fields' own examples do not make: bodies, parameters of paths, media."""
    found: dict[str, Any] = read_yaml(EXAMPLES)
    return found


def example(name: str, schema: type[Schema]) -> dict[str, Any]:
    """A body of this operation that passes."""
    told: dict[str, Any] | None = examples()["bodies"].get(name)
    found = example_of(schema) if told is None else told
    # The one pair of fields that exclude each other by value.
    return {**found, "unpaid_basis": None} if "unpaid_basis" in found else found


@dataclass(frozen=True)
class Shape:
    """What goes in and comes out; `accepts` and `sends` are media types of raw bytes; it may
    send several, with spaces between them. `takes` are headers of this operation alone."""

    method: str
    status: int
    body: type[Schema] | None
    answer: type[Schema] | None
    accepts: str
    sends: str
    if_match: bool
    location: str = ""
    takes: tuple[dict[str, Any], ...] = ()
    lands: bool = False

    @property
    def versioned(self) -> bool:
        return self.answer is not None and "version" in self.answer._declared_fields

    @property
    def paged(self) -> bool:
        return self.answer is not None and "next" in self.answer._declared_fields

    @property
    def ranged(self) -> bool:
        return RANGE in self.takes

    @property
    def conditional(self) -> bool:
        return self.method == "GET" and (self.versioned or self.ranged)

    @property
    def listed(self) -> bool:
        """Whether the answer is a bare list, as a contract of others has it."""
        return getattr(self.answer, "LISTED", False)


def describe(
    resource: Blueprint, view: Callable[..., Any], name: str, shape: Shape
) -> Callable[..., Any]:
    """Add the answer, the headers and the problems of this operation."""
    row = permissions()[name]
    manual: dict[str, Any] = {
        "operationId": name,
        "summary": row["about"],
        "description": f"For: {_roles(row['allow'])}.",
        "security": _security(row),
        "responses": {code: refusals.reference(row["service"], code) for code in _failures(shape)}
        | _unchanged(shape),
    }
    if shape.location:
        manual[PLACE] = shape.location
    if versioning.deprecation(name):
        manual["deprecated"] = True
        manual["description"] += f" {versioning.note(name)}"
    if shape.accepts:
        manual["requestBody"] = {"required": True, "content": {shape.accepts: _raw(shape.accepts)}}
    if shape.answer is not None:
        example, headers = example_of(shape.answer), _answered(shape)
        schema = shape.answer(many=True) if shape.listed else shape.answer
        sample = [example] if shape.listed else example
        view = resource.response(shape.status, schema, example=sample, headers=headers)(view)
    elif not shape.sends:
        view = resource.response(302 if shape.status == 302 else 204)(view)
    for media_type in shape.sends.split():
        told = _raw(media_type)
        view = resource.alt_response(
            shape.status, **told, content_type=media_type, headers=_answered(shape), success=True
        )(view)
    described = resource.doc(**manual)(view)
    # Told by `doc`, the headers would replace the parameters of the query.
    arguments = described._apidoc.setdefault("arguments", {"parameters": []})
    arguments["parameters"] += _headers(shape)
    return described


def _roles(allow: dict[str, str]) -> str:
    return ", ".join(f"{role}{RELATIONS[relation]}" for role, relation in allow.items())


def _security(row: dict[str, Any]) -> list[dict[str, list[str]]]:
    if row.get("scope") == "ats":
        return [{"basic": []}, {"bearer": []}]
    return [{"bearer": []}, {}] if "anonymous" in row["allow"] else [{"bearer": []}]


def _raw(media_type: str) -> dict[str, Any]:
    """Bytes of this type, and how they may begin."""
    schema = {"type": "string"} if media_type.startswith(TEXTS) else BINARY
    told = examples()["media"].get(media_type)
    return {"schema": schema, **({"example": told} if told else {})}


def _answered(shape: Shape) -> dict[str, Any] | None:
    """The headers of the answer."""
    there = {
        "ETag": shape.versioned or shape.ranged,
        "Location": shape.location,
        "Link": shape.paged,
        "Idempotent-Replayed": shape.method == "POST",
    }
    return {name: header for name, header in ANSWERED.items() if there[name]} or None


def _unchanged(shape: Shape) -> dict[int, Any]:
    """Answers of a read that send nothing, or a part, or elsewhere."""
    found: dict[int, Any] = {}
    if shape.lands:
        headers = {"Location": {"description": "The frontend.", "schema": {"type": "string"}}}
        found[303] = {"description": "See Other: a browser's way on.", "headers": headers}
    if shape.conditional:
        about = "Not Modified: the client has the newest version."
        found[304] = {"description": about, "headers": {"ETag": ETAG}}
    if shape.ranged:
        content = {media_type: _raw(media_type) for media_type in shape.sends.split()}
        found[206] = {"description": "Partial Content: the range.", "content": content}
    return found


def _headers(shape: Shape) -> list[dict[str, Any]]:
    if shape.method == "GET":
        return [*([IF_NONE_MATCH] if shape.conditional else []), *shape.takes]
    found: list[dict[str, Any]] = [KEY_HEADER] if shape.method == "POST" else []
    return [*found, {**IF_MATCH, "required": shape.if_match}, *shape.takes]


def _failures(shape: Shape) -> list[int]:
    found = [400, 401, 403, 404, 409, 422, 429, 500, 503]
    if shape.method != "GET":
        found += [412]
    if shape.body is not None or shape.accepts:
        found += [413, 415]
    if shape.if_match:
        found += [428]
    if shape.ranged:
        found += [416]
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
    spec.components.security_scheme(
        "basic",
        {
            "type": "http",
            "scheme": "basic",
            "description": "For recruiting systems: an API key as the user, and no password.",
        },
    )
    document: dict[str, Any] = spec.to_dict()
    document["components"]["schemas"].pop("PaginationMetadata", None)
    used = set()
    for operation in operations(document):
        operation["responses"].pop("default", None)
        service = permissions()[operation["operationId"]]["service"]
        used |= {(service, int(code)) for code in operation["responses"] if int(code) >= 400}
    document["components"]["responses"] = refusals.components(used)
    for path in document["paths"].values():
        for parameter in path.get("parameters", ()):
            parameter |= _in_path(parameter["name"])
    _link(document)
    return document


def _link(document: dict[str, Any]) -> None:
    """From what makes a thing to whatever can be done with it, by the place where it is."""
    there: dict[str, dict[str, str]] = {}
    for path, about in document["paths"].items():
        match = THING.match(path)
        if match and path.count("{") == 1:
            names = (about[method]["operationId"] for method in METHODS if method in about)
            there.setdefault(match["place"], {}).update(dict.fromkeys(names, match["parameter"]))
    for operation in operations(document):
        place = operation.pop(PLACE, "").removesuffix("/{id}")
        if place in there:
            operation["responses"]["201"]["links"] = {
                name: {"operationId": name, "parameters": {parameter: "$response.body#/id"}}
                for name, parameter in there[place].items()
            }


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of the document."""
    for path in document["paths"].values():
        yield from (path[method] for method in METHODS if method in path)


def _in_path(name: str) -> dict[str, Any]:
    words = name.removesuffix("_id").replace("_", " ")
    known = {"description": f"The id of the {words}.", **examples()["parameters"].get(name, {})}
    return {**known, "schema": {"type": "string", "pattern": ID.pattern}}
