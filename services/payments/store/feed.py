"""What processors have told of their movements, and what of it nobody has explained yet."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from pymongo.database import Database
from pymongo.errors import BulkWriteError

from services.payments.domain import Activity
from services.payments.domain.reconciliation import Break, BreakKind, ref_of
from services.payments.store.closing import Closing, Document
from services.payments.store.journal import DUPLICATE
from shared.platform import Platform

FEED = "feed"
STAMP = "kept_at"


def ensure_indexes(database: Database[Document]) -> None:
    database[FEED].create_index([("ref", 1)])
    database[FEED].create_index([(STAMP, 1)])


class Feed:
    """Movements are kept once, by the processor's id, and never written again."""

    def __init__(self, platform: Platform) -> None:
        self._activities, self._breaks = platform.database[FEED], platform.database["breaks"]
        self._now = platform.now
        self._closing = Closing(
            platform.database, self._activities, STAMP, ("currency", "net"), _parts, platform.now
        )

    def keep(self, activities: Sequence[Activity]) -> None:
        """Once each, whatever is told of them later."""
        now = self._now()
        documents = [_document(one) | {STAMP: now} for one in activities]
        try:
            if documents:
                self._activities.insert_many(documents, ordered=False)
        except BulkWriteError as exc:
            if any(error["code"] != DUPLICATE for error in exc.details["writeErrors"]):
                raise

    def under(self, refs: Sequence[str]) -> list[Activity]:
        return [_activity(found) for found in self._activities.find({"ref": {"$in": list(refs)}})]

    def net(self) -> dict[str, int]:
        """By currency, over all that was ever told."""
        return self._closing.sums()

    def breaks(self) -> list[Break]:
        """Those that are open."""
        return [_break(found) for found in self._breaks.find()]

    def mark(self, found: Sequence[Break], gone: Sequence[str]) -> None:
        """Remember these as open, and forget those under these references."""
        for one in found:
            document = asdict(one) | {"_id": one.ref}
            self._breaks.replace_one({"_id": one.ref}, document, upsert=True)
        if open_ones := {one["_id"] for one in self._breaks.find({}, {"_id": 1})} & set(gone):
            self._breaks.delete_many({"_id": {"$in": sorted(open_ones)}})


def _document(activity: Activity) -> Document:
    document = asdict(activity)
    return {"_id": document.pop("id"), **document, "ref": ref_of(activity)}


def _activity(document: Document) -> Activity:
    fields = {name: value for name, value in document.items() if name not in ("_id", "ref", STAMP)}
    return Activity(id=document["_id"], **fields)


def _break(document: Document) -> Break:
    fields = {name: value for name, value in document.items() if name != "_id"}
    return Break(**fields | {"kind": BreakKind(fields["kind"])})


def _parts(document: Document) -> Iterator[tuple[str, int]]:
    yield document["currency"], document["net"]
