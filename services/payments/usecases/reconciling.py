"""The processor's movements against the books: read, matched, corrected, and all of it told."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta

from services.payments.domain import Activity, Entry, Escrow, Operation, Posting
from services.payments.domain.chart import CHART
from services.payments.domain.reconciliation import (
    BALANCE,
    EXPLAINED,
    EXPLANATIONS,
    FAILED_REFUND,
    SUSPENSE,
    Break,
    Group,
    entry_alone,
    ref_of,
)
from services.payments.usecases.books import Books, Report
from services.payments.usecases.finding import of_key
from shared.errors import Conflict, Invalid, NotFound
from shared.principal import Principal

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
OVERLAP = timedelta(hours=48)  # Read again each time: processors tell some things late.
DAILY_OVERLAP = timedelta(days=14)
ROUNDS = 3  # What moved while we looked makes the sums differ, but not three times.
AT_ONCE = 500


@dataclass
class Round:
    """What one look at both sides found."""

    breaks: list[Break] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    late: Counter[str] = field(default_factory=Counter)
    activities: int = 0


@dataclass
class Sums:
    """Minor units of one currency; `late` is what only one side knows of so far."""

    ledger: int = 0
    feed: int = 0
    processor: int = 0
    late: int = 0
    owed: int = 0
    suspense: int = 0

    @property
    def agree(self) -> bool:
        return self.ledger + self.late == self.feed == self.processor

    @property
    def short(self) -> int:
        """What the processor would have to hold besides, for all that is owed to be covered."""
        return max(0, self.owed - self.processor)


def reconcile(books: Books, overlap: timedelta = OVERLAP, id_: str | None = None) -> Report:
    """Compare since the last time and a while before, enter what differs, report what is open."""
    now, last = books.now(), books.reports.last("reconcile")
    since = last["began_at"] - overlap if last else BEGINNING
    for _ in range(ROUNDS):
        found = _look(books, since, now)
        sums = _sums(books, found)
        if all(one.agree for one in sums.values()):
            break
    report = _report(books, found, sums, now)
    books.reports.save(id_ or f"reconcile:{now.isoformat()}", "reconcile", report)
    return report


def reconcile_ledger(books: Books, by: Principal) -> Report:
    by.require("reconcile_ledger")
    return reconcile(books)


def explain_break(books: Books, by: Principal, ref: str, account: str, reason: str) -> list[Entry]:
    """Move what stands on `suspense` for this reference to the account where it belongs.

    No money moves: the books say what it was. The same finding again changes nothing. Raises
    NotFound for a reference that is not in the books, Invalid for an account that it cannot be
    moved to, Conflict where nothing of it is on `suspense`.
    """
    by.require("explain_break")
    (group,) = _groups(books, [ref])
    if not group.entries:
        raise NotFound("reference-not-found", f"The books know nothing under {ref}.")
    found = _posting(account)
    if same := [one for one in group.standing() if _says(one, found, by.id, reason)]:
        return same
    if not group.on_suspense():
        raise Conflict("nothing-on-suspense", f"Nothing of {ref} is on suspense.")
    entries = group.explain(found, by.id, reason, books.now())
    books.ledger.post(entries)
    books.feed.mark([], [ref])
    return entries


def _posting(account: str) -> Posting:
    name, _, whose = account.partition(":")
    if name not in EXPLANATIONS:
        about = f"one of {', '.join(EXPLANATIONS)}"
        raise Invalid("account-not-allowed", f"The account has to be {about}.", {"account": about})
    if bool(whose) != bool(of := CHART[name].of):
        about = f"{name}:ID, where ID is the {of}'s" if of else f"{name}, without a part"
        raise Invalid("account-not-whole", f"The account has to be {about}.", {"account": about})
    return Posting(name, 0, whose)


def _says(entry: Entry, posting: Posting, by: str, reason: str) -> bool:
    told = (entry.kind, entry.by, entry.reason, entry.postings[1].name)
    return told == (EXPLAINED, by, reason, posting.name)


def _look(books: Books, since: datetime, now: datetime) -> Round:
    found = Round()
    for activities in _feed(books, since):
        books.feed.keep(activities)
        found.activities += len(activities)
        _enter_alone(books, activities)
        _judge(books, found, [ref_of(one) for one in activities], now)
    for entries in books.ledger.since(since):
        expected = [entry.ref for entry in entries if _expected(books, entry)]
        _judge(books, found, expected, now)
    _judge(books, found, [one.ref for one in books.feed.breaks()], now)
    books.feed.mark([one for one in found.breaks if not one.settled], sorted(found.gone))
    return found


def _feed(books: Books, since: datetime) -> Iterator[Sequence[Activity]]:
    after = ""
    while True:
        page = books.bank.activity(since, after)
        yield page.items
        if not (after := page.after):
            return


def _enter_alone(books: Books, activities: Sequence[Activity]) -> None:
    """What needs no operation of ours."""
    made = [entry_alone(activity, books.bank.name) for activity in activities]
    books.ledger.post([entry for entry in made if entry])


def _bounced(books: Books, group: Group) -> tuple[Escrow, Operation] | None:
    """The refund that failed after all, where the books know it."""
    if not group.booked or not any(one.kind == FAILED_REFUND for one in group.activities):
        return None
    escrow = books.escrows.find(group.booked[0].engagement_id)
    refund = of_key(escrow, group.ref) if escrow else None
    return (escrow, refund) if escrow and refund else None


def _company(books: Books, group: Group) -> str:
    """To whom it is owed again."""
    found = _bounced(books, group)
    return found[0].payer_of(found[1].charge_id) if found else ""


def _tell(books: Books, group: Group) -> None:
    """A notice that never came is made up for, so that its payer hears of it."""
    found = _bounced(books, group)
    if found and not found[1].failed_at:
        books.look_again(found[0].id, group.ref)


def _expected(books: Books, entry: Entry) -> bool:
    """Whether the processor should know of it."""
    return not entry.about and bool(entry.on(BALANCE, books.bank.name))


def _judge(books: Books, found: Round, refs: Iterable[str], now: datetime) -> None:
    fresh = sorted(set(refs) - found.seen)
    found.seen.update(fresh)
    for start in range(0, len(fresh), AT_ONCE):
        for group in _groups(books, fresh[start : start + AT_ONCE]):
            judgement = group.judge(now)
            books.ledger.post(judgement.entries)
            _tell(books, group)
            found.late.update(judgement.late)
            if judgement.found:
                found.breaks.append(judgement.found)
            else:
                found.gone.add(group.ref)


def _groups(books: Books, refs: Sequence[str]) -> Iterator[Group]:
    activities, entries = defaultdict(list), defaultdict(list)
    for activity in books.feed.under(refs):
        activities[ref_of(activity)].append(activity)
    for entry in books.ledger.under(refs):
        entries[entry.ref].append(entry)
    for ref in refs:
        group = Group(ref, activities[ref], entries[ref], books.bank.name)
        yield replace(group, company=_company(books, group))


def _sums(books: Books, found: Round) -> dict[str, Sums]:
    """By currency: what our books, the processor's feed and its balance say, and what is owed."""
    told, net = books.bank.balance(), books.feed.net()
    mine = f"{BALANCE}:{books.bank.name}"
    sums: dict[str, Sums] = defaultdict(Sums)
    for (name, currency), balance in books.ledger.totals().items():
        sums[currency].ledger += balance if name == mine else 0
        sums[currency].suspense += balance if name == SUSPENSE else 0
        sums[currency].owed -= balance if CHART[name.partition(":")[0]].owed else 0
    for currency, held in told.items():
        sums[currency].processor = held.available + held.pending
    for currency, amount in net.items():
        sums[currency].feed = amount
    for currency, amount in found.late.items():
        sums[currency].late = amount
    return dict(sorted(sums.items()))


def _report(books: Books, found: Round, sums: dict[str, Sums], now: datetime) -> Report:
    breaks = [asdict(one) | {"settled": one.settled} for one in found.breaks]
    return {
        "began_at": now,
        "processor": books.bank.name,
        "activities": found.activities,
        "compared": len(found.seen),
        "breaks": sorted(breaks, key=lambda one: (one["kind"], one["ref"])),
        "currencies": {
            currency: asdict(one) | {"agree": one.agree, "short": one.short}
            for currency, one in sums.items()
        },
        "sound": not breaks and all(one.agree for one in sums.values()),
    }
