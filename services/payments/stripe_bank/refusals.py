"""What Stripe's errors mean for an operation: refused for good, or not known to have happened."""

import re

import stripe
import structlog

from services.payments.domain import Outcome, State
from shared.errors import Conflict

log = structlog.get_logger(__name__)

UNANSWERED = "bank-unavailable"
# Codes of ours where theirs would tell too much, or differ for what is one thing to people.
SLUGS = {
    "account_invalid": "account-restricted",
    "authentication_required": "authentication-required",
    "charge_already_refunded": "not-refundable",
    "fraudulent": "card-declined",  # Stripe: never tell a payer these reasons.
    "generic_decline": "card-declined",
    "insufficient_capabilities_for_transfer": "account-restricted",
    "lost_card": "card-declined",
    "merchant_blacklist": "card-declined",
    "payment_intent_authentication_failure": "authentication-required",
    "pickup_card": "card-declined",
    "stolen_card": "card-declined",
    "transfers_not_allowed": "account-restricted",
}
# Refusals that time, or somebody's help, may lift; other refused requests are refused again.
LIFTED = {
    "account_invalid",
    "balance_insufficient",
    "insufficient_capabilities_for_transfer",
    "transfers_not_allowed",
}
REFUSED = "request-refused"


def outcome(error: stripe.StripeError, known_id: str = "") -> Outcome:
    """What an operation has become by this error; `known_id` is the bank's id of it, if any.

    Raises Conflict where its key came before with other parameters.
    """
    if isinstance(error, stripe.IdempotencyError):
        log.error("stripe-key-reused", request_id=error.request_id)
        raise Conflict("key-reused", "This key came before with other parameters.") from error
    if isinstance(error, stripe.CardError):
        return _declined(error, known_id)
    if isinstance(error, stripe.InvalidRequestError) or code_of(error) == "account_invalid":
        return _refused(error, known_id)
    return unanswered(error, known_id)


def code_of(error: stripe.StripeError) -> str:
    """Stripe's code: not every class of error fills in its own."""
    return error.code or str(getattr(error.error, "code", None) or "")


def slug(code: str) -> str:
    """Stripe's code as one of ours."""
    return SLUGS.get(code) or re.sub(r"[^a-z0-9]+", "-", code.lower()).strip("-")


def _declined(error: stripe.CardError, known_id: str) -> Outcome:
    """Final for this attempt; another card, or another day, is another operation."""
    decline = str(getattr(error.error, "decline_code", None) or "")
    intent = getattr(error.error, "payment_intent", None)
    bank_id = str(getattr(intent, "id", None) or known_id)
    return Outcome(State.FAILED, bank_id, slug(decline or code_of(error)) or "card-declined")


def _refused(error: stripe.StripeError, known_id: str) -> Outcome:
    code = code_of(error)
    log.warning("stripe-refused", code=code, request_id=error.request_id, message=str(error))
    return Outcome(State.FAILED, known_id, slug(code) or REFUSED, retryable=code in LIFTED)


def unanswered(error: stripe.StripeError, known_id: str = "") -> Outcome:
    """No answer, an answer of 5xx, a key in use, too many requests, or keys that are wrong."""
    ours = isinstance(error, stripe.AuthenticationError | stripe.PermissionError)
    tell = log.error if ours else log.warning
    kind = type(error).__name__
    tell("stripe-unanswered", error=kind, status=error.http_status, request_id=error.request_id)
    return Outcome(State.UNKNOWN, known_id, UNANSWERED)
