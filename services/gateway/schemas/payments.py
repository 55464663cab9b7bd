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
    texts,
)

STATUSES = ["funded", "pending", "failed", "released", "paid", "refunded", "disputed", "frozen"]


class CardToken(Request):
    """A card as the processor's form hands it out; card numbers never come here."""

    token = string(3, 200, "tok_visa", required=True)


class PaymentMethod(View):
    id = identifier("org-0199", required=True)
    version = number(1, 10**9, 1)
    brand = string(0, 60, "visa")
    last4 = string(0, 4, "4242")
    status = string(1, 60, "active", required=True)
    simulated = flag(True)


class PayoutCountry(Request):
    country = string(2, 2, "US", required=True, description="ISO 3166-1 alpha-2.")


class PayoutAccount(View):
    id = identifier("acc-0199", required=True)
    version = number(1, 10**9, 1)
    status = choice(["active", "pending", "restricted"], required=True)
    currency = iso_currency(allow_none=True)
    situation = string(0, 2000, "The account is complete: what you earn is sent to it.")
    missing = texts(string(0, 200, "your bank account"), 0, 100)
    requirements = texts(string(0, 200, "external_account"), 0, 100)
    payouts_enabled = flag(True)
    simulated = flag(True)


class RefundOrder(Request):
    """Without an amount, all that is held."""

    amount = money(26_400, allow_none=True)
    reason = string(2, 500, "Agreed with both sides.", required=True)


class Dispute(View):
    """The newest dispute in short; `GET .../disputes` has the record."""

    dispute_id = identifier("dsp-0199")
    reason = string(0, 100, "work-not-as-agreed")
    detail = string(0, 5000, "Half of the rows are missing.")
    step = string(1, 60, "negotiating")
    due_at = moment(allow_none=True)
    opened_at = moment(allow_none=True)
    resolved_at = moment(allow_none=True)
    outcome = string(0, 60, "split", allow_none=True)


class Approval(View):
    """What one operator wants to move and another one has to agree to."""

    approval_id = identifier("c-0199", required=True)
    engagement_id = identifier("eng-0199", required=True)
    kind = choice(["refund", "decision"], required=True)
    amount = money(126_400, required=True)
    released_amount = money(0)
    refunded_amount = money(126_400)
    currency = iso_currency(required=True)
    reason = string(0, 5000, "Agreed with both sides.")
    asked_by = identifier("acc-0199")
    asked_at = moment()
    state = choice(["waiting", "approved", "rejected"])


class Posting(View):
    account = string(1, 200, "held-funds")
    amount = number(-(2**53), 2**53, 26_400)
    currency = iso_currency()


class Entry(View):
    id = string(1, 200, "eng-0199:charge:1")
    kind = string(0, 60, "charge")
    postings = listed(Posting)
    created_at = moment(allow_none=True)


class Charge(View):
    """What somebody paid; `org_id` is the company's, or a sponsor's."""

    org_id = identifier("org-0199")
    about = choice(["fee", "bonus", "top-up"])
    amount = money(26_400)


class Unconfirmed(View):
    """What a payer's bank wants confirmed; it fails where nobody does until `confirm_by`."""

    org_id = identifier("org-0200")
    about = choice(["fee", "bonus", "top-up"])
    amount = money(13_200)
    confirm_by = moment()


class Refund(View):
    """Money that went back to a card; `failed` after it had been sent, it is owed until it is sent
    again. `org_id` is whose card it is."""

    number = number(1, 10_000, 1, required=True)
    org_id = identifier("org-0199", required=True)
    amount = money(5_000, required=True)
    currency = iso_currency(required=True)
    status = choice(["under-way", "sent", "failed", "resent", "settled", "refused"], required=True)
    failure_code = string(0, 100, "lost-or-stolen-card", allow_none=True)
    decided_at = moment()
    failed_at = moment(allow_none=True)
    what = string(0, 300, "It was given back to the card.")


class Refunds(View):
    items = listed(Refund, required=True)


class Repayment(View):
    """What the company asks back; without an answer until `answer_by` it is a no."""

    request_id = identifier("rpy-0199")
    amount = money(5_000)
    reason = string(0, 200, "A part was done by somebody else.")
    asked_at = moment()
    answer_by = moment()
    agreed = flag(True, allow_none=True)
    answered_at = moment(allow_none=True)


