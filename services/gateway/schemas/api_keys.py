"""API keys: what they are made of, and how they are shown."""

from marshmallow import fields

from services.gateway.schemas.base import (
    Request,
    View,
    called,
    identifier,
    moment,
    string,
    texts,
)

SCOPE = "list_projects"


class NewApiKey(Request):
    """`scopes` are operationIds of this document; the key can do these and nothing else.

    `ats` is short for what a recruiting system needs. It expires after a year, or earlier if that
    is said.
    """

    name = called(1, 100, "Nightly export", required=True)
    scopes = texts(identifier(SCOPE), 1, 100, required=True)
    expires_at = moment(allow_none=True, load_default=None, metadata={"example": None})


class ApiKey(View):
    """`prefix` is how the key begins; `last_used_at` is true to the minute."""

    id = identifier("key-0199", required=True)
    name = string(1, 100, "Nightly export", required=True)
    scopes = fields.List(fields.String(), required=True, metadata={"example": [SCOPE]})
    prefix = string(1, 20, "stk_Zm9yIG", allow_none=True)
    account_id = identifier("acc-0199", required=True)
    expires_at = moment("2027-09-14T16:00:00.000Z", allow_none=True)
    created_at = moment(required=True)
    last_used_at = moment(allow_none=True)
    revoked_at = moment(allow_none=True)


class ShownApiKey(ApiKey):
    """`key` is shown this once. Send it as `Authorization: Bearer stk_...`."""

    key = string(1, 100, "stk_Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgcmVhbCBrZXk", required=True)
