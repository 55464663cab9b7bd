"""The shapes of what people ask and are shown besides the fee itself: cards, extras, reports."""

from collections.abc import Sequence
from typing import Any

from marshmallow import fields, validate

from services.payments.domain import Payer
from services.payments.domain.earnings import Earning, Year
from services.payments.domain.funding import FundingPlan, Offer
from services.payments.domain.sponsoring import Contribution, Standing
from services.payments.domain.statements import (
    BOUNCED,
    CHARGED,
    CONTESTED,
    PAYOUT,
    RECLAIMED,
    REFUNDED,
    SHARE,
    Line,
    Part,
)
from services.payments.schemas.base import AMOUNT, ID, MOST_UNITS, OfEngagement, Request
from services.payments.schemas.extras import situation_view
from services.payments.usecases.reports import Earnings, Receipt, Statement

NOTE = validate.Length(0, 200)
CARD = fields.String(load_default=None, allow_none=True, validate=ID)


class AddPaymentMethod(Request):
    token = fields.String(required=True, validate=validate.Length(1, 200))
    default = fields.Boolean(load_default=False)


class OfCard(Request):
    card_id = fields.String(required=True, validate=ID)


class ReleasePart(OfEngagement):
    amount = fields.Integer(required=True, strict=True, validate=AMOUNT)
    milestone = fields.String(load_default="", validate=NOTE)


class GrantBonus(OfEngagement):
    amount = fields.Integer(required=True, strict=True, validate=AMOUNT)
    note = fields.String(load_default="", validate=NOTE)
    payment_method_id = CARD


class AddToFee(OfEngagement):
    amount = fields.Integer(required=True, strict=True, validate=AMOUNT)
    reason = fields.String(required=True, validate=validate.Length(1, 200))
    payment_method_id = CARD


class AskRepayment(OfEngagement):
    amount = fields.Integer(required=True, strict=True, validate=AMOUNT)
    reason = fields.String(required=True, validate=validate.Length(1, 200))


class AnswerRepayment(OfEngagement):
    request_id = fields.String(required=True, validate=ID)
    agreed = fields.Boolean(required=True)


class SponsorOffer(Request):
    org_id = fields.String(required=True, validate=ID)
    cap_amount = fields.Integer(required=True, strict=True, validate=validate.Range(0, MOST_UNITS))
    share_percent = fields.Integer(required=True, strict=True, validate=validate.Range(0, 100))


class ProposeFunding(Request):
    project_id = fields.String(required=True, validate=ID)
    currency = fields.String(required=True, validate=validate.Regexp(r"\A[A-Z]{3}\Z"))
    payment_method_id = CARD
    sponsors = fields.List(fields.Nested(SponsorOffer), load_default=list)


class OfPlan(Request):
    plan_id = fields.String(required=True, validate=ID)


class AnswerFunding(OfPlan):
    agreed = fields.Boolean(required=True)


class Period(Request):
    period = fields.String(
        required=True,
        validate=validate.Regexp(r"\A20\d\d-(0[1-9]|1[0-2])\Z", error="A month such as 2026-11."),
    )


class OfYear(Request):
    year = fields.Integer(load_default=None, allow_none=True, strict=True)


class OfReceipt(OfEngagement):
    number = fields.Integer(required=True, validate=validate.Range(1, 10_000))


def offers(sponsors: list[dict[str, Any]]) -> list[Offer]:
    return [Offer(**sponsor) for sponsor in sponsors]


def cards_view(payer: Payer, *, simulated: bool) -> dict[str, Any]:
    """The saved cards, the default one first."""
    cards = sorted(payer.saved, key=lambda card: card != payer.card)
    items = [
        {"id": c.id, "brand": c.brand, "last4": c.last4, "default": c == payer.card} for c in cards
    ]
    return {"id": payer.id, "version": payer.version, "items": items, "simulated": simulated}


def plan_view(
    plan: FundingPlan, org_id: str | None, parts: Sequence[Contribution] = ()
) -> dict[str, Any]:
    """A sponsor sees its own part and no other's; nor whose card the company charges."""
    own = org_id == plan.org_id
    shown = [one for one in plan.sponsors if own or one.org_id == org_id]
    sponsors = [
        {
            "org_id": one.org_id,
            "cap_amount": one.cap_amount,
            "share_percent": one.share_percent,
            "used_amount": one.used,
            "status": {None: "proposed", True: "agreed", False: "declined"}[one.agreed],
        }
        for one in shown
    ]
    return {
        "id": plan.id,
        "version": plan.version,
        "project_id": plan.project_id,
        "org_id": plan.org_id,
        "currency": plan.currency,
        "payment_method_id": plan.card_id if own else None,
        "sponsors": sponsors,
        "charges": [contribution_view(part) for part in parts],
    }


