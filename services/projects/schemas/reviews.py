"""What operators send about briefs."""

from typing import Any

from marshmallow import post_load

from services.projects.domain.project_records import Reason
from services.projects.schemas.inputs import Request, part, several, text


class ReasonSchema(Request):
    """What is to be changed in a field."""

    field = text(1, 100, "Name the field.", required=True)
    reason = text(5, 2000, "Say what to change in 5 to 2,000 characters.", required=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Reason:
        return Reason(**values)


class ChangesSchema(Request):
    """Why a brief is sent back."""

    reasons = several(
        part(ReasonSchema, "Send objects."), 1, 30, "Give 1 to 30 reasons.", required=True
    )


class ExceptionSchema(Request):
    """Why a fee below the floor is allowed."""

    reason = text(10, 2000, "Say why in 10 to 2,000 characters.", required=True)
