"""What is done with an engagement's money, and how what was decided comes true at the bank."""

from services.payments.usecases.chargebacks import answer_chargeback, resend_evidence
from services.payments.usecases.chargebacks import learn as learn_chargeback
from services.payments.usecases.custody import (
    approve_movement,
    freeze_funds,
    list_funds,
    list_watched,
    refund_engagement,
    reject_movement,
    tell_ages,
    unfreeze_funds,
)
from services.payments.usecases.disputes import (
    Said,
    accept_split,
    decide_dispute,
    open_dispute,
    post_to_dispute,
    read_disputes,
    tend_escrow,
)
from services.payments.usecases.engagements import (
    close_escrow,
    get_escrow,
    list_todo,
    open_escrow,
    release_funds,
    retry_payment,
    trial_balance,
)
from services.payments.usecases.funding import unconfirmed
from services.payments.usecases.hooks import receive_hook, tend_hook
from services.payments.usecases.parties import (
    get_payment_method,
    get_payout_account,
    open_payout_account,
    put_payment_method,
    tend_account,
)
from services.payments.usecases.ports import Bank, Desk, Engagement, Journal, Overview, Waiter
from services.payments.usecases.refunds import failed_refunds, list_refunds, resend_refund
from services.payments.usecases.settling import settle

__all__ = [
    "Bank",
    "Desk",
    "Engagement",
    "Journal",
    "Overview",
    "Said",
    "Waiter",
    "accept_split",
    "answer_chargeback",
    "approve_movement",
    "close_escrow",
    "decide_dispute",
    "failed_refunds",
    "freeze_funds",
    "get_escrow",
    "get_payment_method",
    "get_payout_account",
    "learn_chargeback",
    "list_funds",
    "list_refunds",
    "list_todo",
    "list_watched",
    "open_dispute",
    "open_escrow",
    "open_payout_account",
    "post_to_dispute",
    "put_payment_method",
    "read_disputes",
    "receive_hook",
    "refund_engagement",
    "reject_movement",
    "release_funds",
    "resend_evidence",
    "resend_refund",
    "retry_payment",
    "settle",
    "tell_ages",
    "tend_account",
    "tend_escrow",
    "tend_hook",
    "trial_balance",
    "unconfirmed",
    "unfreeze_funds",
]
