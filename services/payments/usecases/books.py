"""What those who look after the books need: the journal, the processor's feed, and reports."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from services.payments.domain import Activity, ActivityPage, Balance, Entry, Escrow
from services.payments.domain.reconciliation import Break
from shared.clock import Clock

Balances = dict[tuple[str, str], int]  # By account and currency; debits are positive.
Report = dict[str, Any]


class Ledger(Protocol):
    """The journal, for those who read all of it."""

    def post(self, entries: Sequence[Entry]) -> None: ...
    def of(self, engagement_id: str) -> list[Entry]: ...

    def totals(self) -> Balances:
        """From the last closing and what came after it; `processor_balance` by processor."""

    def on(self, account: str, since: datetime, limit: int) -> list[Entry]:
        """Entries on `name` or `name:whose`, the latest first."""

    def under(self, refs: Sequence[str]) -> list[Entry]:
        """Those that are compared under these, and what corrects them."""

    def since(self, at: datetime) -> Iterator[list[Entry]]:
        """Those entered from then on, in pages."""

    def closing(self) -> tuple[datetime, Balances] | None:
        """What the accounts were worth at the last closing."""

    def close(self, until: datetime, balances: Balances) -> None:
        """From now on balances are these, and what was entered from then on."""

    def between(self, after: str, last: str, until: datetime) -> list[Entry]:
        """Those of engagements with ids after the one and up to the other, entered before then."""


class Feed(Protocol):
    """What the processor has told of its movements, kept for good."""

    def keep(self, activities: Sequence[Activity]) -> None:
        """Once each, whatever is told of them later."""

    def under(self, refs: Sequence[str]) -> list[Activity]: ...
    def net(self) -> dict[str, int]: ...
    def breaks(self) -> list[Break]: ...

    def mark(self, found: Sequence[Break], gone: Sequence[str]) -> None:
        """Remember these as open, and forget those under these references."""


class Reports(Protocol):
    """What was found, and who is at it."""

    def claim(self, id_: str, now: datetime) -> bool:
        """Whether this process is to do it: nobody has, and nobody is at it."""

    def save(self, id_: str, kind: str, report: Report) -> None: ...
    def last(self, kind: str) -> Report | None: ...


class Processor(Protocol):
    """The part of a bank that reconciliation reads."""

    @property
    def name(self) -> str: ...
    def activity(self, since: datetime, after: str) -> ActivityPage: ...
    def balance(self) -> dict[str, Balance]: ...


class Escrows(Protocol):
    def load(self, id: str) -> Escrow: ...
    def find(self, id: str) -> Escrow | None: ...

    def ids(self) -> list[str]:
        """Of all, in order."""

    def many(self, ids: list[str]) -> list[Escrow]:
        """Those with these ids, in their order."""


def nobody(_engagement_id: str, _key: str) -> None:
    """There is nobody who could look."""


@dataclass(frozen=True)
class Books:
    """All that reading and checking the books works with.

    `look_again` asks the bank what became of an operation that its statement tells news of.
    """

    ledger: Ledger
    feed: Feed
    reports: Reports
    escrows: Escrows
    bank: Processor
    now: Clock
    look_again: Callable[[str, str], None] = nobody
