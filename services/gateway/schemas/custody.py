"""What operators send about held money and are shown of it."""

from services.gateway.schemas.base import (
    Paged,
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
)
from services.gateway.schemas.payments import STATUSES, Approval


class MoneyReason(Request):
    reason = string(2, 500, "The card was reported as stolen.", required=True)


class ChargebackEvidence(Request):
    evidence = string(2, 20_000, "The work was accepted on 3 March; see the record.", required=True)


class HeldFunds(View):
    engagement_id = identifier("eng-0199", required=True)
    status = choice(STATUSES, required=True)
    currency = iso_currency(required=True)
    held_amount = money(26_400, required=True)
    held_since = moment(allow_none=True)
    days = number(0, 10_000, 61, required=True)
    limit_at = moment(allow_none=True, description="When a bank may forbid to hold it longer.")
    frozen = flag(False, required=True)
    freeze_reason = string(0, 500, "The card was reported as stolen.", allow_none=True)


class AllHeldFunds(Paged):
    items = listed(HeldFunds, required=True)
    simulated = flag(True)


class Approvals(Paged):
    items = listed(Approval, required=True)
    simulated = flag(True)


class Chargeback(View):
    chargeback_id = identifier("dp_0199", required=True)
    engagement_id = identifier("eng-0199", required=True)
    amount = money(26_400, required=True)
    taken_amount = money(0)
    currency = iso_currency(required=True)
    state = choice(["opened", "won", "lost"], required=True)
    opened_at = moment(required=True)
    closed_at = moment(allow_none=True)
    submitted_at = moment(allow_none=True)


class Chargebacks(Paged):
    items = listed(Chargeback, required=True)
    simulated = flag(True)
