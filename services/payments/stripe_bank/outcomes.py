"""What Stripe's objects say about an operation; states that are new to us are not known ones."""

from typing import Any

import stripe
import structlog

from services.payments.domain import Kind, Operation, Outcome, State
from services.payments.domain.operations import UNCONFIRMED
from services.payments.stripe_bank import chargebacks
from services.payments.stripe_bank.refusals import slug
from shared.errors import Conflict
from shared.money import exponent

log = structlog.get_logger(__name__)

PROCESSING = "processing"
# Stripe counts these in other units than ISO does: two decimals of ISK and UGX, none of MGA.
OTHER_UNITS = {"ISK", "UGX", "MGA"}
MOST_PLACES = 2  # Of three it takes whole tens only, which a share of a fee seldom is.


def of(found: Any, kind: Kind = Kind.CHARGE) -> Outcome:
    """What one of these objects says of an operation of this kind."""
    if isinstance(found, stripe.Dispute):
        return chargebacks.outcome(found, kind)
    if isinstance(found, stripe.PaymentIntent):
        return of_intent(found)
    if isinstance(found, stripe.Charge):
        return of_charge(found)
    if isinstance(found, stripe.Refund):
        return of_refund(found)
    return Outcome(State.SUCCEEDED, found.id)  # A transfer that was reversed was made all the same.


def of_intent(intent: stripe.PaymentIntent) -> Outcome:
    """Expects its charge, and the charge's balance transaction, expanded."""
    if intent.status == "succeeded" and isinstance(intent.latest_charge, stripe.Charge):
        return of_charge(intent.latest_charge)
    if intent.status == "requires_action":
        return Outcome(State.ACTION, intent.id, action_url=_where(intent))
    if intent.status == "requires_payment_method":
        return Outcome(State.FAILED, intent.id, _why(intent.last_payment_error))
    if intent.status == "canceled":
        return Outcome(State.FAILED, intent.id, UNCONFIRMED)
    return Outcome(State.UNKNOWN, intent.id, PROCESSING)


def of_charge(charge: stripe.Charge) -> Outcome:
    """A charge is known when its fee is: without it the books would be wrong."""
    if charge.status == "failed":
        return Outcome(State.FAILED, charge.id, slug(charge.failure_code or "card_declined"))
    booked = charge.balance_transaction
    if charge.status != "succeeded" or not isinstance(booked, stripe.BalanceTransaction):
        return Outcome(State.UNKNOWN, charge.id, PROCESSING)
    if booked.currency != charge.currency:
        log.error("stripe-other-currency", charge=charge.id, settled_in=booked.currency)
        return Outcome(State.SUCCEEDED, charge.id)  # The fee is a break for the reconciliation.
    return Outcome(State.SUCCEEDED, charge.id, fee_amount=booked.fee)


def of_refund(refund: stripe.Refund) -> Outcome:
    if refund.status == "succeeded":
        return Outcome(State.SUCCEEDED, refund.id)
    if refund.status in ("failed", "canceled"):
        reason = getattr(refund, "failure_reason", None) or "refund_failed"
        return Outcome(State.FAILED, refund.id, slug(reason))
    return Outcome(State.UNKNOWN, refund.id, PROCESSING)


def same(operation: Operation, found: Any) -> None:
    """Raise Conflict where what has the operation's key is not the operation."""
    is_same = found.amount == operation.amount and found.currency == operation.currency.lower()
    if not is_same:
        raise Conflict("key-reused", f"{operation.key} came before with other parameters.")


def drawn_on_nothing(operation: Operation) -> Outcome:
    """The card, the charge or the account that it names is not there (any more)."""
    if operation.kind is Kind.CHARGE:
        return Outcome(State.FAILED, code="card-unknown")
    return Outcome(State.FAILED, code="charge-unknown", retryable=False)


def refusal(operation: Operation) -> Outcome | None:
    """What Stripe would misunderstand is not sent."""
    too_fine = operation.kind is Kind.CHARGE and exponent(operation.currency) > MOST_PLACES
    if operation.currency in OTHER_UNITS or too_fine:
        return Outcome(State.FAILED, code="currency-unsupported", retryable=False)
    if operation.kind is not Kind.CHARGE and not (operation.charge_id or operation.source_id):
        return Outcome(State.FAILED, code="charge-unknown", retryable=False)
    return None


def _where(intent: stripe.PaymentIntent) -> str:
    redirect = getattr(intent.next_action, "redirect_to_url", None)
    return str(getattr(redirect, "url", None) or "")


def _why(error: Any) -> str:
    if error is None:
        return "card-declined"
    decline = getattr(error, "decline_code", None) or getattr(error, "code", None)
    return slug(decline or "") or "card-declined"
