"""What people send about engagements: the work, its review, its end."""

from typing import Any

from marshmallow import fields, post_load, validate

from services.projects.domain.ending import ALL_CAUSES
from services.projects.domain.work import AI_USES, AIUse, File, Status
from services.projects.schemas.inputs import (
    IDENTIFIER,
    Request,
    choice,
    part,
    several,
    sorting,
    text,
    whole,
)


class EngagementFilters(Request):
    """Which engagements are listed, and which of them first."""

    status = choice(
        tuple(Status), f"Choose one of {', '.join(Status)}.", load_default=None, allow_none=True
    )
    sort = sorting()


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


class AIUseSchema(Request):
    """What a machine did in this version."""

    level = choice(AI_USES, f"Say one of {', '.join(AI_USES)}.", required=True)
    tools = several(
        text(1, 100, "Name each tool in at most 100 characters."),
        0,
        10,
        "Name at most 10 tools.",
        load_default=list,
    )
    note = text(0, 1000, "Explain it in at most 1,000 characters.", load_default="")

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> AIUse:
        return AIUse(**values)


class SubmissionSchema(Request):
    """A version of the work."""

    files = several(
        part(FileSchema, "Send objects."), 1, 20, "Hand in 1 to 20 files.", required=True
    )
    note = text(0, 2000, "Write a note of at most 2,000 characters.", load_default="")
    ai_use = part(
        AIUseSchema,
        "Say what a machine did in this version.",
        load_default=None,
        allow_none=True,
    )


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
    """Why it ends, by code and in words."""

    reason = choice(
        ALL_CAUSES, f"Choose one of {', '.join(ALL_CAUSES)}.", load_default=None, allow_none=True
    )
    comment = text(0, 2000, "Comment in at most 2,000 characters.", load_default="")
