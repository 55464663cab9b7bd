"""What the card network does with a charge, and the evidence that is handed in against it."""

import stripe

from services.payments.domain import Kind, Outcome, State
from services.payments.stripe_bank import params
from shared.errors import Unavailable

ANSWERABLE = ("needs_response", "warning_needs_response")
STANDS = {  # An inquiry (warning_...) moves no money; only a chargeback does.
    "lost": "lost",
    "needs_response": "opened",
    "under_review": "opened",
    "won": "won",
}


def answer(client: stripe.StripeClient, chargeback_id: str, evidence: str) -> bool:
    """Submit it once; False where none is taken any more. Raises Unavailable without an answer."""
    try:
        dispute = client.v1.disputes.retrieve(chargeback_id)
        if dispute.status not in ANSWERABLE:
            return _is_under_review_for(dispute, evidence)
        once: stripe.RequestOptions = {"idempotency_key": f"{chargeback_id}:evidence"}
        client.v1.disputes.update(chargeback_id, params.evidence(evidence), once)
    except stripe.InvalidRequestError:
        return False
    except stripe.StripeError as exc:
        raise Unavailable("bank-unavailable", "The bank does not answer; try again.") from exc
    return True


def outcome(dispute: stripe.Dispute, kind: Kind) -> Outcome:
    """Of what the network has done of itself: known once the chargeback is so far."""
    stands = STANDS.get(dispute.status, "")
    decided = kind in (Kind.CHARGEBACK_WON, Kind.CHARGEBACK_LOST)
    if not stands or (decided and kind.value != f"chargeback-{stands}"):
        return Outcome(State.UNKNOWN, dispute.id, "chargeback-open")
    return Outcome(State.SUCCEEDED, dispute.id)


def fees(dispute: stripe.Dispute) -> tuple[int, int]:
    """What Stripe has asked for it so far, and given back, in the dispute's own currency.

    One that was booked in another currency is a break for the reconciliation.
    """
    booked = [one for one in dispute.balance_transactions if one.currency == dispute.currency]
    asked = sum(one.fee for one in booked if one.fee > 0)
    return asked, -sum(one.fee for one in booked if one.fee < 0)


def _is_under_review_for(dispute: stripe.Dispute, evidence: str) -> bool:
    """A crash after our own submission is not a refusal."""
    return (
        dispute.status.endswith("under_review") and dispute.evidence.uncategorized_text == evidence
    )
