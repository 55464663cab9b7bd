"""The books: one immutable entry per operation, its postings sum to zero; debits are positive."""

from dataclasses import dataclass
from datetime import datetime

from services.payments.domain.operations import Kind, Operation

CHART = {  # Account -> its kind; assets and expenses normally carry debits, the others credits.
    "processor_balance": "asset",  # What the bank holds for us.
    "processing_fees": "expense",  # What the bank kept of charges.
    "held_funds": "liability",  # Held for an engagement.
    "candidate_payable": "liability",  # Owed to a candidate.
    "platform_fee": "revenue",
}


@dataclass(frozen=True)
class Posting:
    """`amount` in minor units, debit positive; `of` is whose part of the account it is."""

    account: str
    amount: int
    of: str = ""

    def __post_init__(self) -> None:
        if self.account not in CHART:
            raise ValueError(f"{self.account} is not in the chart of accounts")


@dataclass(frozen=True)
class Entry:
    """A journal entry; `id` is the operation's key, so that it is entered once."""

    id: str
    kind: str
    engagement_id: str
    currency: str
    created_at: datetime
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        if sum(posting.amount for posting in self.postings) or not self.postings:
            raise ValueError(f"the postings of {self.id} do not sum to zero")


def entry_of(operation: Operation, engagement_id: str, candidate_id: str) -> Entry:
    """The entry of a succeeded operation."""
    amount, fee = operation.amount, operation.fee_amount
    held, owed, bank = "held_funds", "candidate_payable", "processor_balance"
    postings = {
        Kind.CHARGE: [(bank, amount - fee), ("processing_fees", fee), (held, -amount)],
        Kind.RELEASE: [(held, amount), (owed, fee - amount), ("platform_fee", -fee)],
        Kind.TRANSFER: [(owed, amount), (bank, -amount)],
        Kind.REFUND: [(held, amount), (bank, -amount)],
    }[operation.kind]
    whose = {held: engagement_id, owed: candidate_id}
    return Entry(
        id=operation.key,
        kind=operation.kind.value,
        engagement_id=engagement_id,
        currency=operation.currency,
        created_at=operation.changed_at or operation.created_at,
        postings=tuple(
            Posting(account, money, whose.get(account, "")) for account, money in postings if money
        ),
    )
