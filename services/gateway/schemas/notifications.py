"""The inbox, preferences, mails and the event log."""

from typing import Any

from marshmallow import EXCLUDE, ValidationError, fields, validate, validates_schema

from services.gateway.schemas.base import (
    PageQuery,
    Part,
    Request,
    View,
    Whole,
    choice,
    flag,
    identifier,
    language,
    moment,
    number,
    string,
)

KIND = Whole(r"^[a-z0-9-]+(\.[a-z0-9-]+)*$", error="Not a kind of message.")
CLOCK = Whole(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", error="Not a time of day such as 22:00.")
FREQUENCIES = ["immediately", "daily", "weekly", "never"]


def clock(example: str, **options: Any) -> fields.String:
    """A local time of day."""
    return fields.String(validate=CLOCK, metadata={"example": example}, **options)


class Notification(View):
    id = identifier("ntf-0199", required=True)
    version = fields.Integer(metadata={"example": 1})
    kind = string(1, 100, "application.selected")
    title = string(0, 300, "You were selected")
    text = string(0, 4000, "Northwind Analytics selected you. Accept until Thursday.")
    link = string(0, 500, "/v1/applications/app-0199", allow_none=True)
    created_at = moment(required=True)
    read_at = moment(allow_none=True)


class Channels(Part):
    """What else an answer has in this place may be sent back, and changes nothing.

    `frequency` is that of e-mails: `never` and `email: false` say the same.
    """

    class Meta:
        unknown = EXCLUDE

    email = flag(True, required=True)
    in_app = flag(True, required=True)
    frequency = choice(FREQUENCIES)
    push = flag(False)
    sms = flag(False)


class Cap(View):
    """How much of a kind one sender may send to one person by mail; the rest is in the inbox."""

    sender = choice(["company", "platform"])
    a_day = number(1, 1000, 2)
    a_month = number(1, 10_000, 6)


class ChannelsView(View):
    """`required`: mails of this kind are sent in any case, `urgent`: in quiet hours, too."""

    email = flag(True, required=True)
    in_app = flag(True, required=True)
    frequency = choice(FREQUENCIES)
    push = flag(False)
    sms = flag(False)
    required = flag(False)
    urgent = flag(False)
    cap = fields.Nested(Cap, allow_none=True)


class QuietHours(Part):
    """From one local time of day to another, over midnight where the end is the earlier one."""

    start = clock("22:00", required=True)
    end = clock("07:00", required=True)

    @validates_schema
    def check(self, data: dict[str, object], **_: object) -> None:
        if data.get("start") == data.get("end"):
            raise ValidationError("The hours end when they begin.", "end")


class PreferencesIn(Request):
    """What is named is changed; `quiet_hours` of null ends them."""

    preferences = fields.Dict(
        keys=fields.String(validate=[KIND, validate.Length(max=100)]),
        values=fields.Nested(Channels),
        load_default=dict,
        validate=validate.Length(max=200),
        metadata={"example": {"application.selected": {"email": True, "in_app": True}}},
    )
    digest_hour = number(0, 23, 8, description="Of the person's own clock.")
    quiet_hours = fields.Nested(QuietHours, allow_none=True)


class ChannelState(View):
    """Whether a way reaches this person: `no-provider`, `hard-bounce` or `soft-bounce` if not."""

    available = flag(True, required=True)
    reason = string(0, 60, "hard-bounce", allow_none=True)
    since = moment(allow_none=True)


class Ways(View):
    """The channels, and whether each works."""

    in_app = fields.Nested(ChannelState)
    email = fields.Nested(ChannelState)
    push = fields.Nested(ChannelState)
    sms = fields.Nested(ChannelState)


class Preferences(View):
    id = identifier("acc-0199")
    version = fields.Integer(metadata={"example": 1})
    preferences = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(ChannelsView),
        required=True,
        metadata={"example": {"application.selected": {"email": True, "in_app": True}}},
    )
    channels = fields.Nested(Ways)
    digest_hour = number(0, 23, 8)
    quiet_hours = fields.Nested(QuietHours, allow_none=True)
    time_zone = string(1, 64, "Europe/Warsaw")


class Subscription(View):
    """What a link in a mail turns off; `on` tells whether it still comes."""

    kind = string(1, 100, "match.suggested", required=True)
    on = flag(False, required=True)
    title = string(1, 300, "These mails are off", required=True)
    text = string(1, 1000, "You get no more mails of this kind.", required=True)
    button = string(0, 100, "Turn them off")
    language = language()


class MailReportReceipt(View):
    """How many mails that came back were understood."""

    received = number(0, 1000, 1, required=True)


class EventQuery(PageQuery):
    """`after` is the `id` of an event that the reader has seen, or `newest`."""

    types = fields.String(
        validate=[
            validate.Length(1, 1000),
            Whole(r"^[a-z0-9.,-]+$", error="Event types, separated by commas."),
        ],
        metadata={
            "description": "Event types, separated by commas.",
            "example": "payout.paid.v1,hire-offer.extended.v1",
        },
    )


class LoggedEvent(View):
    """An event of the log; `id` is the cursor to ask for what follows it.

    `sequence`, its number in the log, is for operators alone.
    """

    sequence = fields.Integer(metadata={"example": 1042})
    id = identifier("0199b8c2-77aa-7c31-8d35-1f0b6a2c9e11", required=True)
    type = string(1, 100, "payout.paid.v1", required=True)
    source = string(1, 60, "payments", required=True)
    subject = string(1, 200, "escrow:eng-0199", required=True)
    time = moment(required=True)
    data = fields.Dict(required=True, metadata={"example": {"engagement_id": "eng-0199"}})
    correlation_id = string(0, 200, "req-0199", allow_none=True)
