"""What every shape at the door is built of, and how a request is read."""

from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from services.payments.usecases.pages import MOST
from shared.errors import Invalid, by_path

SLUG = validate.Regexp(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", error="Lower-case words joined by hyphens.")
ID = validate.Length(1, 100)
MOST_UNITS = 2**53  # Minor units: beyond it some who read an amount would round it.
AMOUNT = validate.Range(1, MOST_UNITS)


class Heard(Schema):
    """An event of another service: what is not needed here is ignored."""

    class Meta:
        unknown = EXCLUDE

    engagement_id = fields.String(required=True)


class Request(Schema):
    """What a person asks: what is unknown is an error."""

    class Meta:
        unknown = RAISE


class OfEngagement(Request):
    engagement_id = fields.String(required=True, validate=ID)


class Page(Request):
    """Which part of a list."""

    limit = fields.Integer(strict=True, load_default=MOST, validate=validate.Range(1, MOST))
    after = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 1000))


def read(schema: type[Request], **asked: Any) -> dict[str, Any]:
    """The checked request; raises Invalid with a message per field."""
    try:
        loaded: dict[str, Any] = schema().load(asked)
    except ValidationError as exc:
        messages = by_path(exc.normalized_messages())
        raise Invalid("input-invalid", "Some of the input is not right.", messages) from exc
    return loaded
