"""The audit log, impersonation, export and erasure."""

from marshmallow import fields, validate

from services.gateway.impersonation import SCOPES
from services.gateway.schemas.base import (
    PageQuery,
    Request,
    View,
    choice,
    identifier,
    listed,
    moment,
    number,
    string,
)

HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
KINDS = ["begun", "ended", "refused", "opened", "anchored"]
OPERATION = "accept_deliverable"


class Span(Request):
    """From `since` on, and before `until`."""

    since = moment(description="ISO 8601; of the time of the entry.")
    until = moment("2026-10-01T00:00:00.000Z", description="ISO 8601; not this time itself.")


class AuditQuery(PageQuery, Span):
    """Entries that fit all that is given, the oldest first."""

    principal_id = identifier("acc-0199", description="Who did it, or in whose name.")
    subject_id = identifier("eng-0199", description="What it was about.")
    operation = string(1, 60, OPERATION, description="Its operationId.")


class Head(View):
    """The last entry of another chain at that time."""

    chain = identifier("chn-0199", required=True)
    sequence = number(1, 10**12, 7, required=True)
    hash = string(64, 64, HASH, required=True)


class AuditEntry(View):
    """`begun` is written before anything is done, `ended` after it with what became of it.

    `acting_id` is the operator who did it in the name of `principal_id`.
    """

    chain = identifier("chn-0199", required=True)
    sequence = number(1, 10**12, 8, required=True)
    previous = string(64, 64, HASH, required=True)
    hash = string(64, 64, HASH, required=True)
    at = moment(required=True)
    kind = choice(KINDS, required=True)
    operation = string(1, 60, OPERATION)
    principal_id = string(1, 100, "acc-0199")
    role = string(1, 20, "owner")
    org_id = string(1, 100, "org-0199")
    acting_id = string(1, 100, "acc-019a")
    impersonation_id = string(1, 100, "imp-0199")
    key_id = string(1, 100, "key-0199")
    request_id = string(1, 128, "0199b8c2-77aa")
    address = string(1, 60, "192.0.2.0/24")
    subjects = fields.List(string(1, 100, "eng-0199"))
    status = number(100, 599, 200)
    code = string(0, 100, "ok")
    replayed = fields.Boolean(metadata={"example": True})
    heads = listed(Head)


class NewImpersonation(Request):
    """Why somebody's account has to be looked at; they read it too."""

    account_id = identifier("acc-0199", required=True)
    reason = string(10, 500, "Cannot hand in: the upload fails in their browser.", required=True)
    ticket = string(2, 100, "SUP-1024", required=True)
    scope = choice(list(SCOPES), load_default="read")


class Impersonation(View):
    id = identifier("imp-0199", required=True)
    version = number(1, 10**9, 1, required=True)
    account_id = identifier("acc-0199", required=True)
    operator_id = identifier("acc-019a", description="Operators alone see it.")
    reason = string(1, 500, "Cannot hand in: the upload fails in their browser.", required=True)
    ticket = string(1, 100, "SUP-1024", required=True)
    scope = choice(list(SCOPES), required=True)
    created_at = moment(required=True)
    expires_at = moment(required=True)
    ended_at = moment(allow_none=True)


class BegunImpersonation(Impersonation):
    """There is no refresh token."""

    access_token = string(1, 4096, "eyJhbGciOiJFZERTQSJ9.e30.c2ln", required=True)
    token_type = choice(["Bearer"], required=True)
    expires_in = number(1, 86_400, 900, required=True, description="Seconds.")


class Export(View):
    """`url` is there while it is ready: a ZIP of JSON lines, one file for each service."""

    id = identifier("exp-0199", required=True)
    version = number(1, 10**9, 2, required=True)
    status = choice(["collecting", "ready", "expired"], required=True)
    created_at = moment(required=True)
    expires_at = moment(allow_none=True)
    size = number(0, 2**53, 48_000, allow_none=True)
    sha256 = string(64, 64, HASH, allow_none=True)
    url = string(1, 200, "/v1/me/exports/exp-0199/content", allow_none=True)


class ErasureWish(Request):
    """The password, or none within ten minutes of signing in."""

    password = fields.String(
        validate=validate.Length(1, 256),
        load_only=True,
        metadata={"example": "correct horse battery staple"},
    )


class Hindrance(View):
    """What has to come to its end before the erasure."""

    code = string(1, 60, "money-held", required=True)
    detail = string(1, 300, "Money is held for work that is not settled yet.", required=True)
    subject = string(1, 100, "eng-0199", allow_none=True)


class Erasure(View):
    """Due after 14 days; as long as there are hindrances it is looked at again every day."""

    id = identifier("era-0199", required=True)
    version = number(1, 10**9, 1, required=True)
    stage = choice(["asked", "called_off", "closing", "erased"], required=True)
    asked_at = moment(required=True)
    due_at = moment(allow_none=True)
    hindrances = listed(Hindrance, required=True)
