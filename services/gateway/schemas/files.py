"""References to uploaded files."""

from marshmallow import fields, validate

from services.gateway.schemas.base import Request, View, identifier, number, string

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class FileReference(View):
    """What a file is called elsewhere: by id, with the name, size and hash of its bytes."""

    file_id = identifier("fil-0199", required=True)
    name = string(1, 200, "contacts.csv", required=True)
    sha256 = string(64, 64, SHA256, required=True)
    size = number(1, 2**53, 48_213, required=True, description="Bytes.")
    media_type = string(3, 200, "text/csv", required=True)


NAMED = {"description": "With its ending, which tells its type.", "example": "contacts.csv"}


class FileName(Request):
    """The name may come as `?name=` or as the header X-File-Name (percent-encoded)."""

    name = fields.String(validate=validate.Length(1, 500), metadata=NAMED)
