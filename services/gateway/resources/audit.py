"""The audit log, for operators to read and to take away."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from flask import request
from werkzeug import Response

from services.gateway.audit import Entry, exported
from services.gateway.operations import Resource
from services.gateway.ports import ports
from services.gateway.schemas.base import page_of
from services.gateway.schemas.privacy import AuditEntry, AuditQuery, Span
from shared.errors import Invalid

resource = Resource("audit", __name__, description="Who did what")
LINES = "application/x-ndjson"
EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
FILTERS = {"principal_id": "principal_id", "operation": "operation", "subject_id": "subjects"}
AT_ONCE = 500
Place = tuple[datetime, str]


@resource.operation("GET", "/audit", query=AuditQuery, answer=page_of(AuditEntry))
def list_audit(query: dict[str, Any]) -> Any:
    limit, after = query["limit"], query["after"]
    where = {field: query[name] for name, field in FILTERS.items() if name in query}
    rows = ports().privacy.records.find(
        {**where, **_span(query)}, _place(after) if after else None, limit + 1
    )
    following = _cursor(rows[limit - 1]) if len(rows) > limit else None
    return {"items": [_shown(row) for row in rows[:limit]], "next": following}


@resource.operation("GET", "/audit/export", query=Span, sends=LINES)
def export_audit(query: dict[str, Any]) -> Response:
    """All of it chain by chain, as `stint audit verify --file` reads it, or those of a time."""
    records = ports().privacy.records
    found: Iterator[Entry] = records.all() if not query else _through(records, _span(query))
    body = () if request.method == "HEAD" else map(exported, found)
    answer = Response(body, content_type=LINES)
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.jsonl"'
    return answer


def _through(records: Any, where: Entry) -> Iterator[Entry]:
    start: Place | None = None
    while rows := records.find(where, start, AT_ONCE):
        yield from rows
        start = rows[-1]["at"], rows[-1]["_id"]


def _span(query: dict[str, Any]) -> Entry:
    since, until = query.get("since", EVER[0]), query.get("until", EVER[1])
    return {"at": {"$gte": since, "$lt": until}}


def _shown(row: Entry) -> Entry:
    return {name: value for name, value in row.items() if name != "_id"}


def _cursor(row: Entry) -> str:
    return urlsafe_b64encode(f"{row['at'].isoformat()}|{row['_id']}".encode()).decode()


def _place(after: str) -> Place:
    try:
        at, id_ = urlsafe_b64decode(after.encode()).decode().split("|", 1)
        return datetime.fromisoformat(at).astimezone(UTC), id_
    except (ValueError, OverflowError):
        sentence = "Send the `next` of the page before, unchanged."
        raise Invalid("cursor-invalid", "There is no such page.", {"after": sentence}) from None
