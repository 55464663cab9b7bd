"""The inbox, preferences and the event log."""

from marshmallow import EXCLUDE, fields, validate

from services.gateway.schemas.base import (
    PageQuery,
    Part,
    Request,
    View,
    Whole,
    flag,
    identifier,
    moment,
    string,
)

KIND = Whole(r"^[a-z0-9-]+(\.[a-z0-9-]+)*$", error="Not a kind of message.")


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
    """What else an answer has in this place may be sent back, and changes nothing."""

    class Meta:
        unknown = EXCLUDE

    email = flag(True, required=True)
    in_app = flag(True, required=True)


class ChannelsView(View):
    """`required`: mails of this kind are sent in any case."""

    email = flag(True, required=True)
    in_app = flag(True, required=True)
    required = flag(False)


class PreferencesIn(Request):
    preferences = fields.Dict(
        keys=fields.String(validate=[KIND, validate.Length(max=100)]),
        values=fields.Nested(Channels),
        required=True,
        validate=validate.Length(max=100),
        metadata={"example": {"application.selected": {"email": True, "in_app": True}}},
    )


class Preferences(View):
    id = identifier("acc-0199")
    version = fields.Integer(metadata={"example": 1})
    preferences = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(ChannelsView),
        required=True,
        metadata={"example": {"application.selected": {"email": True, "in_app": True}}},
    )


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
