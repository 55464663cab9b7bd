"""What callers and an event may send: contacts, preferences, pages and cursors."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

import orjson
from marshmallow import (
    EXCLUDE,
    RAISE,
    Schema,
    ValidationError,
    fields,
    validate,
    validates_schema,
)

from services.notifications.domain import bounces
from services.notifications.domain.bounces import Outcome, Report
from services.notifications.domain.channels import Frequency
from services.notifications.domain.letters import LETTERS
from shared.errors import Invalid, by_path

NEWEST = "newest"  # A cursor: begin behind everything that is there.
Text = validate.Length(1, 200)
CLOCK = validate.Regexp(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", error="A time of day such as 22:00.")


class Asked(Schema):
    class Meta:
        unknown = RAISE


class AccountErased(Schema):
    """Nobody is behind this id any more."""

    class Meta:
        unknown = EXCLUDE

    account_id = fields.Str(required=True)


class ContactInput(Asked):
    person_id = fields.Str(required=True, validate=Text)
    email = fields.Email(required=True, validate=validate.Length(max=254))
    name = fields.Str(required=True, validate=Text)
    role = fields.Str(required=True, validate=Text)
    org_id = fields.Str(allow_none=True, load_default=None)
    locale = fields.Str(load_default="en", validate=validate.Length(1, 35))
    time_zone = fields.Str(load_default="UTC", validate=validate.Length(1, 64))
    verified_at = fields.AwareDateTime(load_default=None, default_timezone=UTC)


class LetterInput(Asked):
    letter_id = fields.Str(required=True, validate=Text)
    kind = fields.Str(required=True, validate=validate.OneOf(LETTERS))
    to = fields.Email(required=True, validate=validate.Length(max=254))
    name = fields.Str(required=True, validate=Text)
    facts = fields.Dict(keys=fields.Str(), load_default=dict)
    expires_at = fields.AwareDateTime(load_default=None, default_timezone=UTC)
    locale = fields.Str(load_default="en", validate=validate.Length(1, 35))
    time_zone = fields.Str(load_default="UTC", validate=validate.Length(1, 64))


class ChannelsInput(Asked):
    """Whatever else the view has may be sent back with it."""

    class Meta:
        unknown = EXCLUDE

    email = fields.Bool()
    in_app = fields.Bool()
    push = fields.Bool()
    sms = fields.Bool()
    frequency = fields.Enum(Frequency, by_value=True)


class QuietInput(Asked):
    start = fields.Str(required=True, validate=CLOCK)
    end = fields.Str(required=True, validate=CLOCK)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("start") == data.get("end"):
            raise ValidationError("The hours end when they begin.", "end")


class SettingsInput(Asked):
    """`quiet_hours` of None ends them."""

    digest_hour = fields.Int(strict=True, validate=validate.Range(0, 23))
    quiet_hours = fields.Nested(QuietInput, allow_none=True)


class PreferencesInput(Asked):
    preferences = fields.Dict(keys=fields.Str(), values=fields.Nested(ChannelsInput), required=True)
    settings = fields.Nested(SettingsInput, load_default=dict)


class ReportInput(Schema):
    """One mail that came back, as a provider tells it."""

    class Meta:
        unknown = EXCLUDE  # A provider's own facts may stay in.

    type = fields.Str(required=True, validate=validate.OneOf(["bounce", "complaint"]))
    hard = fields.Bool(load_default=False)
    id = fields.Str(load_default="", validate=validate.Length(max=200))
    address = fields.Str(load_default="", validate=validate.Length(max=254))
    message_id = fields.Str(load_default="", validate=validate.Length(max=300))
    code = fields.Str(load_default="", validate=validate.Length(max=100))

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        if not (data.get("address") or data.get("message_id")):
            raise ValidationError("Say address or message_id.", "address")


class ReportsInput(Asked):
    events = fields.List(
        fields.Nested(ReportInput), required=True, validate=validate.Length(1, 100)
    )


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


def reports(body_base64: str) -> tuple[list[Report], bool]:
    """The mails that came back, and whether a provider tells it (JSON) or a mail (RFC 3464, 5965).

    Raises Invalid where it is neither.
    """
    try:
        body = b64decode(body_base64, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("report-unreadable", "The report is not in base64.") from None
    if not body.lstrip().startswith(b"{"):
        found = bounces.reports(body)
        if found is None:
            raise Invalid("report-unreadable", "Neither JSON nor a delivery or abuse report.")
        return found, False
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Invalid("report-unreadable", "This is no JSON.") from None
    asked = read(ReportsInput(), events=given.get("events"))
    return [_report(one) for one in asked["events"]], True


def _report(given: Mapping[str, Any]) -> Report:
    bounced = Outcome.HARD if given["hard"] else Outcome.SOFT
    return Report(
        outcome=Outcome.COMPLAINT if given["type"] == "complaint" else bounced,
        address=given["address"].strip().lower(),
        message_id=bounces.bare_id(given["message_id"]),
        code=given["code"],
        given_id=given["id"],
    )


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
