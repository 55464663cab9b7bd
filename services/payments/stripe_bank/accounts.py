"""Cards that are kept and accounts that are paid, as Stripe has them."""

from typing import Any

import stripe
import structlog

from services.payments.domain import AccountStatus, BankAccount, Card
from services.payments.stripe_bank.refusals import code_of, slug
from shared.errors import Conflict, Invalid, StintError, Unavailable

log = structlog.get_logger(__name__)

# Where Express accounts are opened that only receive transfers; Stripe itself has the last word.
EUROPE = "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LI LT LU LV MT NL NO PL PT RO SE SI"
COUNTRIES = frozenset(f"{EUROPE} SK AE AU CA HK JP MX NZ SG TH US".split(" "))


def attach_card(client: stripe.StripeClient, key: str, token: str) -> Card:
    """Keep it with a customer of its own: a card without one can be charged only once.

    A token is a `tok_...`, or the `pm_...` that Stripe's form made of the card.
    """
    v1, method_id = client.v1, token
    if not token.startswith("pm_"):
        made = v1.payment_methods.create(
            {"type": "card", "card": {"token": token}}, {"idempotency_key": f"{key}:method"}
        )
        method_id = made.id
    customer = v1.customers.create(
        {"metadata": {"card_key": key}}, {"idempotency_key": f"{key}:customer"}
    )
    method = v1.payment_methods.attach(
        method_id, {"customer": customer.id}, {"idempotency_key": f"{key}:attach"}
    )
    if method.card is None:
        raise Invalid("token-unknown", "This is no card.", {"token": "not of a card"})
    return Card(method.id, method.card.brand, method.card.last4 or "")


def card_refusal(error: stripe.StripeError) -> StintError:
    """Why a card cannot be kept."""
    if isinstance(error, stripe.IdempotencyError):
        return Conflict("key-reused", "This request came before with another card.")
    if isinstance(error, stripe.CardError):
        code = slug(code_of(error)) or "card-declined"
        return Invalid(code, "The bank declined this card.", {"token": "declined"})
    if isinstance(error, stripe.InvalidRequestError):
        return Invalid("token-unknown", "The bank does not know this card.", {"token": "unknown"})
    log.warning("stripe-unanswered", error=type(error).__name__, request_id=error.request_id)
    return Unavailable("bank-unavailable", "The bank does not answer; try again later.")


def account_refusal(error: stripe.InvalidRequestError) -> StintError:
    log.warning("stripe-refused", code=error.code, request_id=error.request_id, message=str(error))
    refused = {"country": "refused by the bank"}
    return Invalid("account-refused", "The bank opens no account for this.", refused)


def standing(account: stripe.Account) -> BankAccount:
    """Money can be sent to it when its transfers are active, whatever else is still asked for."""
    known: dict[str, Any] = account.to_dict()
    asked = known.get("requirements") or {}
    due = [*(asked.get("past_due") or ()), *(asked.get("currently_due") or ())]
    return BankAccount(
        id=account.id,
        currency=(known.get("default_currency") or "").upper(),
        status=_status(known, asked),
        payouts_enabled=bool(known.get("payouts_enabled")),
        requirements=tuple(dict.fromkeys(due)),
        disabled_reason=slug(asked.get("disabled_reason") or ""),
    )


def _status(known: dict[str, Any], asked: dict[str, Any]) -> AccountStatus:
    """Until the candidate has filled in the form it is pending, even though Stripe disables it."""
    if (known.get("capabilities") or {}).get("transfers") == "active":
        return AccountStatus.ACTIVE
    if known.get("details_submitted") and asked.get("disabled_reason"):
        return AccountStatus.RESTRICTED
    return AccountStatus.PENDING
