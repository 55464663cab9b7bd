"""The journal: entries are inserted once under their operation's key, and never written again."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from pymongo.database import Database
from pymongo.errors import BulkWriteError

from services.payments.domain import Entry, Posting
from services.payments.domain.chart import CHART
from services.payments.store.closing import BEGINNING, Closing, Document, spans
from services.payments.usecases.books import Balances
from shared.errors import Conflict
from shared.platform import Platform

JOURNAL = "journal"
DUPLICATE = 11000
AT_ONCE = 500
STAMP = "posted_at"  # When it was inserted; `created_at` is when the money moved.
UNNAMED = {"processor_balance": "sandbox"}  # Entries from before processors had names.
LINKS = (
    "bank_id",
    "reverses",
    "about",
    "pair",
    "by",
    "reason",
)  # Of an entry: absent where it has none.
DAY = timedelta(days=1)


def ensure_indexes(database: Database[Document]) -> None:
    """Idempotent. `ref` is there only where it is not the id."""
    entries = database[JOURNAL]
    entries.create_index([("engagement_id", 1)])
    entries.create_index([(STAMP, 1)])
    entries.create_index([("ref", 1)], sparse=True)


class Journal:
    """What the use cases of an engagement need of the books."""

    def __init__(self, platform: Platform) -> None:
        self._entries, self._now = platform.database[JOURNAL], platform.now
        wanted = ("currency", "postings")
        self._closing = Closing(
            platform.database, self._entries, STAMP, wanted, _parts, platform.now
        )

    def post(self, entries: Sequence[Entry]) -> None:
        """Enter them; one that is there already stays, a different one of its id is Conflict."""
        if not entries:
            return
        now = self._now()
        try:
            documents = [document_of(entry, now) for entry in entries]
            self._entries.insert_many(documents, ordered=False)
        except BulkWriteError as exc:
            errors = exc.details["writeErrors"]
            if any(error["code"] != DUPLICATE for error in errors):
                raise
            self._compare({entry.id: entry for entry in entries})

    def of(self, engagement_id: str) -> list[Entry]:
        """The entries of an engagement, oldest first."""
        found = self._entries.find({"engagement_id": engagement_id}).sort("created_at", 1)
        return [entry_from(document) for document in found]

    def balances(self) -> list[tuple[str, str, int]]:
        """Account, currency and balance (debits positive), over all engagements."""
        sums = Counter[tuple[str, str]]()
        for (name, currency), balance in self.totals().items():
            sums[name.partition(":")[0], currency] += balance
        return sorted((account, currency, sum_) for (account, currency), sum_ in sums.items())

    def totals(self) -> Balances:
        """By account and currency; `processor_balance` by processor."""
        return _balances(self._closing.sums())

    def _compare(self, entries: dict[str, Entry]) -> None:
        for found in map(entry_from, self._entries.find({"_id": {"$in": list(entries)}})):
            if not found.same_money(entries[found.id]):
                raise Conflict("entry-exists", f"The journal has another entry {found.id}.")


class Ledger(Journal):
    """The journal, for those who read all of it."""

    def on(self, account: str, since: datetime, limit: int) -> list[Entry]:
        """Entries on `name` or `name:whose`, the latest first."""
        name, _, whose = account.partition(":")
        if whose and CHART[name].of == "engagement":
            found: Iterable[Entry] = reversed(self.of(whose))
        else:
            found = self._backwards(since)
        touching = (
            entry
            for entry in found
            if any(p.account == name and whose in ("", p.of) for p in entry.postings)
        )
        return list(islice(touching, limit))

    def under(self, refs: Sequence[str]) -> list[Entry]:
        """Those that are compared under these, and what corrects them."""
        found = {
            document["_id"]: document
            for field in ("_id", "ref")
            for document in self._entries.find({field: {"$in": list(refs)}})
        }
        return [entry_from(document) for document in found.values()]

    def since(self, at: datetime) -> Iterator[list[Entry]]:
        """Those entered from then on, in pages."""
        for wanted in spans(STAMP, at, self._now()):
            found = iter(self._entries.find(wanted))
            while page := [entry_from(document) for document in islice(found, AT_ONCE)]:
                yield page

    def closing(self) -> tuple[datetime, Balances] | None:
        """What the accounts were worth at the last closing."""
        until, sums = self._closing.read()
        return (until, _balances(sums)) if until else None

    def close(self, until: datetime, balances: Balances) -> None:
        """From now on balances are these, and what was entered from then on."""
        sums = Counter({_name(*key): balance for key, balance in balances.items()})
        self._closing.write(until, sums)

    def between(self, after: str, last: str, until: datetime) -> list[Entry]:
        """Those of engagements with ids after the one and up to the other, entered before then.

        What is about no engagement comes first.
        """
        ids = {"$gt": after, "$lte": last} if after else {"$gte": "", "$lte": last}
        return [
            entry_from(document)
            for document in self._entries.find({"engagement_id": ids})
            if document.get(STAMP, BEGINNING) < until
        ]

    def _backwards(self, since: datetime) -> Iterator[Entry]:
        """Day by day, as nothing sorts a large range."""
        end = self._now() + DAY
        while end > since:
            day = {STAMP: {"$gte": end - DAY, "$lt": end}}
            entries = [entry_from(document) for document in self._entries.find(day)]
            yield from sorted(entries, key=lambda entry: entry.created_at, reverse=True)
            end -= DAY


def entry_from(document: Document) -> Entry:
    return Entry(
        id=document["_id"],
        kind=document["kind"],
        engagement_id=document["engagement_id"],
        currency=document["currency"],
        created_at=document["created_at"],
        postings=tuple(_posting(**posting) for posting in document["postings"]),
        **{name: document.get(name, "") for name in LINKS},
    )


def document_of(entry: Entry, now: datetime) -> Document:
    """An entry as it is stored, inserted at this moment."""
    postings = [{"account": p.account, "of": p.of, "amount": p.amount} for p in entry.postings]
    about = {"kind": entry.kind, "engagement_id": entry.engagement_id}
    money: dict[str, Any] = {"currency": entry.currency, "postings": postings}
    links = {name: value for name in LINKS if (value := getattr(entry, name))}
    links |= {"ref": entry.ref} if entry.ref != entry.id else {}
    times = {"created_at": entry.created_at, STAMP: now}
    return {"_id": entry.id, **about, **money, **links, **times}


def _posting(account: str, amount: int, of: str) -> Posting:
    return Posting(account, amount, of or UNNAMED.get(account, ""))


def _parts(document: Document) -> Iterator[tuple[str, int]]:
    """What each posting adds to the sum of its account; only processors have sums of their own."""
    for posting in document["postings"]:
        account = posting["account"]
        if CHART[account].of == "processor":
            account = f"{account}:{posting['of'] or UNNAMED[account]}"
        yield _name(account, document["currency"]), posting["amount"]


def _name(account: str, currency: str) -> str:
    return f"{currency} {account}"


def _balances(sums: dict[str, int]) -> Balances:
    split = ((name.partition(" "), balance) for name, balance in sums.items())
    return {(account, currency): balance for (currency, _, account), balance in split}
