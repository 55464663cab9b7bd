"""What an operation that is to go says of itself on every answer.

A row of `shared/permissions.yml` may carry

    deprecated: {since: 2026-11-01, sunset: 2027-05-01, instead: get_project}

`since` is told as `Deprecation` (RFC 9745), `sunset` as `Sunset` (RFC 8594), the operation that
takes its place as a link. docs/api.md says what is promised between the two.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any

from shared.principal import permissions


def headers(endpoint: str | None, arguments: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """What the answer of this endpoint carries; nothing where it is to stay."""
    about = deprecation((endpoint or "").rpartition(".")[2])
    if about is None:
        return
    yield "Deprecation", f"@{int(_midnight(about['since']).timestamp())}"
    yield "Sunset", format_datetime(_midnight(about["sunset"]), usegmt=True)
    yield "Link", '</docs>; rel="deprecation"; type="text/html"'
    instead = _address(about.get("instead"), arguments or {})
    if instead:
        yield "Link", f'<{instead}>; rel="successor-version"'


def deprecation(operation: str) -> dict[str, Any] | None:
    """Since when, until when, and what instead; None where the operation is to stay."""
    found: dict[str, Any] | None = permissions().get(operation, {}).get("deprecated")
    return found


def note(operation: str) -> str:
    """The sentence of the OpenAPI document."""
    about = deprecation(operation)
    if about is None:
        return ""
    instead = f" Use `{about['instead']}`." if about.get("instead") else ""
    return f"Deprecated since {about['since']}, gone after {about['sunset']}.{instead}"


def _address(operation: str | None, arguments: Mapping[str, Any]) -> str:
    """The path of what takes its place, where the names of this one's path are enough for it."""
    if not operation:
        return ""
    method, path = permissions()[operation]["http"].split(" ")
    try:
        return str(path.format(**arguments)) if method == "GET" else ""
    except KeyError:
        return ""


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
