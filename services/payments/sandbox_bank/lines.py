"""The parts of the sandbox's own records: what moved, what it tells about, what it disputes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from services.payments.domain import Kind, State

# The bank's word for a chargeback's state, as Stripe's; an inquiry moves no money.
NEEDS_RESPONSE, UNDER_REVIEW, WON, LOST = "needs_response", "under_review", "won", "lost"
INQUIRY, INQUIRY_CLOSED = "warning_needs_response", "warning_closed"
TAKEN = (NEEDS_RESPONSE, UNDER_REVIEW, LOST)  # While it stands so, the payer has the money.

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(days=3)


@dataclass
class Line:
    """A line of the bank's statement for the platform; `kind` is Stripe's reporting category.

    `amount` is in minor units, negative where it leaves; `amount - fee` changes the balance.
    """

    id: str
    kind: str
    source_id: str
    key: str
    amount: int
    at: datetime
    available_at: datetime
    fee: int = 0

    @property
    def net(self) -> int:
        return self.amount - self.fee


@dataclass
class Move:
    """A transfer, refund or reversal. Later than `turns_at` its state is `turns_to`."""

    id: str
    key: str
    kind: Kind
    amount: int
    params: str
    at: datetime
    state: State = State.SUCCEEDED
    code: str = ""
    party: str = ""  # The account that a transfer pays.
    source_id: str = ""  # The transfer that a reversal takes back.
    reversed: int = 0
    turns_at: datetime | None = None
    turns_to: State = State.SUCCEEDED


@dataclass
class Chargeback:
    """The payer's bank takes a charge back. `fee` is what that costs us, less `fee_returned`."""

    id: str
    amount: int
    status: str
    at: datetime
    fee: int = 0
    fee_returned: int = 0
    evidence: str = ""


@dataclass
class Payout:
    """Money on its way from a payout account to its owner's own bank."""

    id: str
    amount: int
    at: datetime
    status: str = "paid"
    failure_code: str = ""  # As Stripe names it, such as `account_closed`.


@dataclass
class News:
    """What a webhook tells; `type` as Stripe names it."""

    id: str
    type: str
    at: datetime
    object_id: str
    key: str = ""
    amount: int = 0
    status: str = ""
    code: str = ""
    fee: int = 0  # Of a chargeback, as it was then.
    fee_returned: int = 0


def telling(news: list[News], told: int) -> list[datetime]:
    """When the first of them is to be told, after so many times in vain."""
    wait = min(FIRST_WAIT * ((1 << min(told, 20)) - 1), LONGEST_WAIT)
    return [each.at + wait for each in news[:1]]


def id_of(prefix: str, *parts: object) -> str:
    """The same parts always make the same id."""
    return f"{prefix}_{sha256(':'.join(map(str, parts)).encode()).hexdigest()[:24]}"
