"""What people play at the sandbox bank's door."""

from marshmallow import fields, validate

from services.payments.domain import AccountStatus
from services.payments.schemas.base import AMOUNT, MOST_UNITS, Request

CATEGORY = validate.Regexp(r"\A[a-z]+(_[a-z]+)*\Z", error="Lower-case words joined by low lines.")
SHORT = validate.Length(0, 100)


class Confirmation(Request):
    confirmed = fields.Boolean(required=True, truthy={True}, falsy={False})


class PlayedChargeback(Request):
    status = fields.String(
        required=True, validate=validate.OneOf(["opened", "inquiry", "won", "lost"])
    )


class AccountState(Request):
    status = fields.String(
        required=True, validate=validate.OneOf([status.value for status in AccountStatus])
    )
    requirements = fields.List(
        fields.String(validate=validate.Length(1, 100)),
        load_default=list,
        validate=validate.Length(0, 20),
    )
    reason = fields.String(load_default="", validate=SHORT)


class PlayedPayout(Request):
    amount = fields.Integer(required=True, strict=True, validate=AMOUNT)
    failure_code = fields.String(load_default="", validate=[SHORT])


class PlayedAdjustment(Request):
    """`amount` is negative where it leaves the platform's balance."""

    kind = fields.String(required=True, validate=[CATEGORY, validate.Length(1, 60)])
    amount = fields.Integer(
        required=True, strict=True, validate=validate.Range(-MOST_UNITS, MOST_UNITS)
    )
    currency = fields.String(
        required=True, validate=validate.Regexp(r"\A[A-Z]{3}\Z", error="Three capital letters.")
    )
