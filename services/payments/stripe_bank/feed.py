"""What went over the platform's balance, and what is on it: the other side of the books."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import stripe

from services.payments.domain import Activity, ActivityPage, Balance
from shared.errors import Unavailable

if TYPE_CHECKING:
    from stripe.params import BalanceTransactionListParams

PAGE = 100


def activity(client: stripe.StripeClient, since: datetime, after: str) -> ActivityPage:
    """Stripe lists the newest first: the first page is therefore all that there is since then,
    read backwards, and what comes after a cursor is what has been booked meanwhile.
    """
    asked: BalanceTransactionListParams = {
        "created": {"gte": int(since.timestamp())},
        "limit": PAGE,
        "expand": ["data.source"],
    }
    if after:
        asked["ending_before"] = after
    try:
        found = list(client.v1.balance_transactions.list(asked).auto_paging_iter())
    except stripe.StripeError as exc:
        raise _away(exc) from exc
    return ActivityPage([_activity(booked) for booked in sorted(found, key=_when)])


def balance(client: stripe.StripeClient) -> dict[str, Balance]:
    try:
        found = client.v1.balance.retrieve()
    except stripe.StripeError as exc:
        raise _away(exc) from exc
    available = {one.currency.upper(): one.amount for one in found.available}
    pending = {one.currency.upper(): one.amount for one in found.pending}
    return {
        currency: Balance(available.get(currency, 0), pending.get(currency, 0))
        for currency in sorted({*available, *pending})
    }


def _when(booked: stripe.BalanceTransaction) -> tuple[int, str]:
    return booked.created, booked.id


def _activity(booked: stripe.BalanceTransaction) -> Activity:
    source: Any = booked.source
    is_whole = not isinstance(source, str) and source is not None
    metadata = getattr(source, "metadata", None) if is_whole else None
    return Activity(
        id=booked.id,
        kind=booked.reporting_category,
        source_id=source.id if is_whole else source or "",
        operation_key=metadata.to_dict().get("operation_key", "") if metadata else "",
        amount=booked.amount,
        fee=booked.fee,
        net=booked.net,
        currency=booked.currency.upper(),
        at=datetime.fromtimestamp(booked.created, UTC),
        available_at=datetime.fromtimestamp(booked.available_on, UTC),
    )


def _away(error: stripe.StripeError) -> Unavailable:
    return Unavailable("bank-unavailable", f"Stripe does not answer: {type(error).__name__}.")
