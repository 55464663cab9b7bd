"""What a request carries on its way inwards: who asks, the call's id, and the asking itself."""

import contextvars
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import eventlet
from flask import g, request
from uuid_utils.compat import uuid7

from services.gateway.config import REQUIRED
from services.gateway.ports import ports
from services.gateway.problems import Precondition, Unauthenticated
from shared.envelope import Call
from shared.errors import Conflict, Forbidden, Unavailable
from shared.principal import ANONYMOUS, Principal, permissions, words

T = TypeVar("T")
# Seconds for all the questions of a request together: a bit more than one of them is given, so
# that who did not answer is told by name.
GATHER_LIMIT = 3.5
RPC, HINTS = "stint.rpc", "stint.hints"
REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,128}$")
TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
# As it was given out, or as a compressed answer carried it.
VERSION = re.compile(r'^"(\d{1,18})(?::(?:br|gzip))?"$')


def request_id(environ: Mapping[str, Any]) -> str:
    """The client's X-Request-Id where it is a decent one, else a new one."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    return given if REQUEST_ID.fullmatch(given) else str(uuid7())


def allowed(operation: str) -> Principal:
    """Who asks, if their role may ever do this; raises Unauthenticated or Forbidden.

    Whose thing it is, the service that owns it checks.
    """
    if g.refused is not None:
        raise g.refused
    principal: Principal = g.principal
    if g.scopes is not None and operation not in g.scopes:
        raise Forbidden("scope-missing", f"This API key is not made to {words(operation)}.")
    if principal.role in permissions()[operation]["allow"]:
        if permissions()[operation].get("verified"):
            _require_verified(principal)
        return principal
    if principal == ANONYMOUS:
        raise Unauthenticated("sign-in-required", "Sign in to do this.")
    raise Forbidden("operation-forbidden", f"A {principal.role} may not {words(operation)}.")


def _require_verified(principal: Principal) -> None:
    """What binds others, or costs them time, takes a proved address, where that is required."""
    if ports().settings.email_verification != REQUIRED or principal == ANONYMOUS:
        return
    account = ports().accounts.accounts.find(principal.id)
    if account is None or account.email_verified_at is None:
        sentence = "Open the link in our mail first, or ask for another one."
        raise Forbidden("email-unverified", sentence)


def begin(id_: str) -> Call:
    """The call that this request makes inwards, under this id."""
    parent = request.headers.get("Traceparent", "")
    g.call = Call(
        id=id_,
        principal=g.principal,
        correlation_id=g.request_id,
        traceparent=parent if TRACEPARENT.fullmatch(parent) else "",
        expected_version=_expected_version(),
    )
    return current()


def current() -> Call:
    """The call of this request."""
    call: Call = g.call
    return call


def require_version() -> None:
    """Raise Precondition (428) where no If-Match says which version is meant."""
    if current().expected_version is None:
        raise Precondition("if-match-required", "Send the ETag that you read as If-Match.")


def _expected_version() -> int | None:
    """The version in If-Match, of a request that changes something; `*` names none."""
    given = request.headers.get("If-Match")
    if request.method in ("GET", "HEAD") or given is None or given.strip() == "*":
        return None
    match = VERSION.fullmatch(given.strip())
    if match is None:  # Weak, a list, empty or not ours: no version of ours equals it.
        raise Conflict("version-changed", "If-Match is no ETag of this API.")
    return int(match[1])


def ask(service: str, method: str, **arguments: Any) -> Any:
    """What the service answers to this request's call; raises what it raises."""
    return request.environ[RPC].call(service, method, current(), **arguments)


def gather(
    questions: Mapping[str, Callable[[], T]], within: float = GATHER_LIMIT
) -> dict[str, T | Unavailable]:
    """Every answer, asked for at the same time; Unavailable stands for one that did not come.

    `within` so many seconds for all of them. Raises what one of them raises otherwise.
    """
    until = time.monotonic() + within
    # A new greenlet starts with an empty context: without a copy it would not know the request.
    running = {
        name: eventlet.spawn(contextvars.copy_context().run, _answer, question)
        for name, question in questions.items()
    }
    return {name: _waited(greenlet, until) for name, greenlet in running.items()}


def _waited(greenlet: Any, until: float) -> Any:
    with eventlet.Timeout(max(until - time.monotonic(), 0.001), False):
        return greenlet.wait()
    greenlet.kill()
    return Unavailable("deadline-passed", "An answer did not come in time.")


def _answer(question: Callable[[], T]) -> T | Unavailable:
    try:
        return question()
    except Unavailable as exc:
        return exc
