"""What requests about hire offers and hires may say."""

from typing import Any

from marshmallow import fields, post_load
from marshmallow.validate import Length, OneOf, Regexp

from services.applications import domain
from services.applications.schemas.requests import Request, free_text, text, whole

# Codes, because a reason is announced to partners and must tell nothing about the person.
DECLINE_REASONS = ("other-offer", "pay", "timing", "location", "role", "personal", "other")
RESCIND_REASONS = ("position-cancelled", "budget", "position-filled", "conditions-not-met", "other")
END_REASONS = ("resigned", "dismissed", "contract-ended", "plans-changed", "no-start", "other")
PAY_PERIODS = ("hour", "month", "year", "project")
CURRENCY = Regexp(r"^[A-Z]{3}\Z", error="An ISO 4217 code such as USD.")


class OfferTerms(Request):
    """What the company changes of a drafted offer; nothing is required."""

    kind = fields.Str(validate=OneOf(domain.OFFER_KINDS))
    title = text(200, required=False)
    pay_amount = whole(0, 10**12)
    pay_currency = fields.Str(validate=CURRENCY)
    pay_period = fields.Str(validate=OneOf(PAY_PERIODS))
    valid_days = whole(1, 90)
    starts_on = fields.Date(allow_none=True)
    weekly_hours = whole(1, 60, allow_none=True)
    place = fields.Str(validate=Length(0, 200))
    note = fields.Str(validate=Length(0, 2000))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Any:
        day = data.get("starts_on")
        return {**data, "starts_on": day.isoformat()} if day else data


class NewOffer(OfferTerms):
    """All that an offer needs: nothing was drafted."""

    kind = fields.Str(required=True, validate=OneOf(domain.OFFER_KINDS))
    title = text(200)
    pay_amount = whole(0, 10**12, required=True)
    pay_currency = fields.Str(required=True, validate=CURRENCY)
    pay_period = fields.Str(required=True, validate=OneOf(PAY_PERIODS))
    valid_days = whole(1, 90, load_default=14)

    @post_load
    def build(self, data: dict[str, Any], **more: Any) -> domain.HireTerms:
        return domain.HireTerms(**super().build(data, **more))


class DeclineOffer(Request):
    reason = fields.Str(required=True, validate=OneOf(DECLINE_REASONS))


class RescindOffer(Request):
    reason = fields.Str(required=True, validate=OneOf(RESCIND_REASONS))


class StartOfHire(Request):
    started_on = fields.Date(required=True)


class EndOfHire(Request):
    reason = fields.Str(required=True, validate=OneOf(END_REASONS))


class CheckIn(Request):
    day = whole(1, 365, required=True)
    employed = fields.Bool(required=True, truthy={True}, falsy={False})
    rating = whole(1, 5, required=True)
    comment = free_text(2000)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> tuple[int, domain.CheckInAnswer]:
        return data.pop("day"), domain.CheckInAnswer(**data)
