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
    """`scopes` are operationIds of this document; the key can do these and nothing else."""

    name = called(1, 100, "Nightly export", required=True)
    scopes = texts(identifier(SCOPE), 1, 100, required=True)


class ApiKey(View):
    """`last_used_at` is true to the minute."""

    id = identifier("key-0199", required=True)
    name = string(1, 100, "Nightly export", required=True)
    scopes = fields.List(fields.String(), required=True, metadata={"example": [SCOPE]})
    account_id = identifier("acc-0199", required=True)
    created_at = moment(required=True)
    last_used_at = moment(allow_none=True)
    revoked_at = moment(allow_none=True)


class ShownApiKey(ApiKey):
    """`key` is shown this once. Send it as `Authorization: Bearer stk_...`."""

    key = string(1, 100, "stk_Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgcmVhbCBrZXk", required=True)
