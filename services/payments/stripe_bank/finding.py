"""Where an operation is at Stripe: by its id, or by its key among all that it could be.

By lists, never by search: what was made a moment ago is in a list already.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import stripe

from services.payments.domain import Kind, Operation
from services.payments.stripe_bank import params

if TYPE_CHECKING:
    from stripe.params import PaymentIntentListParams

T = TypeVar("T")
PAGE = 100
INTENT = "pi_"


def find(client: stripe.StripeClient, operation: Operation) -> Any:
    """Its object, with what its outcome is read from; None where there is none."""
    seek = {
        Kind.CHARGE: _charge,
        Kind.TRANSFER: _transfer,
        Kind.REFUND: _refund,
        Kind.REVERSAL: _reversal,
        Kind.CHARGEBACK: _dispute,
        Kind.CHARGEBACK_FEE: _dispute,
        Kind.CHARGEBACK_FEE_RETURNED: _dispute,
        Kind.CHARGEBACK_WON: _dispute,
        Kind.CHARGEBACK_LOST: _dispute,
    }[operation.kind]
    return seek(client, operation)


def customer_of(client: stripe.StripeClient, card_id: str) -> str:
    """Whose card it is at Stripe; empty for one that nobody keeps."""
    customer = client.v1.payment_methods.retrieve(card_id).customer
    return customer if isinstance(customer, str) else ""


def _charge(client: stripe.StripeClient, operation: Operation) -> Any:
    v1, id_ = client.v1, operation.bank_id
    if id_.startswith(INTENT):
        return v1.payment_intents.retrieve(id_, {"expand": params.CHARGED})
    if id_:
        return v1.charges.retrieve(id_, {"expand": ["balance_transaction"]})
    asked: PaymentIntentListParams = {
        "created": {"gte": params.since(operation.created_at)},
        "limit": PAGE,
        "expand": params.listed(params.CHARGED),
    }
    if customer_id := customer_of(client, operation.party):
        asked["customer"] = customer_id
    return _of_key(operation.key, v1.payment_intents.list(asked).auto_paging_iter())


def _transfer(client: stripe.StripeClient, operation: Operation) -> Any:
    if operation.bank_id:
        return client.v1.transfers.retrieve(operation.bank_id)
    created = params.since(operation.created_at)
    found = client.v1.transfers.list(
        {"destination": operation.party, "created": {"gte": created}, "limit": PAGE}
    )
    return _of_key(operation.key, found.auto_paging_iter())


def _refund(client: stripe.StripeClient, operation: Operation) -> Any:
    if operation.bank_id:
        return client.v1.refunds.retrieve(operation.bank_id)
    found = client.v1.refunds.list({"charge": operation.charge_id, "limit": PAGE})
    return _of_key(operation.key, found.auto_paging_iter())


def _reversal(client: stripe.StripeClient, operation: Operation) -> Any:
    reversals = client.v1.transfers.reversals
    if operation.bank_id:
        return reversals.retrieve(operation.source_id, operation.bank_id)
    found = reversals.list(operation.source_id, {"limit": PAGE})
    return _of_key(operation.key, found.auto_paging_iter())


def _dispute(client: stripe.StripeClient, operation: Operation) -> Any:
    """The card network's doing, which has no key of ours: a charge has one chargeback at a time."""
    found = client.v1.disputes.list({"charge": operation.charge_id, "limit": 1})
    return next(iter(found.data), None)


def _of_key(key: str, found: Iterable[T]) -> T | None:
    def key_of(one: Any) -> str:
        return str(one.metadata.to_dict().get("operation_key", "")) if one.metadata else ""

    return next((one for one in found if key_of(one) == key), None)
