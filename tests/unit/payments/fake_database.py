"""As much of a database as the sandbox bank uses, in memory, and a platform to hold it."""

from collections import defaultdict
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

from pymongo.errors import DuplicateKeyError

from services.payments.config import Settings
from tests.unit.payments.fakes import Time

Document = dict[str, Any]


class Found(list[Document]):
    """What a query found, as a cursor is used."""

    def sort(self, name: str, _direction: int) -> "Found":  # type: ignore[override]
        return Found(sorted(self, key=lambda document: document[name]))

    def limit(self, count: int) -> "Found":
        return Found(self[:count])


class FakeCollection:
    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}

    def find_one(self, query: Document) -> Document | None:
        return next(iter(self.find(query)), None)

    def find(self, query: Document | None = None, _fields: Document | None = None) -> Found:
        found = [each for each in self.documents.values() if matches(each, query or {})]
        return Found(deepcopy(found))

    def insert_one(self, document: Document) -> None:
        if document["_id"] in self.documents:
            raise DuplicateKeyError("It is there already.")
        self.documents[document["_id"]] = deepcopy(document)

    def replace_one(self, query: Document, document: Document) -> Any:
        known = self.find_one(query)
        if known is not None:
            self.documents[known["_id"]] = deepcopy(document)
        return SimpleNamespace(matched_count=int(known is not None))

    def update_one(self, query: Document, change: Document, *, upsert: bool) -> None:
        assert upsert
        assert set(change) == {"$setOnInsert"}
        if self.find_one(query) is None:
            self.insert_one(query | change["$setOnInsert"])

    def aggregate(self, pipeline: list[Document]) -> list[Document]:
        """The one question that is asked: the sum of a field by another."""
        (stage,) = pipeline
        by, (name, total) = stage["$group"]["_id"], list(stage["$group"].items())[1]
        sums: dict[str, int] = defaultdict(int)
        for document in self.documents.values():
            sums[document[by.removeprefix("$")]] += document[total["$sum"].removeprefix("$")]
        return [{"_id": key, name: sum_} for key, sum_ in sums.items()]

    def create_index(self, *_: Any, **__: Any) -> None:
        """Found without one."""


def matches(document: Document, query: Document) -> bool:
    return all(fits(document.get(name), wanted) for name, wanted in query.items())


def fits(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(value == wanted)
    tests = {
        "$gt": lambda limit: value > limit,
        "$gte": lambda limit: value >= limit,
        "$lt": lambda limit: value < limit,
        "$lte": lambda limit: value <= limit,
    }
    return value is not None and all(tests[name](limit) for name, limit in wanted.items())


def fake_platform(now: Time, environment: str = "development", **settings: str) -> Any:
    about = {"amqp_uri": "amqp://nowhere", "mongo_uri": "mongodb://nowhere", "ladder": {}}
    return SimpleNamespace(
        settings=Settings(environment=environment, **about, **settings),  # type: ignore[arg-type]
        database=defaultdict(FakeCollection),
        now=now,
    )
