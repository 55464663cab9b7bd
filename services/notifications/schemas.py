"""What callers may send: contacts, preferences, pages and cursors."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from shared.errors import Invalid, by_path

NEWEST = "newest"  # A cursor: begin behind everything that is there.
Text = validate.Length(1, 200)


class Asked(Schema):
    class Meta:
        unknown = RAISE


class ContactInput(Asked):
    person_id = fields.Str(required=True, validate=Text)
    email = fields.Email(required=True, validate=validate.Length(max=254))
    name = fields.Str(required=True, validate=Text)
    role = fields.Str(required=True, validate=Text)
    org_id = fields.Str(allow_none=True, load_default=None)
    locale = fields.Str(load_default="en", validate=validate.Length(1, 35))
    time_zone = fields.Str(load_default="UTC", validate=validate.Length(1, 64))


class ChannelsInput(Asked):
    email = fields.Bool()
    in_app = fields.Bool()
    required = fields.Bool()  # As the view has it, so that it can be sent back whole.


class PreferencesInput(Asked):
    preferences = fields.Dict(keys=fields.Str(), values=fields.Nested(ChannelsInput), required=True)


class Page(Asked):
    limit = fields.Int(load_default=20, strict=True, validate=validate.Range(1, 100))
    after = fields.Str(load_default=None)


class EventPage(Page):
    types = fields.List(fields.Str(validate=Text), load_default=list)


def read(schema: Schema, **given: Any) -> dict[str, Any]:
    """The input as the schema has it; raises Invalid with a sentence per field."""
    try:
        return cast(dict[str, Any], schema.load({k: v for k, v in given.items() if v is not None}))
    except ValidationError as exc:
        errors = by_path(exc.normalized_messages())
        raise Invalid("input-invalid", "Some of the input is not valid.", errors) from exc


def moment(cursor: str | None) -> tuple[datetime, str] | None:
    """Time and id behind which an inbox page begins; raises Invalid."""
    if cursor is None:
        return None
    milliseconds, _, id_ = cursor.partition(".")
    if not milliseconds.isascii() or not milliseconds.isdigit() or len(milliseconds) > 14:
        raise no_cursor()
    whole, part = divmod(int(milliseconds), 1000)
    return datetime.fromtimestamp(whole, UTC).replace(microsecond=part * 1000), id_


def inbox_cursor(last: Mapping[str, Any]) -> str:
    """Behind this notification."""
    return f"{round(last['created_at'].timestamp() * 1000)}.{last['id']}"


def no_cursor() -> Invalid:
    """The cursor was not given out for this list, or to somebody else."""
    return Invalid(
        "cursor-invalid", "This is no cursor of this list.", {"after": "Use `next` of a page."}
    )