class Escrow(View):
    """The fee of one engagement, in minor units, and where it is."""

    id = identifier("eng-0199", required=True)
    version = number(1, 10**9, 3, required=True)
    engagement_id = identifier("eng-0199", required=True)
    project_id = identifier("prj-0199")
    org_id = identifier("org-0199")
    candidate_id = identifier("acc-0199")
    status = choice(STATUSES, required=True)
    amount = money(26_400, required=True)
    currency = iso_currency(required=True)
    platform_fee_amount = money(2_640)
    payout_amount = money(23_760)
    held_amount = money(26_400)
    released_amount = money(0)
    refunded_amount = money(0)
    paid_amount = money(0)
    lost_amount = money(0, description="What chargebacks took out of it.")
    owed_amount = money(0)
    available_at = moment(allow_none=True)
    charges = listed(Charge)
    unconfirmed = listed(Unconfirmed)
    refunds = listed(Refund)
    repayments = listed(Repayment)
    failure_code = string(0, 100, "card-declined", allow_none=True)
    action_url = string(
        0,
        2000,
        "https://pay.example/confirm/0199",
        allow_none=True,
        description="Where the company confirms a charge; a sponsor reads its own in the plan.",
    )
    dispute = fields.Nested(Dispute, allow_none=True)
    simulated = flag(True)
    entries = listed(Entry, allow_none=True)
    approvals = listed(Approval)


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
    simulated = flag(True)


class LedgerQuery(Request):
    days = number(1, 3660, 90, load_default=90, description="How far back is looked.")
    limit = number(1, 500, 50, load_default=50, description="At most so many entries.")


class LedgerEntry(Entry):
    """`reverses` is the entry that it undoes, `about` what a correction is for, `by` and `reason`
    who has explained a difference, and how."""

    currency = iso_currency()
    engagement_id = string(0, 200, "eng-0199")
    bank_id = string(0, 200, "ch_0199")
    reverses = string(0, 300, "")
    about = string(0, 300, "")
    pair = string(0, 300, "")
    by = string(0, 200, "")
    reason = string(0, 1000, "")


class LedgerAccount(View):
    """An account of the chart, its balances, and the latest entries on it."""

    account = string(1, 200, "held_funds:eng-0199", required=True)
    nature = choice(["asset", "liability", "equity", "revenue", "expense"], required=True)
    side = choice(["debit", "credit"], required=True)
    about = string(0, 200, "Held for an engagement.")
    balances = listed(AccountBalance)
    entries = listed(LedgerEntry, required=True)


class BreakAmount(View):
    currency = iso_currency(required=True)
    amount = number(-(2**53), 2**53, -405, required=True)


class Break(View):
    """A difference; `amounts` are what the processor has more than the books had."""

    kind = string(1, 60, "missing_in_ledger", required=True)
    ref = string(1, 300, "eng-0199:refund:1", required=True)
    engagement_id = string(0, 200, "eng-0199")
    since = moment()
    settled = flag(False)
    amounts = listed(BreakAmount)


class CurrencyComparison(View):
    currency = iso_currency(required=True)
    ledger = number(-(2**53), 2**53, 26_400)
    feed = number(-(2**53), 2**53, 26_400)
    processor = number(-(2**53), 2**53, 26_400)
    late = number(-(2**53), 2**53, 0)
    owed = number(-(2**53), 2**53, 26_400)
    suspense = number(-(2**53), 2**53, 0)
    short = number(0, 2**53, 0)
    agree = flag(True)


class LedgerReport(View):
    """What a recomputation or a comparison with the processor found."""

    kind = choice(["check", "reconcile"], required=True)
    began_at = moment(required=True)
    sound = flag(True, required=True)
    entries = number(0, 2**53, 3)
    escrows = number(0, 2**53, 1)
    count = number(0, 2**53, 0, description="All differences; not all of them are listed.")
    differences = fields.List(string(1, 1000, "the trial balance in USD is 1"))
    processor = string(1, 60, "sandbox")
    activities = number(0, 2**53, 3)
    compared = number(0, 2**53, 3)
    breaks = listed(Break)
    currencies = listed(CurrencyComparison)
