"""Partners, their endpoints, what was sent to them, and what they may read."""

from marshmallow import ValidationError, fields, validate, validates_schema

from services.gateway.schemas.base import (
    PageQuery,
    Request,
    View,
    Whole,
    called,
    choice,
    flag,
    identifier,
    listed,
    moment,
    number,
    string,
    texts,
)

STANDING = ["active", "disabled"]
OUTCOMES = ["pending", "delivered", "failed", "skipped"]
KIND = Whole(r"^[a-z]+(-[a-z]+)*\.[a-z]+\.v[1-9]$", error="Not a type such as payout.paid.v1.")
EXAMPLE_ID = "1f4f1f38-31b4-5f0f-9f4e-3f9a3c7d1b55"
URL = "https://hooks.example.com/stint"


def kinds(**options: object) -> fields.List:
    """Types of public events; none is all of them."""
    inner = fields.String(
        validate=[KIND, validate.Length(max=100)], metadata={"example": "engagement.completed.v1"}
    )
    return texts(inner, 0, 100, **options)


class NewPartner(Request):
    """`kinds` are the types of events that it hears of; none is all of them."""

    name = called(1, 100, "Our applicant tracking", required=True)
    kinds = kinds(load_default=list)


class PartnerChange(Request):
    """While it is disabled nothing is kept for it or sent to it."""

    name = called(1, 100, "Our applicant tracking")
    kinds = kinds()
    status = choice(STANDING)

    @validates_schema
    def check(self, data: dict[str, object], **_: object) -> None:
        if not data:
            raise ValidationError("Nothing is changed.")


class NewEndpoint(Request):
    """Events are posted to `url`, https only; nothing is sent into private networks."""

    url = string(8, 500, URL, required=True)
    kinds = kinds(load_default=list)


class EndpointChange(Request):
    """`active` enables it again; replay what it has missed."""

    url = string(8, 500, URL)
    kinds = kinds()
    status = choice(STANDING)

    @validates_schema
    def check(self, data: dict[str, object], **_: object) -> None:
        if not data:
            raise ValidationError("Nothing is changed.")


class Rotation(Request):
    """For `overlap_hours` both secrets sign; with 0 the old one is worth nothing at once."""

    overlap_hours = number(0, 168, 24, load_default=24)


class ReplayRange(Request):
    """Either by sequence, both ends included, or by the time at which events were kept."""

    from_sequence = number(1, 2**31 - 1, 100)
    to_sequence = number(1, 2**31 - 1, 200)
    since = moment()
    until = moment()


class EndpointSecret(View):
    """When it was made and until when it signs beside a newer one; never the secret itself."""

    id = identifier("sec-0199", required=True)
    created_at = moment(required=True)
    expires_at = moment(allow_none=True)


class Endpoint(View):
    """`reason` says why it is disabled: `owner`, `failing` or `gone`."""

    id = identifier("end-0199", required=True)
    partner_id = identifier("par-0199", required=True)
    url = string(8, 500, URL, required=True)
    kinds = kinds(required=True)
    status = choice([*STANDING, "removed"], required=True)
    reason = string(0, 60, "failing", allow_none=True)
    created_at = moment(required=True)
    failing_since = moment(allow_none=True)
    secrets = listed(EndpointSecret, required=True)


class ShownEndpoint(Endpoint):
    """`secret` is shown this once. It verifies what is posted: see docs/partners.md."""

    secret = string(1, 100, "whsec_Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgc2VjcmV0", required=True)


class Partner(View):
    id = identifier("par-0199", required=True)
    version = number(1, 10**9, 1)
    name = string(1, 100, "Our applicant tracking", required=True)
    org_id = identifier("org-0199", allow_none=True)
    account_id = identifier("acc-0199", allow_none=True)
    kinds = kinds(required=True)
    status = choice(STANDING, required=True)
    created_at = moment(required=True)
    endpoints = listed(Endpoint, required=True)


class Attempt(View):
    """`code` says why there was no answer; `answer` is its beginning, without secrets."""

    at = moment(required=True)
    attempt = number(1, 100, 1, required=True)
    status = number(100, 599, 503, allow_none=True)
    code = string(0, 60, "timeout", allow_none=True)
    ms = number(0, 10**6, 182, required=True)
    answer = string(0, 500, "Try again later")


class Delivery(View):
    """One event on its way to one endpoint, and the last of its attempts."""

    id = identifier(EXAMPLE_ID, required=True)
    endpoint_id = identifier("end-0199", required=True)
    event_id = identifier(EXAMPLE_ID, required=True)
    type = string(1, 100, "engagement.completed.v1", required=True)
    sequence = number(1, 2**31 - 1, 42, allow_none=True)
    status = choice(OUTCOMES, required=True)
    attempts = number(0, 100, 1, required=True)
    replay = flag(False)
    created_at = moment(required=True)
    next_attempt_at = moment(allow_none=True)
    log = listed(Attempt, required=True)


class DeliveryQuery(PageQuery):
    status = choice(OUTCOMES, description="Those that stand like this.")


class Replayed(View):
    """`next_sequence` is where to go on where there are more than one request takes."""

    scheduled = number(0, 500, 101, required=True)
    next_sequence = number(1, 2**31 - 1, 601, allow_none=True)


class PartnerEventQuery(PageQuery):
    """`after` is the `next` of any page, or `newest`."""

    type = fields.String(
        load_default=None,
        validate=[
            validate.Length(1, 1000),
            Whole(r"^[a-z0-9.,-]+$", error="Event types, separated by commas."),
        ],
        metadata={
            "description": "Event types, separated by commas.",
            "example": "engagement.completed.v1,payout.paid.v1",
        },
    )


class PartnerEvent(View):
    """CloudEvents 1.0, the same by every way; `sequence` counts up by one, without gaps."""

    specversion = string(1, 5, "1.0", required=True)
    id = identifier(EXAMPLE_ID, required=True)
    source = string(1, 60, "stint", required=True)
    type = string(1, 100, "engagement.completed.v1", required=True)
    subject = string(1, 200, "engagement:eng-0199", required=True)
    time = moment(required=True)
    datacontenttype = string(1, 60, "application/json")
    dataschema = string(1, 200, "stint:public:engagement.completed.v1")
    partnerid = identifier("par-0199", required=True)
    sequence = string(12, 12, "000000000042", required=True)
    data = fields.Dict(required=True, metadata={"example": {"engagement_id": "eng-0199"}})


class PartnerEventPage(View):
    """`next` is there on every page: ask with it again, at once while there is `more`."""

    items = listed(PartnerEvent, required=True)
    next = string(1, 1000, "NDJ8cGFyLTAxOTk", required=True)
    more = flag(False, required=True)