def contribution_view(part: Contribution) -> dict[str, Any]:
    return {
        "engagement_id": part.engagement_id,
        "org_id": part.org_id,
        "amount": part.amount,
        "returned_amount": part.returned,
        "status": part.standing.value,
        "failure_code": part.code or None,
        "action_url": part.action_url or None,
        "confirm_by": part.confirm_by and part.confirm_by.isoformat(),
        "what": MEANING[part.standing],
    }


MEANING = {
    Standing.UNDER_WAY: "The card is being charged.",
    Standing.UNCONFIRMED: "The sponsor's bank wants it confirmed; until then no fee is held.",
    Standing.CHARGED: "It is held, or was paid out, as a part of the fee.",
    Standing.FAILED: "Nothing was charged; the company is asked to pay this part, too.",
}


def statement_view(statement: Statement, *, simulated: bool) -> dict[str, Any]:
    return {
        "org_id": statement.org_id,
        "period": statement.period,
        "begins_at": statement.begin.isoformat(),
        "ends_at": statement.end.isoformat(),
        "made_at": statement.made_at.isoformat(),
        "simulated": simulated,
        "currencies": [part_view(part) for part in statement.parts],
    }


def part_view(part: Part) -> dict[str, Any]:
    return {**sums_view(part), "lines": [line_view(line) for line in part.lines]}


def sums_view(part: Part) -> dict[str, Any]:
    """What the movements of each kind sum up to; what left is counted positive."""
    return {
        "currency": part.currency,
        "opening_amount": part.opening,
        "charged_amount": part.total(CHARGED),
        "payout_amount": -part.total(PAYOUT),
        "platform_fee_amount": -part.total(SHARE),
        "refunded_amount": -part.total(REFUNDED, BOUNCED),
        "reclaimed_amount": part.total(RECLAIMED),
        "chargeback_amount": -part.total(CONTESTED),
        "closing_amount": part.closing,
    }


def line_view(line: Line) -> dict[str, Any]:
    return {
        "at": line.at.isoformat(),
        "kind": line.kind,
        "text": line.text,
        "engagement_id": line.engagement_id,
        "project_id": line.project_id,
        "amount": line.amount,
        "currency": line.currency,
    }


def spend_view(statement: Statement, *, simulated: bool) -> dict[str, Any]:
    """A year's sums, all in all and for each project."""
    return {
        "org_id": statement.org_id,
        "year": int(statement.period),
        "simulated": simulated,
        "currencies": [
            {**sums_view(part), "projects": _projects(part)} for part in statement.parts
        ],
    }


def _projects(part: Part) -> list[dict[str, Any]]:
    of: dict[str, Part] = {}
    for line in part.lines:
        of.setdefault(line.project_id, Part(part.currency)).lines.append(line)
    return [{"project_id": id_, **sums_view(one)} for id_, one in sorted(of.items())]


def receipt_view(receipt: Receipt, *, simulated: bool) -> dict[str, Any]:
    charge, card = receipt.charge, receipt.card
    return {
        "id": f"{receipt.engagement_id}-{receipt.number}",
        "number": receipt.number,
        "engagement_id": receipt.engagement_id,
        "project_id": receipt.project_id,
        "org_id": receipt.org_id,
        "charged_at": (charge.changed_at or charge.created_at).isoformat(),
        "about": charge.purpose or "fee",
        "note": charge.reason,
        "amount": charge.amount,
        "currency": charge.currency,
        "card": f"{card.brand} ending in {card.last4}" if card else None,
        "processor_id": charge.bank_id,
        "simulated": simulated,
    }


def earnings_view(earnings: Earnings, *, simulated: bool) -> dict[str, Any]:
    account = earnings.account
    return {
        "account": situation_view(account) if account else None,
        "simulated": simulated,
        "currencies": [
            {
                "currency": total.currency,
                **_amounts(total),
                "engagements": [earning_view(one) for one in total.earnings],
            }
            for total in earnings.sums
        ],
        "years": [year_view(year) for year in earnings.years],
    }


def _amounts(of: Any) -> dict[str, int]:
    names = ("held", "owed", "on_its_way", "paid")
    return {f"{name}_amount": getattr(of, name) for name in names}


def earning_view(one: Earning) -> dict[str, Any]:
    return {
        "engagement_id": one.engagement_id,
        "project_id": one.project_id,
        **_amounts(one),
        "available_at": one.available_at and one.available_at.isoformat(),
        "paid_at": one.paid_at and one.paid_at.isoformat(),
        "why_not_yet": one.why or None,
    }


def year_view(year: Year) -> dict[str, Any]:
    threshold = year.threshold
    return {
        "year": year.year,
        "currency": year.currency,
        "paid_amount": year.paid,
        "taken_back_amount": year.taken_back,
        "net_amount": year.net,
        "payouts": year.payouts,
        "tax_form": {
            "state": year.state,
            "form": threshold.form if threshold else None,
            "threshold_amount": threshold.amount if threshold else None,
            "source": threshold.source if threshold else None,
        },
    }
