"""Figures of hiring, and what each of them means."""

from marshmallow import fields

from services.gateway.schemas.base import (
    Request,
    View,
    choice,
    day,
    identifier,
    iso_currency,
    listed,
    moment,
    number,
    string,
)

UNITS = ["percent", "days", "minor-units"]


class Days(Request):
    """Whole days in UTC, the last one included; the past 365 days where nothing is said."""

    since = day("2026-01-01", allow_none=True, description="The first day.")
    until = day("2026-12-31", allow_none=True, description="The last day.")


class Figure(View):
    """`numerator` and `denominator` are exact; `value` is null where there is nothing to count."""

    name = string(1, 60, "conversion", required=True)
    definition = string(1, 500, "Hire offers accepted, among the engagements completed.")
    unit = choice(UNITS, required=True)
    value = fields.Float(required=True, allow_none=True, metadata={"example": 40.0})
    numerator = number(0, 10**18, 2, allow_none=True)
    denominator = number(0, 10**12, 5, required=True)
    currency = iso_currency(allow_none=True)


class Metrics(View):
    org_id = identifier("org-0199", required=True, allow_none=True)
    since = moment(required=True)
    until = moment(required=True)
    figures = listed(Figure, required=True)
