"""All the books recomputed from what was decided and entered, and compared with what they say."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.payments.domain import Entry, Escrow, State, entry_of
from services.payments.domain.chart import CHART
from services.payments.domain.reconciliation import BALANCE
from services.payments.usecases.books import Balances, Books, Report
from shared.principal import Principal

SETTLED = timedelta(minutes=10)  # What was entered before that is there by now.
MOST_TOLD = 200
LOOKS = 3
AT_ONCE = 500
LAST_ID = "\uffff"


@dataclass
class Recomputed:
    """What goes with us from page to page: sums, and the halves and originals that are missing."""

    totals: Balances = field(default_factory=Counter)
    wanted: dict[str, str] = field(default_factory=dict)  # Entry -> who names it.
    linked: set[str] = field(default_factory=set)
    differences: list[str] = field(default_factory=list)
    entries: int = 0
    escrows: int = 0

    def add(self, entry: Entry) -> None:
        self.entries += 1
        for posting in entry.postings:
            name = posting.name if posting.account == BALANCE else posting.account
            key = name, entry.currency
            self.totals[key] = self.totals.get(key, 0) + posting.amount
        if entry.pair or entry.reverses:
            self.linked.add(entry.id)
            self.wanted[entry.pair or entry.reverses] = entry.id


def check(books: Books, id_: str | None = None) -> Report:
    """Go over every entry and every escrow; what differs is told, and the closing made anew."""
    now = books.now()
    until, all_ = now - SETTLED, Recomputed()
    for escrows, page in _pages(books, until):
        by_engagement: dict[str, list[Entry]] = {}
        for entry in page:
            all_.add(entry)
            by_engagement.setdefault(entry.engagement_id, []).append(entry)
        for escrow in escrows:
            all_.escrows += 1
            entries = by_engagement.pop(escrow.id, [])
            all_.differences += _lasting(books, escrow, entries)
        all_.differences += _strangers(by_engagement)
    all_.differences += [*_unlinked(books, all_), *_totals(all_)]
    all_.differences += _cached(books, all_.totals, until)
    books.ledger.close(until, all_.totals)
    report = _report(books, all_)
    books.reports.save(id_ or f"check:{now.isoformat()}", "check", report)
    return report


def check_ledger(books: Books, by: Principal) -> Report:
    by.require("check_ledger")
    return check(books)


def differences(escrow: Escrow, entries: Sequence[Entry], processor: str) -> Iterator[str]:
    """What the entries of an engagement do not say as its escrow does."""
    done = {op.key: op for op in escrow.operations if op.state is State.SUCCEEDED}
    booked = {entry.id: entry for entry in entries if not entry.about}
    for key, operation in done.items():
        entry = booked.get(key)
        if entry is None and operation.posted:
            yield f"operation {key} is marked as posted and has no entry"
        elif entry and not entry.same_money(entry_of(operation, escrow, _whose(entry, processor))):
            yield f"entry {key} is not what its operation means"
    for key in sorted(set(booked) - set(done)):
        yield f"entry {key} has no operation that succeeded"
    due = [entry_of(op, escrow, processor) for key, op in done.items() if key not in booked]
    yield from _figures(escrow, [*entries, *due])


def _figures(escrow: Escrow, entries: Sequence[Entry]) -> Iterator[str]:
    said = {
        "held_funds": escrow.held,
        "candidate_payable": escrow.owed,
        "company_payable": escrow.owed_back,
    }
    for account, figure in said.items():
        own = (one for one in entries if account != "company_payable" or not one.about)
        balance = -sum(entry.on(account) for entry in own)
        if balance != figure:
            yield f"escrow {escrow.id} says {figure} on {account}, its entries {balance}"
        if balance < 0:
            yield f"escrow {escrow.id}: {account} is {balance}, below zero"


def _whose(entry: Entry, processor: str) -> str:
    """The processor of the entry: it may have been another one then."""
    return next((p.of for p in entry.postings if p.account == BALANCE), processor)


def _pages(books: Books, until: datetime) -> Iterator[tuple[list[Escrow], list[Entry]]]:
    """All escrows with the entries of their engagements, and those in between of no escrow."""
    last, ids = "", books.escrows.ids()
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        yield books.escrows.many(some), books.ledger.between(last, some[-1], until)
        last = some[-1]
    yield [], books.ledger.between(last, LAST_ID, until)


def _lasting(books: Books, escrow: Escrow, entries: Sequence[Entry]) -> list[str]:
    """What is still so after another look or two: money moves while we read."""
    found = list(differences(escrow, entries, books.bank.name))
    for _ in range(LOOKS - 1):
        if not found:
            break
        entries, escrow = books.ledger.of(escrow.id), books.escrows.load(escrow.id)
        found = list(differences(escrow, entries, books.bank.name))
    return found


def _strangers(by_engagement: dict[str, list[Entry]]) -> Iterator[str]:
    for engagement_id, entries in by_engagement.items():
        if engagement_id and any(not entry.about for entry in entries):
            yield f"engagement {engagement_id} has entries and no escrow"


def _unlinked(books: Books, found: Recomputed) -> Iterator[str]:
    """Reversals without an original, exchanges without their other half."""
    missing = sorted(set(found.wanted) - found.linked)
    there = {entry.id for entry in books.ledger.under(missing)} if missing else set()
    for id_ in missing:
        if id_ not in there:
            yield f"entry {found.wanted[id_]} names {id_}, which is not in the journal"


def _totals(found: Recomputed) -> Iterator[str]:
    """The trial balance is zero, and what is owed is not below it."""
    sums = Counter[str]()
    for (account, currency), balance in found.totals.items():
        sums[currency] += balance
        if CHART[account.partition(":")[0]].owed and balance > 0:
            yield f"{account} in {currency} is {-balance}, below zero"
    for currency, total in sums.items():
        if total:
            yield f"the trial balance in {currency} is {total}"


def _cached(books: Books, totals: Balances, until: datetime) -> list[str]:
    """Where the balances that are shown are not those of the entries."""
    if books.ledger.closing() is None:
        return []
    for _ in range(LOOKS):
        is_ = Recomputed(totals=dict(totals))
        for entries in books.ledger.since(until):
            for entry in entries:
                is_.add(entry)
        found = [
            f"{account} in {currency} was shown as {said}, and is {balance}"
            for account, currency, said, balance in _compared(books.ledger.totals(), is_.totals)
        ]
        if not found:
            break
    return found


def _compared(shown: Balances, real: Balances) -> Iterator[tuple[str, str, int, int]]:
    for account, currency in sorted({*shown, *real}):
        said, balance = shown.get((account, currency), 0), real.get((account, currency), 0)
        if said != balance:
            yield account, currency, said, balance


def _report(books: Books, found: Recomputed) -> Report:
    return {
        "began_at": books.now(),
        "entries": found.entries,
        "escrows": found.escrows,
        "accounts": len(found.totals),
        "differences": found.differences[:MOST_TOLD],
        "count": len(found.differences),
        "sound": not found.differences,
    }
