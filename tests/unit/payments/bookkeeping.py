"""Books in memory, and a processor whose feed a test writes itself."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.payments.domain import Activity, ActivityPage, Balance, Entry, Escrow
from services.payments.domain.reconciliation import BALANCE, Break, ref_of
from services.payments.usecases.books import Balances, Books, Report
from tests.unit.payments.fakes import START, World

PAGE = 2  # So that there are always several.


class FakeLedger:
    """The journal, for those who read all of it; what is entered is entered now."""

    def __init__(self, world: World) -> None:
        self.journal = world.journal
        self.closed: tuple[datetime, Balances] | None = None
        self.post, self.of = self.journal.post, self.journal.of

    @property
    def entries(self) -> list[Entry]:
        return sorted(self.journal.entries.values(), key=lambda entry: entry.created_at)

    def totals(self) -> Balances:
        until, balances = self.closed or (datetime.min.replace(tzinfo=START.tzinfo), {})
        totals = Counter(balances)
        totals.update(sums(entry for entry in self.entries if entry.created_at >= until))
        return dict(totals)

    def on(self, account: str, since: datetime, limit: int) -> list[Entry]:
        name, _, whose = account.partition(":")
        found = [
            entry
            for entry in self.entries
            if any(p.account == name and whose in ("", p.of) for p in entry.postings)
        ]
        return found[::-1][:limit]

    def under(self, refs: Sequence[str]) -> list[Entry]:
        return [entry for entry in self.entries if {entry.ref, entry.id} & set(refs)]

    def since(self, at: datetime) -> Iterator[list[Entry]]:
        found = [entry for entry in self.entries if entry.created_at >= at]
        yield from (found[start : start + PAGE] for start in range(0, len(found), PAGE))

    def closing(self) -> tuple[datetime, Balances] | None:
        return self.closed

    def close(self, until: datetime, balances: Balances) -> None:
        self.closed = until, balances

    def between(self, after: str, last: str, until: datetime) -> list[Entry]:
        return [
            entry
            for entry in self.entries
            if (after < entry.engagement_id or not after) and entry.engagement_id <= last
            if entry.created_at < until
        ]


class FakeEscrows:
    def __init__(self, world: World) -> None:
        self.escrows = world.escrows
        self.load, self.find = world.escrows.load, world.escrows.find

    def ids(self) -> list[str]:
        return sorted(self.escrows.documents)

    def many(self, ids: list[str]) -> list[Escrow]:
        return [self.escrows.load(id_) for id_ in ids]


class FakeFeed:
    def __init__(self) -> None:
        self.activities: dict[str, Activity] = {}
        self.open: dict[str, Break] = {}

    def keep(self, activities: Sequence[Activity]) -> None:
        for activity in activities:
            self.activities.setdefault(activity.id, activity)

    def under(self, refs: Sequence[str]) -> list[Activity]:
        return [one for one in self.activities.values() if ref_of(one) in refs]

    def net(self) -> dict[str, int]:
        net = Counter[str]()
        for activity in self.activities.values():
            net[activity.currency] += activity.net
        return dict(net)

    def breaks(self) -> list[Break]:
        return list(self.open.values())

    def mark(self, found: Sequence[Break], gone: Sequence[str]) -> None:
        self.open |= {one.ref: one for one in found}
        for ref in gone:
            self.open.pop(ref, None)


class FakeReports:
    def __init__(self) -> None:
        self.claimed: set[str] = set()
        self.kept: dict[str, list[Report]] = {}

    def claim(self, id_: str, now: datetime) -> bool:
        fresh = id_ not in self.claimed
        self.claimed.add(id_)
        return fresh

    def save(self, id_: str, kind: str, report: Report) -> None:
        self.kept.setdefault(kind, []).append(report)

    def last(self, kind: str) -> Report | None:
        return self.kept[kind][-1] if kind in self.kept else None


@dataclass
class Script:
    """A processor whose movements the test writes, and whose balance is their sum."""

    name: str
    items: list[Activity] = field(default_factory=list)
    extra: Counter[str] = field(default_factory=Counter)  # Held, and on no statement.

    def activity(self, since: datetime, after: str) -> ActivityPage:
        known = sorted((one for one in self.items if one.at >= since), key=lambda one: one.at)
        start = int(after or 0)
        end = start + PAGE
        return ActivityPage(known[start:end], str(end) if end < len(known) else "")

    def balance(self) -> dict[str, Balance]:
        held = Counter(self.extra)
        for activity in self.items:
            held[activity.currency] += activity.net
        return {currency: Balance(net, 0) for currency, net in held.items()}

    def tell(self, entries: Sequence[Entry]) -> None:
        """All that these entries say it has moved, as a statement of its own."""
        for entry in entries:
            if net := entry.on(BALANCE, self.name):
                self.items.append(told(entry, net))

    def change(self, key: str, **changes: object) -> None:
        self.items = [
            replace(one, **changes) if one.operation_key == key else one for one in self.items
        ]

    def drop(self, key: str) -> None:
        self.items = [one for one in self.items if one.operation_key != key]


def told(entry: Entry, net: int) -> Activity:
    fee = entry.on("processing_fees") + entry.on("dispute_fees")
    disputes = {"chargeback": "dispute", "chargeback-won": "dispute_reversal"}
    kind = disputes.get(entry.kind, entry.kind)
    return activity(
        f"txn_{entry.id}",
        kind,
        net + fee,
        fee,
        entry.id,
        entry.bank_id,
        entry.currency,
        entry.created_at,
    )


def activity(
    id_: str,
    kind: str,
    amount: int,
    fee: int = 0,
    key: str = "",
    source: str = "",
    currency: str = "USD",
    at: datetime = START,
) -> Activity:
    about = (id_, kind, source, key, amount, fee, amount - fee, currency)
    return Activity(*about, at=at, available_at=at + timedelta(days=2))


def books_of(world: World, bank: object = None) -> Books:
    """The books of a world of fakes, whose processor is scripted unless one is given."""
    return Books(
        ledger=FakeLedger(world),
        feed=FakeFeed(),
        reports=FakeReports(),
        escrows=FakeEscrows(world),
        bank=bank or Script(world.bank.name),  # type: ignore[arg-type]
        now=world.now,
    )


def sums(entries: Iterator[Entry]) -> Balances:
    totals = Counter[tuple[str, str]]()
    for entry in entries:
        for posting in entry.postings:
            name = posting.name if posting.account == BALANCE else posting.account
            totals[name, entry.currency] += posting.amount
    return dict(totals)
