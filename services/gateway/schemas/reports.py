"""Statements, receipts and spending; earnings, and the totals of each year."""

from marshmallow import fields

from services.gateway.schemas.base import (
    Request,
    View,
    choice,
    flag,
    identifier,
    iso_currency,
    listed,
    moment,
    money,
    number,
    string,
    texts,
)

FAR = 2**53


def _signed(example: int) -> fields.Integer:
    return number(-FAR, FAR, example, required=True)


class StatementLine(View):
    """One movement of what is held; `amount` is negative where it leaves."""

    at = moment(required=True)
    kind = string(1, 60, "charged", required=True)
    text = string(1, 600, "Charged to a card and held", required=True)
    engagement_id = identifier("eng-0199", required=True)
    project_id = identifier("prj-0199", required=True)
    amount = _signed(26_400)
    currency = iso_currency(required=True)


class Totals(View):
    """What is held at the beginning and at the end, and what happened in between."""

    currency = iso_currency(required=True)
    opening_amount = _signed(0)
    charged_amount = _signed(26_400)
    payout_amount = _signed(23_760)
    platform_fee_amount = _signed(2_640)
    refunded_amount = _signed(0)
    reclaimed_amount = _signed(0)
    chargeback_amount = _signed(0)
    closing_amount = _signed(0)


class StatementPart(Totals):
    lines = listed(StatementLine, required=True)


class Statement(View):
    """A month in UTC; also as text/csv and application/pdf."""

    org_id = identifier("org-0199", required=True)
    period = string(7, 7, "2026-09", required=True)
    begins_at = moment("2026-09-01T00:00:00.000Z", required=True)
    ends_at = moment("2026-10-01T00:00:00.000Z", required=True)
    made_at = moment(required=True)
    simulated = flag(True)
    currencies = listed(StatementPart, required=True)


class YearQuery(Request):
    year = fields.Integer(
        load_default=None, metadata={"description": "This one by default.", "example": 2026}
    )


class ProjectSpend(Totals):
    project_id = identifier("prj-0199", required=True)


class CurrencySpend(Totals):
    projects = listed(ProjectSpend, required=True)


class Spend(View):
    """A calendar year in UTC."""

    org_id = identifier("org-0199", required=True)
    year = number(2020, 2099, 2026, required=True)
    simulated = flag(True)
    currencies = listed(CurrencySpend, required=True)


class Receipt(View):
    """One charge; also as application/pdf."""

    id = identifier("eng-0199-1", required=True)
    number = number(1, 10_000, 1, required=True)
    engagement_id = identifier("eng-0199", required=True)
    project_id = identifier("prj-0199", required=True)
    org_id = identifier("org-0199", required=True)
    charged_at = moment(required=True)
    about = choice(["fee", "bonus", "top-up"], required=True)
    note = string(0, 200, "")
    amount = money(26_400, required=True)
    currency = iso_currency(required=True)
    card = string(0, 100, "visa ending in 4242", allow_none=True)
    processor_id = string(0, 200, "ch_0199")
    simulated = flag(True)


class Receipts(View):
    items = listed(Receipt, required=True)


class Money(View):
    """After the platform's share: held until the work is accepted, owed, on its way, paid."""

    held_amount = money(0, required=True)
    owed_amount = money(0, required=True)
    on_its_way_amount = money(0, required=True)
    paid_amount = money(23_760, required=True)


class Earning(Money):
    engagement_id = identifier("eng-0199", required=True)
    project_id = identifier("prj-0199", required=True)
    available_at = moment(allow_none=True)
    paid_at = moment(allow_none=True)
    why_not_yet = string(0, 500, "Open a payout account.", allow_none=True)


class CurrencyEarnings(Money):
    currency = iso_currency(required=True)
    engagements = listed(Earning, required=True)


class TaxForm(View):
    """Whether a year's total reaches what a form is due from: data, and no advice."""

    state = choice(["none", "below", "reached"], required=True)
    form = string(0, 60, "1099-NEC", allow_none=True)
    threshold_amount = money(200_000, allow_none=True)
    source = string(0, 500, "26 U.S.C. 6041(a)", allow_none=True)


class YearTotal(View):
    """What arrived in a calendar year (UTC), less what was given back."""

    year = number(2020, 2099, 2026, required=True)
    currency = iso_currency(required=True)
    paid_amount = money(23_760, required=True)
    taken_back_amount = money(0, required=True)
    net_amount = _signed(23_760)
    payouts = number(0, 10**6, 1, required=True)
    tax_form = fields.Nested(TaxForm, required=True)


class AccountSituation(View):
    situation = string(0, 2000, "The account is complete: what you earn is sent to it.")
    missing = texts(string(0, 200, "your bank account"), 0, 100)
    requirements = texts(string(0, 200, "external_account"), 0, 100)
    payouts_enabled = flag(True)


class Earnings(View):
    account = fields.Nested(AccountSituation, allow_none=True)
    simulated = flag(True)
    currencies = listed(CurrencyEarnings, required=True)
    years = listed(YearTotal, required=True)
