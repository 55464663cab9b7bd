"""Cards, payout accounts, held funds, disputes and the ledger."""

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
)


class CardToken(Request):
    """A card as the processor's form hands it out; card numbers never come here."""

    token = string(3, 200, "tok_visa", required=True)


class PaymentMethod(View):
    id = identifier("org-0199", required=True)
    version = number(1, 10**9, 1)
    brand = string(0, 60, "visa")
    last4 = string(0, 4, "4242")
    status = string(1, 60, "active", required=True)


class PayoutCountry(Request):
    country = string(2, 2, "US", required=True, description="ISO 3166-1 alpha-2.")


class PayoutAccount(View):
    id = identifier("acc-0199", required=True)
    version = number(1, 10**9, 1)
    status = choice(["active", "pending", "restricted"], required=True)
    currency = iso_currency(allow_none=True)
    simulated = flag(True)


class RefundOrder(Request):
    """Without an amount, all that is held."""

    amount = money(26_400, allow_none=True)
    reason = string(2, 500, "Agreed with both sides.", required=True)


class DisputeIn(Request):
    reason = string(2, 100, "work-not-as-agreed", required=True)
    detail = string(0, 4000, "Half of the rows are missing.", load_default="")


class DisputeDecision(Request):
    """The two amounts together are what is held."""

    released_amount = money(13_200, required=True)
    refunded_amount = money(13_200, required=True)


class Dispute(View):
    dispute_id = identifier("dsp-0199")
    reason = string(0, 100, "work-not-as-agreed")
    detail = string(0, 4000, "Half of the rows are missing.")
    opened_at = moment(allow_none=True)
    resolved_at = moment(allow_none=True)
    outcome = string(0, 60, "split", allow_none=True)


class Posting(View):
    account = string(1, 200, "held-funds")
    amount = number(-(2**53), 2**53, 26_400)
    currency = iso_currency()


class Entry(View):
    id = string(1, 200, "eng-0199:charge:1")
    kind = string(0, 60, "charge")
    postings = listed(Posting)
    created_at = moment(allow_none=True)


class Escrow(View):
    """The fee of one engagement, in minor units, and where it is."""

    id = identifier("eng-0199", required=True)
    version = number(1, 10**9, 3, required=True)
    engagement_id = identifier("eng-0199", required=True)
    project_id = identifier("prj-0199")
    org_id = identifier("org-0199")
    candidate_id = identifier("acc-0199")
    status = choice(
        ["funded", "pending", "failed", "released", "paid", "refunded", "disputed"], required=True
    )
    amount = money(26_400, required=True)
    currency = iso_currency(required=True)
    platform_fee_amount = money(2_640)
    payout_amount = money(23_760)
    held_amount = money(26_400)
    released_amount = money(0)
    refunded_amount = money(0)
    paid_amount = money(0)
    failure_code = string(0, 100, "card-declined", allow_none=True)
    dispute = fields.Nested(Dispute, allow_none=True)
    simulated = flag(True)
    entries = listed(Entry, allow_none=True)


class HookReceipt(View):
    """The notice is kept: it need not be sent again."""

    id = string(1, 255, "evt_0199", required=True)
    received = flag(True)


class AccountBalance(View):
    account = string(1, 200, "held-funds", required=True)
    currency = iso_currency(required=True)
    balance = number(-(2**53), 2**53, 26_400, required=True)


class CurrencySum(View):
    currency = iso_currency(required=True)
    total = number(-(2**53), 2**53, 0, required=True)


class TrialBalance(View):
    """Every ledger account; the sums are zero."""

    accounts = listed(AccountBalance, required=True)
    sums = listed(CurrencySum, required=True)
