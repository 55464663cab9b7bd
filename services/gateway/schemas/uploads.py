"""Uploads in pieces or past the gateway, and links to files."""

from marshmallow import fields, validate

from services.gateway.schemas.base import (
    Request,
    View,
    Whole,
    choice,
    flag,
    identifier,
    moment,
    number,
    string,
)
from services.gateway.schemas.files import SHA256

DIRECT = "https://files.example.com/incoming/upl-0199?X-Amz-Signature=5d672d79c15b13162d9279b0855c"


class NewUpload(Request):
    """What is going to be sent; it counts once all of it has come and is what was announced."""

    name = fields.String(
        required=True, validate=validate.Length(1, 500), metadata={"example": "contacts.csv"}
    )
    size = number(1, 2**40, 48_213, required=True, description="Bytes.")
    sha256 = fields.String(
        required=True,
        validate=Whole(r"^[0-9a-f]{64}$", error="64 lower-case hex digits."),
        metadata={"example": SHA256},
    )


class Offset(Request):
    """How many bytes are there already."""

    offset = fields.Integer(
        required=True,
        validate=validate.Range(0, 2**40),
        metadata={"description": "Where these bytes begin.", "example": 0},
    )


class DirectPut(View):
    """A request that may be sent to the store of files itself, with these headers and no others."""

    method = choice(["PUT"], required=True)
    url = string(1, 4000, DIRECT, required=True)
    headers = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={
            "example": {"x-amz-checksum-sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="}
        },
    )
    expires_at = moment(required=True)


class Upload(View):
    """`offset` bytes have come in pieces; `direct` is the way past the gateway, if there is one."""

    id = identifier("upl-0199", required=True)
    name = string(1, 200, "contacts.csv", required=True)
    size = number(1, 2**53, 48_213, required=True, description="Bytes.")
    sha256 = string(64, 64, SHA256, required=True)
    media_type = string(3, 200, "text/csv", required=True)
    offset = number(0, 2**53, 0, required=True)
    expires_at = moment(required=True)
    direct = fields.Nested(DirectPut, required=True, allow_none=True)


class FileLink(View):
    """`direct`: the link needs no token, and whoever has it may fetch the file until it expires."""

    url = string(1, 4000, "/v1/files/fil-0199", required=True)
    direct = flag(False, required=True)
    expires_at = moment(required=True, allow_none=True)
