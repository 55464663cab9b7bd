"""Disputes: what the sides and operators send, and the record as it is read."""

from marshmallow import fields

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
    texts,
)
from services.gateway.schemas.files import FileReference
from services.gateway.schemas.payments import STATUSES

STEPS = ["negotiating", "awaiting-response", "awaiting-decision", "appealable", "appealed", "final"]
ACTS = ["offer", "opened", "statement", "acceptance", "escalation", "decision", "appeal"]
SIDES = ["company", "candidate"]
BASES = ["agreement", "decision", "appeal", "silence", "withdrawal", "chargeback"]


def evidence() -> fields.List:
    """Files that one has uploaded: both sides and operators may then fetch them."""
    return texts(identifier("fil-0199"), 0, 10, load_default=list)


class DisputeIn(Request):
    """`detail` says what happened. Without amounts one asks for all that is held."""

    reason = string(2, 50, "work-not-as-agreed", required=True)
    detail = string(0, 5000, "Half of the rows are missing.", load_default="")
    file_ids = evidence()
    released_amount = money(13_200, allow_none=True, load_default=None)
    refunded_amount = money(13_200, allow_none=True, load_default=None)


class DisputeStatement(Request):
    text = string(1, 5000, "All rows of the agreed columns are there.", required=True)
    file_ids = evidence()


class SplitOffer(Request):
    """The two amounts together are what is held; the platform keeps its share of the first."""

    released_amount = money(15_840, required=True)
    refunded_amount = money(10_560, required=True)
    text = string(0, 5000, "For the part that can be used.", load_default="")


class OfferChoice(Request):
    offer_id = identifier("pst-0199", required=True)


class DisputeDecision(Request):
    """The two amounts together are what is held; the reasons are for both sides to read."""

    released_amount = money(15_840, required=True)
    refunded_amount = money(10_560, required=True)
    reasons = string(1, 5000, "Three of five columns meet the criteria.", required=True)


class DisputePost(View):
    """A line of the record, which is never changed."""

    post_id = identifier("pst-0199", required=True)
    act = choice([*ACTS, "waiver", "withdrawal"], required=True)
    by = choice([*SIDES, "operator", "silence"], required=True)
    person_id = identifier("acc-0199", description="For operators.")
    at = moment(required=True)
    text = string(0, 5000, "For the part that can be used.")
    files = listed(FileReference)
    released_amount = money(15_840)
    refunded_amount = money(10_560)


class DisputeRule(View):
    """Who has how many business days for what, and what follows from silence."""

    step = string(1, 100, "answer", required=True)
    who = string(1, 100, "the other side", required=True)
    days = number(1, 90, 5, required=True)
    silence = string(1, 200, "what the opener asks for is decided", required=True)


class Amounts(View):
    released_amount = money(15_840, required=True)
    refunded_amount = money(10_560, required=True)


class DisputeRecord(View):
    dispute_id = identifier("dsp-0199", required=True)
    engagement_id = identifier("eng-0199", required=True)
    opened_by = choice(SIDES, required=True)
    reason = string(1, 100, "work-not-as-agreed", required=True)
    amount = money(26_400, required=True)
    currency = iso_currency(required=True)
    opened_at = moment(required=True)
    step = choice(STEPS, required=True)
    due_at = moment(allow_none=True, description="Until when whoever has the turn has to act.")
    waits_for = choice([*SIDES, "operator"], allow_none=True)
    offer_id = identifier("pst-0199", allow_none=True, description="The offer that stands.")
    decided = fields.Nested(Amounts, allow_none=True)
    basis = choice(BASES, allow_none=True)
    waived = texts(choice(SIDES), 0, 2)
    resolved_at = moment(allow_none=True)
    outcome = choice(["split", "released", "refunded", "withdrawn"], allow_none=True)
    released_amount = money(15_840, allow_none=True)
    refunded_amount = money(10_560, allow_none=True)
    rules = listed(DisputeRule, required=True)
    posts = listed(DisputePost, required=True)


class Disputes(View):
    """The newest dispute first."""

    id = identifier("eng-0199", required=True)
    version = number(1, 10**9, 5, required=True)
    status = choice(STATUSES, required=True)
    currency = iso_currency(required=True)
    items = listed(DisputeRecord, required=True)
    simulated = flag(True)


class OpenDisputes(Paged):
    items = listed(DisputeRecord, required=True)
    simulated = flag(True)
