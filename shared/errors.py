"""The five ways in which a request or a message can fail, each with a slug code and a sentence.

StintError
├── Invalid       the input breaks a rule                      (HTTP 422)
├── Forbidden     this principal may not do it                 (HTTP 403)
├── NotFound      there is no such thing, or it is not theirs  (HTTP 404)
├── Conflict      the state does not allow it now              (HTTP 409)
└── Unavailable   something we need is away: the only one that is retried  (HTTP 503)
    └── NotYet    an event that came before the one it builds on
"""

from collections.abc import Mapping
from typing import Any


class StintError(Exception):
    """Raised with a kebab slug, a sentence for people, and messages per field where it helps."""

    def __init__(self, code: str, detail: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.code, self.detail, self.errors = code, detail, dict(errors or {})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, {self.detail!r})"


class Invalid(StintError):
    """The input breaks a rule; sending it again cannot help."""


class Forbidden(StintError):
    """This principal may not do this."""


class NotFound(StintError):
    """There is no such thing, or it is not for this principal to see."""


class Conflict(StintError):
    """The thing is in a state that does not allow it."""


class Unavailable(StintError):
    """Something that we need is away; trying again later may help."""


class NotYet(Unavailable):
    """The event came too early: what it builds on has not been seen here."""


CATEGORIES = {kind.__name__: kind for kind in (Invalid, Forbidden, NotFound, Conflict, Unavailable)}


def to_wire(error: StintError) -> dict[str, Any]:
    """The error as JSON-ready data; a subclass travels as its category."""
    category = next(name for name, kind in CATEGORIES.items() if isinstance(error, kind))
    return {
        "category": category,
        "code": error.code,
        "detail": error.detail,
        "errors": error.errors,
    }


def from_wire(data: Mapping[str, Any]) -> StintError:
    """The error that `to_wire` described; an unknown category becomes Unavailable."""
    kind = CATEGORIES.get(str(data.get("category")), Unavailable)
    return kind(str(data.get("code")), str(data.get("detail")), data.get("errors"))


def by_path(messages: Mapping[Any, Any], path: str = "") -> dict[str, str]:
    """`{"skills": {0: {"level": ["Too high."]}}}` as `{"skills.0.level": "Too high."}`."""
    found: dict[str, str] = {}
    for name, inner in messages.items():
        here = f"{path}.{name}" if path else str(name)
        found |= by_path(inner, here) if isinstance(inner, Mapping) else {here: _sentences(inner)}
    return found


def _sentences(found: Any) -> str:
    return " ".join(map(str, found)) if isinstance(found, list) else str(found)
