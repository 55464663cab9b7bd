"""The books: immutable entries in one currency each, whose postings sum to zero."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.payments.domain.chart import CHART
from services.payments.domain.operations import FAILED_LATER, Kind
from shared.money import Money

EXCHANGE = "fx_clearing"
REVERSED = "reversed"


@dataclass(frozen=True)
class Posting:
    """`amount` in minor units, debit positive; `of` is whose part of the account it is."""

    account: str
    amount: int
    of: str = ""

    def __post_init__(self) -> None:
        if self.account not in CHART:
            raise ValueError(f"{self.account} is not in the chart of accounts")
        if bool(self.of) != bool(CHART[self.account].of):
            raise ValueError(f"{self.account} names whose part it is, or is not split: {self.of!r}")

    @property
    def name(self) -> str:
        """The account as people write it: `held_funds:eng-0199`."""
        return f"{self.account}:{self.of}".rstrip(":")


@dataclass(frozen=True)
class Entry:
    """A journal entry; `id` is the operation's key, so that it is entered once.

    `bank_id` is the processor's object that it is about, `reverses` the entry that it undoes,
    `about` the operation or movement that a correction is for, `pair` the other half of an
    exchange. `by` and `reason` are whose finding it is, where a person entered it, and why.
    """

    id: str
    kind: str
    engagement_id: str
    currency: str
    created_at: datetime
    postings: tuple[Posting, ...]
    bank_id: str = ""
    reverses: str = ""
    about: str = ""
    pair: str = ""
    by: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if sum(posting.amount for posting in self.postings) or not self.postings:
            raise ValueError(f"the postings of {self.id} do not sum to zero")
        for posting in self.postings:
            Money(posting.amount, self.currency)
        if self.exchanges != bool(self.pair):
            raise ValueError(f"{self.id} is half of an exchange and names no other half")

    @property
    def exchanges(self) -> bool:
        return any(posting.account == EXCHANGE for posting in self.postings)

    @property
    def ref(self) -> str:
        """Under which the processor's movements are compared with it.

        A chargeback is the processor's doing: both sides know it by the processor's id. What came
        back of a refund is a movement of that refund.
        """
        if self.kind == Kind.REFUND_FAILED:
            return self.id.removesuffix(FAILED_LATER)
        theirs = self.bank_id if self.kind.startswith("chargeback") else ""
        return self.about or theirs or self.id

    def same_money(self, other: "Entry") -> bool:
        """Whether both are the same entry of the books, whatever else is known of it."""
        return (self.id, self.currency, self.postings) == (other.id, other.currency, other.postings)

    def on(self, account: str, of: str | None = None) -> int:
        """What it moves on an account, or on somebody's part of it; debits are positive."""
        return sum(
            posting.amount
            for posting in self.postings
            if posting.account == account and of in (None, posting.of)
        )


def reversal_of(entry: Entry, at: datetime) -> Entry:
    """What undoes an entry: entries are never changed."""
    if entry.reverses:
        raise ValueError(f"{entry.id} is a reversal itself: enter anew what was right")
    return replace(
        entry,
        id=f"{entry.id}:{REVERSED}",
        kind=REVERSED,
        created_at=at,
        postings=tuple(replace(posting, amount=-posting.amount) for posting in entry.postings),
        reverses=entry.id,
        pair=f"{entry.pair}:{REVERSED}" if entry.pair else "",
    )


def exchange(id_: str, account: Posting, sold: Money, bought: Money, entry: Entry) -> list[Entry]:
    """The two entries by which `account` holds `bought` instead of `sold`.

    Id, currency, postings and pair are set here; all else is as in `entry`, which is a pattern.
    """
    ids = f"{id_}:{sold.currency}", f"{id_}:{bought.currency}"
    halves = (
        (ids[0], ids[1], -sold.amount, sold.currency),
        (ids[1], ids[0], bought.amount, bought.currency),
    )
    return [
        replace(
            entry,
            id=own,
            currency=currency,
            pair=other,
            postings=(replace(account, amount=amount), Posting(EXCHANGE, -amount)),
        )
        for own, other, amount, currency in halves
    ]
