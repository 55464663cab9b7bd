"""What callers may send about partners, endpoints and what was sent to them."""

from typing import Any

from marshmallow import fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from services.notifications.partners.domain.delivery import Outcome
from services.notifications.partners.domain.partner import Status
from services.notifications.schemas import Asked, Page, Text, read

LONGEST_OVERLAP = 168  # hours


def _kinds(**options: Any) -> fields.List:
    return fields.List(fields.Str(validate=Text), validate=validate.Length(max=100), **options)


class PartnerInput(Asked):
    name = fields.Str(required=True, validate=validate.Length(1, 100))
    kinds = _kinds(load_default=list)


class Standing(Asked):
    status = fields.Enum(Status, by_value=True, load_default=None)

    @validates_schema
    def _nobody_says_removed(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("status") is Status.REMOVED:
            raise ValidationError({"status": ["Remove it by DELETE."]})


class PartnerChanges(Standing):
    name = fields.Str(load_default=None, validate=validate.Length(1, 100))
    kinds = _kinds(load_default=None)


class EndpointInput(Asked):
    url = fields.Str(required=True, validate=validate.Length(1, 500))
    kinds = _kinds(load_default=list)


class EndpointChanges(Standing):
    url = fields.Str(load_default=None, validate=validate.Length(1, 500))
    kinds = _kinds(load_default=None)


class Rotation(Asked):
    overlap_hours = fields.Int(
        load_default=24, strict=True, validate=validate.Range(0, LONGEST_OVERLAP)
    )


class ReplayRange(Asked):
    """By sequence, both included, or by the time at which events were kept, the end excluded."""

    from_sequence = fields.Int(load_default=None, strict=True, validate=validate.Range(1, 2**53))
    to_sequence = fields.Int(load_default=None, strict=True, validate=validate.Range(1, 2**53))
    since = fields.AwareDateTime(load_default=None)
    until = fields.AwareDateTime(load_default=None)

    @validates_schema
    def _begins_somewhere_by_one_measure(self, data: dict[str, Any], **_: Any) -> None:
        by_number = data["from_sequence"] or data["to_sequence"]
        by_time = data["since"] or data["until"]
        begins = (data["from_sequence"] is None) != (data["since"] is None)
        if not begins or (by_number and by_time):
            raise ValidationError("Name from_sequence, or since, and the end in the same way.")


class DeliveryPage(Page):
    status = fields.Enum(Outcome, by_value=True, load_default=None)


class PublicEventPage(Page):
    types = fields.List(fields.Str(validate=Text), load_default=list)


__all__ = [
    "DeliveryPage",
    "EndpointChanges",
    "EndpointInput",
    "Page",
    "PartnerChanges",
    "PartnerInput",
    "PublicEventPage",
    "ReplayRange",
    "Rotation",
    "read",
]
