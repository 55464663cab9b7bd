"""What is done with an engagement's money, and how what was decided comes true at the bank."""

from services.payments.usecases.engagements import (
    close_escrow,
    get_escrow,
    list_todo,
    open_dispute,
    open_escrow,
    refund_engagement,
    release_funds,
    resolve_dispute,
    retry_payment,
    trial_balance,
)
from services.payments.usecases.hooks import receive_hook, tend_hook
from services.payments.usecases.parties import (
    get_payment_method,
    get_payout_account,
    open_payout_account,
    put_payment_method,
    tend_account,
)
from services.payments.usecases.ports import Bank, Desk, Engagement, Journal, Waiter
from services.payments.usecases.settling import settle

__all__ = [
    "Bank",
    "Desk",
    "Engagement",
    "Journal",
    "Waiter",
    "close_escrow",
    "get_escrow",
    "get_payment_method",
    "get_payout_account",
    "list_todo",
    "open_dispute",
    "open_escrow",
    "open_payout_account",
    "put_payment_method",
    "receive_hook",
    "refund_engagement",
    "release_funds",
    "resolve_dispute",
    "retry_payment",
    "settle",
    "tend_account",
    "tend_hook",
    "trial_balance",
]
