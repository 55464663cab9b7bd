"""The sandbox bank's charges and accounts: simulated funds, and what may be played with them."""

from services.gateway.schemas.base import (
    INT32,
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


class Confirmation(Request):
    """What the payer answers their bank (3-D Secure)."""

    confirmed = flag(True, required=True)


class PlayedChargeback(Request):
    """What the payer's bank does; an inquiry only asks, and moves nothing."""

    status = choice(["opened", "inquiry", "won", "lost"], required=True)


class AccountState(Request):
    """`active` finishes the onboarding; otherwise this is required, or a usual list."""

    status = choice(["active", "pending", "restricted"], required=True)
    requirements = texts(string(1, 100, "external_account"), 0, 20, load_default=list)
    reason = string(0, 100, "requirements.past_due", load_default="")


class PlayedPayout(Request):
    """With a failure code as Stripe names it, the owner's bank refuses it."""

    amount = money(23_760, required=True)
    failure_code = string(0, 100, "account_closed", load_default="")


class PlayedAdjustment(Request):
    """A movement of this reporting category; negative where it leaves."""

    kind = string(1, 60, "payout", required=True)
    amount = number(-INT32, INT32, -2_640, required=True)
    currency = iso_currency(required=True)


class SandboxCharge(View):
    id = identifier("ch_0199", required=True)
    engagement_id = identifier("eng-0199", required=True)
    status = choice(["succeeded", "failed", "requires-action"], required=True)
    amount = money(26_400, required=True)
    currency = iso_currency(required=True)
    failure_code = string(0, 100, "card-declined", allow_none=True)
    refunded_amount = money(0)
    chargeback_id = string(0, 100, "dp_0199", allow_none=True)
    chargeback_status = string(0, 60, "needs_response", allow_none=True)
    simulated = flag(True, required=True)


class SandboxPayout(View):
    id = identifier("po_0199", required=True)
    amount = money(23_760, required=True)
    status = choice(["paid", "failed"], required=True)
    failure_code = string(0, 100, "account_closed", allow_none=True)
    at = moment()


class SandboxAccount(View):
    id = identifier("acct_0199", required=True)
    status = choice(["active", "pending", "restricted"], required=True)
    country = string(2, 2, "US")
    currency = iso_currency()
    payouts_enabled = flag(True)
    requirements = texts(string(1, 100, "external_account"), 0, 100)
    disabled_reason = string(0, 100, "requirements.past_due", allow_none=True)
    payouts = listed(SandboxPayout)
    simulated = flag(True, required=True)


class SandboxAdjustment(View):
    id = string(1, 200, "call-0199", required=True)
    kind = string(1, 60, "payout", required=True)
    amount = number(-INT32, INT32, -2_640, required=True)
    currency = iso_currency(required=True)
    simulated = flag(True, required=True)
