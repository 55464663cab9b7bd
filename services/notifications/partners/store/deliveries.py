"""What is on its way to endpoints, and whose turn it is: any number of processes may send."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from mongoengine import DynamicDocument
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from shared.platform import Platform

EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
DUPLICATE = DuplicateKeyError("").code or 11000
LAST_TEXT = "\uffff"
RESTING = "-"  # Has the turn of an endpoint that is to be left alone for a while.
Doc = dict[str, Any]


class DeliveryDocument(DynamicDocument):
    """`place` sorts an endpoint's deliveries by age; `due_at` is there while one is due."""

    meta = {
        "collection": "deliveries",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["endpoint_id", "due_at"]},
            # Ascending: SecantusDB finds nothing of a range in a descending one.
            {"fields": ["endpoint_id", "place"]},
            "created_at",
        ],
    }


class QueueDocument(DynamicDocument):
    """One for each endpoint: when somebody has to look for what is due to it."""

    meta = {
        "collection": "endpoint_queues",
        "auto_create_index": False,
        "indexes": [{"fields": ["due_at"], "sparse": True}],
    }


class Deliveries:
    """Recorded before anything is sent; claimed by a conditional update of `due_at`."""

    def __init__(self, platform: Platform) -> None:
        self._collection = platform.database[DeliveryDocument._get_collection_name()]
        self._ready = False

    def add(self, deliveries: Sequence[Doc]) -> None:
        """Record them; those that are there stay as they are."""
        self._prepare()
        try:
            if deliveries:
                self._collection.insert_many(deliveries, ordered=False)
        except BulkWriteError as exc:
            if any(error["code"] != DUPLICATE for error in exc.details["writeErrors"]):
                raise

    def again(self, deliveries: Sequence[Doc]) -> None:
        """Make them due anew, those that were never made as well."""
        self._prepare()
        renewed = ("status", "attempts", "due_at", "replay")
        updates = [
            UpdateOne(
                {"_id": one["_id"]},
                {
                    "$set": {name: one[name] for name in renewed},
                    "$setOnInsert": {k: v for k, v in one.items() if k not in (*renewed, "_id")},
                },
                upsert=True,
            )
            for one in deliveries
        ]
        if updates:
            self._collection.bulk_write(updates, ordered=False)

    def find(self, id: str) -> Doc | None:
        return self._collection.find_one({"_id": id})

    def due(self, endpoint_id: str, now: datetime, limit: int) -> list[Doc]:
        """Those to this endpoint whose time has come, the longest overdue first."""
        found = self._collection.find(_due(endpoint_id, now))
        return list(found.sort("due_at", 1).limit(limit))

    def next_due(self, endpoint_id: str) -> datetime | None:
        """When the next one to this endpoint falls due."""
        far = datetime(9000, 1, 1, tzinfo=UTC)
        found = self._collection.find(_due(endpoint_id, far), {"due_at": 1})
        first = next(iter(found.sort("due_at", 1).limit(1)), None)
        return first["due_at"] if first else None

    def claim(self, delivery: Doc, holder: str, until: datetime) -> bool:
        """Take the sending upon oneself; false where somebody else has."""
        mine = {"_id": delivery["_id"], "due_at": delivery["due_at"]}
        change = {"$set": {"due_at": until, "holder": holder}, "$inc": {"attempts": 1}}
        return self._collection.update_one(mine, change).matched_count == 1

    def record(self, id: str, holder: str, due_at: datetime | None, **facts: Any) -> None:
        """What came of it, unless another has taken over meanwhile."""
        change: Doc = {"$set": dict(facts), "$unset": {"holder": ""}}
        if due_at is None:
            change["$unset"]["due_at"] = ""
        else:
            change["$set"]["due_at"] = due_at
        self._collection.update_one({"_id": id, "holder": holder}, change)

    def page(
        self, endpoint_id: str, limit: int, after: str | None, status: str | None
    ) -> list[Doc]:
        """An endpoint's deliveries, the newest first."""
        wanted: Doc = {"endpoint_id": endpoint_id, "place": {"$gt": "", "$lt": after or LAST_TEXT}}
        if status:
            wanted["status"] = status
        return list(self._collection.find(wanted).sort("place", -1).limit(limit))

    def forget(self, before: datetime) -> int:
        """Remove what is older."""
        self._prepare()
        old = {"created_at": {"$gt": EARLIEST, "$lt": before}}
        return int(self._collection.delete_many(old).deleted_count)

    def _prepare(self) -> None:
        if not self._ready:
            DeliveryDocument.ensure_indexes()
            self._ready = True


