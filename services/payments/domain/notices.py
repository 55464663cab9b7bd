"""What a bank tells of itself: that something changed, what went over its books, what it holds."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Notice:
    """Says *look again*, and never what is true: it may come late, twice, or after its successor.

    `kind` is one of charge, refund, transfer, account, payout, chargeback, other; `object_id` is
    the bank's. `amount` is in minor units. `code` says why something failed, or how a chargeback
    stands: opened, won or lost; `fee` is what the bank has asked for it in all until then, and
    `fee_returned` what of that it has given back.
    """

    id: str
    kind: str
    object_id: str
    at: datetime
    engagement_id: str = ""
    operation_key: str = ""
    account_key: str = ""  # The key under which the account was opened.
    amount: int = 0
    currency: str = ""
    code: str = ""
    fee: int = 0
    fee_returned: int = 0


@dataclass(frozen=True)
class Link:
    """Where a candidate goes on with what the bank asks of them, for a few minutes."""

    url: str
    expires_at: datetime


@dataclass(frozen=True)
class Balance:
    """Minor units of one currency: what can be used now, and what the bank still holds back."""

    available: int
    pending: int


@dataclass(frozen=True)
class Activity:
    """One movement on the platform's balance. `amount - fee = net`, in minor units, negative where
    it left; `kind` is called as in Stripe's reporting categories.
    """

    id: str
    kind: str
    source_id: str
    operation_key: str
    amount: int
    fee: int
    net: int
    currency: str
    at: datetime
    available_at: datetime


@dataclass(frozen=True)
class ActivityPage:
    """Oldest first; `after` is where the next page begins, empty where this is the last one."""

    items: list[Activity] = field(default_factory=list)
    after: str = ""
