"""The headers that operations take and answer, as the OpenAPI document has them."""

from typing import Any

KEY_HEADER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Sent again with the same key, the request has one effect and the first answer.",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"},
    "example": "0b1f3c9e-6f0c-4a53-9d6e-4f6f2a1d7c55",
}
IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag that was read: the change is made to that version or not at all.",
    "schema": {"type": "string", "pattern": '^(\\*|"[0-9]{1,18}")$'},
    "example": '"3"',
}
IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag that the client has: 304 while it is the newest.",
    "schema": {"type": "string"},
    "example": '"3"',
}
RANGE: dict[str, Any] = {
    "name": "Range",
    "in": "header",
    "description": "One range of the bytes.",
    "schema": {"type": "string"},
    "example": "bytes=0-1023",
}
FILE_NAME: dict[str, Any] = {
    "name": "X-File-Name",
    "in": "header",
    "description": "The file's name, percent-encoded, where the query has none.",
    "schema": {"type": "string"},
    "example": "contacts.csv",
}
LAST_EVENT: dict[str, Any] = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "Of a stream: the id of the last event that was seen.",
    "schema": {"type": "string", "maxLength": 1000},
    "example": "0199b8c2-77aa-7c31-8d35-1f0b6a2c9e11",
}
ETAG = {"description": "The version, for If-Match.", "schema": {"type": "string"}}
ANSWERED: dict[str, dict[str, Any]] = {
    "ETag": ETAG,
    "Location": {"description": "The path of what was made.", "schema": {"type": "string"}},
    "Link": {"description": "The next page, with rel=next.", "schema": {"type": "string"}},
    "Idempotent-Replayed": {
        "description": "`true` where this is the first answer again.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}