class Queues:
    """Endpoints take turns, however much is due to each. Who has the turn sends to it alone.

    `news` counts the calls of `wake`: a turn that ends looks again where it has changed, so that
    nothing that came meanwhile is left lying.
    """

    def __init__(self, platform: Platform) -> None:
        self._collection = platform.database[QueueDocument._get_collection_name()]
        self._ready = False

    def wake(self, endpoint_id: str, partner_id: str, now: datetime) -> None:
        """Something is due to this endpoint."""
        self._prepare()
        while True:
            if self._change({"_id": endpoint_id, "holder": None}, _sooner(now)):
                return
            taken = {"_id": endpoint_id, "holder": {"$gt": ""}}
            if self._change(taken, {"$inc": {"news": 1}}):
                return
            self._make(endpoint_id, partner_id)

    def due(self, now: datetime, limit: int) -> list[Doc]:
        """Whose turn it is, the longest overdue first."""
        wanted = {"due_at": {"$gt": EARLIEST, "$lte": now}}
        return list(self._collection.find(wanted).sort("due_at", 1).limit(limit))

    def claim(self, queue: Doc, holder: str, until: datetime) -> bool:
        """Take the turn; false where somebody else has."""
        mine = {"_id": queue["_id"], "due_at": queue["due_at"]}
        return self._change(mine, {"$set": {"due_at": until, "holder": holder}})

    def find(self, endpoint_id: str) -> Doc | None:
        return self._collection.find_one({"_id": endpoint_id})

    def release(
        self, endpoint_id: str, holder: str, news: int, due_at: datetime | None, losses: int
    ) -> bool:
        """End the turn, the next being at `due_at`; false where there are news to look at first."""
        return self._end({"_id": endpoint_id, "holder": holder, "news": news}, due_at, None, losses)

    def rest(self, endpoint_id: str, holder: str, until: datetime, losses: int) -> None:
        """End the turn; whatever is woken, the next one is not before then."""
        self._end({"_id": endpoint_id, "holder": holder}, until, RESTING, losses)

    def _end(self, turn: Doc, due_at: datetime | None, holder: str | None, losses: int) -> bool:
        named = {"due_at": due_at, "holder": holder}
        change: Doc = {
            "$set": {"losses": losses, **{k: v for k, v in named.items() if v is not None}},
            "$unset": {k: "" for k, v in named.items() if v is None},
        }
        if not change["$unset"]:
            del change["$unset"]
        return self._change(turn, change)

    def _change(self, wanted: Doc, change: Doc) -> bool:
        return self._collection.update_one(wanted, change).matched_count == 1

    def _make(self, endpoint_id: str, partner_id: str) -> None:
        new = {"$setOnInsert": {"partner_id": partner_id, "news": 0, "losses": 0}}
        try:
            self._collection.update_one({"_id": endpoint_id}, new, upsert=True)
        except DuplicateKeyError:
            return  # Another has just made it.

    def _prepare(self) -> None:
        if not self._ready:
            QueueDocument.ensure_indexes()
            self._ready = True


def _due(endpoint_id: str, now: datetime) -> Doc:
    return {"endpoint_id": endpoint_id, "due_at": {"$gt": EARLIEST, "$lte": now}}


def _sooner(now: datetime) -> Doc:
    return {"$min": {"due_at": now}, "$inc": {"news": 1}}
