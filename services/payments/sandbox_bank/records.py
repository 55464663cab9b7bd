"""The sandbox's own collections: each effect is one conditional write of one document."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, TypeVar

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from services.payments.sandbox_bank.lines import News
from shared.codec import Codec
from shared.errors import Unavailable

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
ROUNDS = 50  # Lost races until it is given up.
AT_ONCE = 100


class Telling(Protocol):
    """What every record of the sandbox has."""

    id: str
    version: int
    news: list[News]
    due_at: datetime | None

    def next_due(self) -> datetime | None: ...


R = TypeVar("R", bound=Telling)
T = TypeVar("T")


class Records(Generic[R]):
    """`telling`: whether there is anybody to be told of what happens; otherwise nothing is kept."""

    def __init__(
        self, collection: Collection[dict[str, Any]], kind: type[R], telling: bool
    ) -> None:
        self.collection, self._codec, self._telling = collection, Codec(kind), telling
        self._prepared = False

    def find(self, id_: str) -> R | None:
        document = self.collection.find_one({"_id": id_})
        return self._codec.read(document) if document else None

    def add(self, record: R) -> tuple[R, bool]:
        """Keep it, or say what was here under its id already; True where it is new."""
        try:
            self.collection.insert_one(self._written(record) | {"version": 1})
        except DuplicateKeyError:
            return self.find(record.id) or record, False
        return record, True

    def change(self, id_: str, act: Callable[[R], T]) -> T | None:
        """What `act` says of the record after changing it; None where there is no such record."""
        for _ in range(ROUNDS):
            document = self.collection.find_one({"_id": id_})
            if document is None:
                return None
            record = self._codec.read(document)
            before = self._codec.write(record)
            said = act(record)
            if self._codec.write(record) == before or self._replaced(record):
                return said
        raise Unavailable("too-busy", "Too many change this record of the sandbox bank.")

    def due(self, now: datetime) -> list[str]:
        """The ids of those that have something to do or to tell, the longest due first."""
        self.prepare()
        span = {"due_at": {"$gt": EARLIEST, "$lte": now}}
        found = self.collection.find(span, {"_id": 1}).sort("due_at", 1).limit(AT_ONCE)
        return [document["_id"] for document in found]

    def entered(self, since: datetime) -> Iterator[R]:
        """Those with a line of the statement from then or later."""
        self.prepare()
        span = {"entered_at": {"$gte": since, "$lt": LATEST}}
        for document in self.collection.find(span):
            yield self._codec.read(document)

    def sums(self) -> dict[str, int]:
        """The sum of `net` by currency."""
        group = {"_id": "$currency", "net": {"$sum": "$net"}}
        rows = self.collection.aggregate([{"$group": group}])
        return {row["_id"]: int(row["net"]) for row in rows}

    def prepare(self) -> None:
        """Set up the indexes, once in the life of a process."""
        if not self._prepared:
            self.collection.create_index([("due_at", 1)], sparse=True)
            self.collection.create_index([("entered_at", 1)], sparse=True)
            self._prepared = True

    def _replaced(self, record: R) -> bool:
        known = {"_id": record.id, "version": record.version}
        new = self._written(record) | {"version": record.version + 1}
        return self.collection.replace_one(known, new).matched_count == 1

    def _written(self, record: R) -> dict[str, Any]:
        record.news = record.news if self._telling else []
        record.due_at = record.next_due()
        return self._codec.write(record)
