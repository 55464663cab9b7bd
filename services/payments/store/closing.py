"""Sums that are not added up from the beginning each time: what they were, and until when."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from shared.clock import Clock

Document = dict[str, Any]
Sums = Counter[str]
Parts = Callable[[Document], Iterable[tuple[str, int]]]

BEGINNING, END = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
SETTLED = timedelta(minutes=10)  # What was stamped before that has arrived by now.
SPAN, LONG = timedelta(hours=2), timedelta(days=30)
MANY = 2_000  # So many documents are not added up a second time.


class Closing:
    """The sums over a collection whose documents are stamped when they are inserted, and stay.

    A closing is one document, a moment and the sums of all that was stamped before it, so that it
    is right whoever writes it last.
    """

    def __init__(
        self,
        database: Database[Document],
        collection: Collection[Document],
        stamp: str,
        fields: Iterable[str],
        parts: Parts,
        now: Clock,
    ) -> None:
        self._closings, self._documents = database["closings"], collection
        self._stamp, self._parts, self._now = stamp, parts, now
        self._wanted = dict.fromkeys([stamp, *fields], 1)

    def sums(self) -> dict[str, int]:
        """By name: those of the last closing, and of what came after it."""
        until, sums = self.read()
        recent, cut, seen = Sums(), self._now() - SETTLED, 0
        for document in self._since(until):
            settled = document.get(self._stamp, BEGINNING) < cut
            into = sums if settled else recent
            for name, amount in self._parts(document):
                into[name] += amount
            seen += settled
        if seen > MANY:
            self.write(cut, sums)
        sums.update(recent)
        return {name: total for name, total in sums.items() if total}

    def read(self) -> tuple[datetime | None, Sums]:
        """When the last closing was, if ever, and its sums."""
        found = self._closings.find_one({"_id": self._documents.name})
        if found is None:
            return None, Sums()
        return found["until"], Sums({row["name"]: row["sum"] for row in found["sums"]})

    def write(self, until: datetime, sums: Sums) -> None:
        rows = [{"name": name, "sum": total} for name, total in sorted(sums.items()) if total]
        closing = {"until": until, "sums": rows}
        self._closings.replace_one({"_id": self._documents.name}, closing, upsert=True)

    def _since(self, until: datetime | None) -> Iterator[Document]:
        """Those of older releases have no stamp: they are in every closing."""
        if until is None:
            yield from self._documents.find({}, self._wanted)
            return
        for wanted in spans(self._stamp, until, self._now()):
            yield from self._documents.find(wanted, self._wanted)


def spans(stamp: str, since: datetime, now: datetime) -> Iterator[Document]:
    """Filters for what was stamped from then on, a few hours each: some databases build the whole
    answer of a query before they send its beginning.
    """
    begin = since if now - since < LONG else now - LONG
    if begin > since:
        yield {stamp: {"$gte": since, "$lt": begin}}
    while begin < now:
        yield {stamp: {"$gte": begin, "$lt": begin + SPAN}}
        begin += SPAN
    yield {stamp: {"$gte": begin, "$lt": END}}
