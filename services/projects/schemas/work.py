"""What people send about engagements: the work, its review, its end."""

from typing import Any

from marshmallow import fields, post_load, validate

from services.projects.domain.work import File
from services.projects.schemas.inputs import (
    IDENTIFIER,
    Request,
    part,
    several,
    text,
    whole,
)


class FileSchema(Request):
    """A stored file, as the gateway described it."""

    file_id = text(1, 100, IDENTIFIER, required=True)
    name = text(1, 255, "Give the file's name, at most 255 characters.", required=True)
    sha256 = fields.String(
        required=True,
        validate=validate.Regexp(
            r"[0-9a-f]{64}\Z", error="Give the file's SHA-256 as 64 lower-case hex digits."
        ),
    )
    size = whole(1, 2**53, "Give the file's size in bytes; it may not be empty.", required=True)
    media_type = text(1, 100, "Give the file's media type, such as text/csv.", required=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> File:
        return File(**values)


class SubmissionSchema(Request):
    """A version of the work."""

    files = several(
        part(FileSchema, "Send objects."), 1, 20, "Hand in 1 to 20 files.", required=True
    )
    note = text(0, 2000, "Write a note of at most 2,000 characters.", load_default="")


class RevisionSchema(Request):
    """What is to be changed."""

    criteria = several(
        text(2, 500, "Name each criterion in 2 to 500 characters."),
        1,
        20,
        "Name 1 to 20 acceptance criteria that are not met.",
        required=True,
    )
    comment = text(0, 2000, "Comment in at most 2,000 characters.", load_default="")


class CancellationSchema(Request):
    """Why it ends, in the canceller's words."""

    reason = text(0, 2000, "Say why in at most 2,000 characters.", load_default="")
