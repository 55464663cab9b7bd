"""One decorator makes a function an operation: permission, validation, repeats, ETag, documents.

The function's name is the key of the permission table and the operationId.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn
from urllib.parse import urlencode

import orjson
from flask import Request as FlaskRequest
from flask import g, request
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema
from webargs.core import missing
from webargs.flaskparser import FlaskParser, abort
from werkzeug import Response
from werkzeug.exceptions import UnsupportedMediaType

from services.gateway import acting, calls, documents, recording
from services.gateway.idempotency import Attempt, call_id, once
from services.gateway.ports import ports
from services.gateway.schemas.base import ID
from shared.errors import Invalid, NotFound

Function = Callable[..., Any]
JSON = "application/json"


class Parser(FlaskParser):
    """Reads JSON strictly: no NaN, no lone surrogates, no bottomless nesting."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}

    def _raw_load_json(self, req: FlaskRequest) -> Any:
        body = req.get_data(cache=True)
        try:
            return orjson.loads(body) if body else missing
        except orjson.JSONDecodeError as exc:
            self._handle_invalid_json_error(exc, req)

    def _handle_invalid_json_error(self, error: Any, req: Any, *_: Any, **__: Any) -> NoReturn:
        abort(400, exc=error, messages={"json": ["Invalid JSON."]})


class Resource(Blueprint):
    """A noun's operations."""

    ARGUMENTS_PARSER = Parser()

    def operation(
        self,
        method: str,
        rule: str,
        *,
        body: type[Schema] | None = None,
        query: type[Schema] | None = None,
        answer: type[Schema] | None = None,
        status: int = 200,
        location: str = "",
        sign_in: bool = False,
        if_match: bool = False,
        repeats: bool = True,
        accepts: str = "",
        sends: str = "",
        optional_body: bool = False,
        takes: tuple[dict[str, Any], ...] = (),
        lands: bool = False,
    ) -> Callable[[Function], Function]:
        """Register the function for `method rule`.

        `location` is the path of what is made, with the answer's fields; `sign_in` counts towards a
        strict limit; `if_match` makes the version obligatory; `repeats=False` leaves an
        Idempotency-Key to the function; `accepts` and `sends` are media types of raw bytes; `takes`
        are documented headers; `lands` where a browser may be sent on.
        """
        shape = documents.Shape(
            method, status, body, answer, accepts, sends, if_match, location, takes, lands
        )

        def register(function: Function) -> Function:
            name = function.__name__
            view = _calling(_answering(function, status, location), name, method, repeats, if_match)
            view = self._reading(view, name, body, query, not optional_body)
            view = _guarding(view, name, sign_in, body is not None, optional_body, accepts)
            view = documents.describe(self, view, name, shape)
            self.add_url_rule(rule, name, view, methods=[method])
            return function

        return register

    def _reading(
        self,
        view: Function,
        name: str,
        body: type[Schema] | None,
        query: type[Schema] | None,
        needed: bool,
    ) -> Function:
        """Hands on what was sent, once it keeps the rules."""
        if query is not None:
            view = self.arguments(_telling(query), location="query", arg_name="query")(view)
        if body is not None:
            example = documents.example(name, body)
            view = self.arguments(body, arg_name="body", required=needed, example=example)(view)
        return view


def _telling(query: type[Schema]) -> Schema:
    """The query, which says of a parameter that it does not know what it accepts."""
    schema = query()
    accepted = ", ".join(sorted(schema.fields))
    schema.error_messages["unknown"] = f"Unknown; accepted are: {accepted}."
    return schema


def _guarding(
    view: Function, name: str, sign_in: bool, has_body: bool, optional_body: bool, accepts: str
) -> Function:
    """Who may not, may not even learn how a body would have to look, nor what there is."""

    @wraps(view)
    def guarded(**arguments: Any) -> Any:
        if sign_in:
            g.allowance = ports().throttle.sign_in(name, str(request.remote_addr))
        g.asked = name
        calls.allowed(name)
        acting.require(name)
        if not all(ID.fullmatch(value) for value in arguments.values()):
            raise _nothing()
        if has_body or accepts:
            _require_plain()
        if has_body:
            _require_body(optional_body)
        recording.begin(name, arguments)
        try:
            return view(**arguments)
        except NotFound as exc:
            if not arguments:
                raise
            raise _nothing() from exc

    return guarded


def _require_plain() -> None:
    """Nothing is unpacked here, so that nothing small can become large; nor kept as it is packed,
    which would be another file than its sender means."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType("Send the body as it is, without Content-Encoding.")


def _require_body(optional: bool) -> None:
    """A body that got lost is not one that leaves everything as it is by default."""
    if not request.get_data(cache=True):
        if not optional:
            raise Invalid(
                "body-missing", "Send a body of JSON, `{}` where there is nothing to say."
            )
    elif not request.is_json:
        raise UnsupportedMediaType(f"Send the body as {JSON}.")


def _nothing() -> NotFound:
    """What is not there and what is another's read alike."""
    return NotFound("not-found", "There is no such thing, or it is not yours.")


def _calling(view: Function, name: str, method: str, repeats: bool, if_match: bool) -> Function:
    """Names the call that the request makes, the same for every repeat of it."""

    @wraps(view)
    def calling(**arguments: Any) -> Any:
        key = request.headers.get("Idempotency-Key") if method == "POST" else None
        attempt = None if key is None else _attempt(key, name, repeats)
        calls.begin(call_id(attempt))
        if if_match:
            calls.require_version()
        if attempt is None or not repeats:
            return view(**arguments)
        return once(attempt, ports().keys, ports().now, lambda: view(**arguments))

    return calling


def _attempt(key: str, name: str, repeats: bool) -> Attempt:
    # The body of an upload is a stream that nobody can read twice: its key makes it known, and
    # whoever takes it compares name and content with what came first.
    target, body = (request.full_path, request.get_data(cache=True)) if repeats else ("", b"")
    asked = f"{request.method} {target or request.path}\n".encode() + body
    return Attempt(key, g.principal, str(request.remote_addr), name, asked)


def _answering(function: Function, status: int, location: str) -> Function:
    """Makes the response of what the function returns: JSON, ETag, where it is, what follows."""

    @wraps(function)
    def answering(**arguments: Any) -> Response:
        result = function(**arguments)
        if isinstance(result, Response):
            return result
        if result is None:
            return Response(status=204)
        answer = Response(orjson.dumps(result), status=status, content_type=JSON)
        if location:
            answer.headers["Location"] = location.format(**result)
        if isinstance(result.get("version"), int):
            answer.set_etag(str(result["version"]))
        if result.get("next"):
            following = urlencode({**request.args, "after": result["next"]})
            answer.headers["Link"] = f'<{request.path}?{following}>; rel="next"'
        if request.method in ("GET", "HEAD"):
            answer.make_conditional(request.environ)
        return answer

    return answering
