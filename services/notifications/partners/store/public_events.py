"""What partners may read, each partner's own events numbered from 1 without gaps, for 30 days."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from mongoengine import DynamicDocument
from pymongo.errors import BulkWriteError

from services.notifications.store import DUPLICATE, LAST, Entry, Tail
from shared.coalescer import Coalescer
from shared.platform import Platform


class PublicEventDocument(DynamicDocument):
    """Written once, read, and forgotten after 30 days."""

    meta = {
        "collection": "public_events",
        "auto_create_index": False,
        "indexes": [{"fields": ["partner_id", "sequence"], "unique": True}],
    }


class PublicEvents:
    """Per partner what the event log is for people: number n is written only after n - 1.

    Entries go in one by one in order, numbered from the last one seen; who finds a number taken
    begins again behind it. The unique index decides between replicas, and the id, made of partner
    and event, lets a repeat or a replay find its copy there.
    """

    def __init__(self, platform: Platform) -> None:
        self._collection = platform.database[PublicEventDocument._get_collection_name()]
        self._append: Coalescer[Entry, int] = Coalescer(self._write)
        self._tail, self._ready = Tail(self._collection), False

    def add(self, entry: Entry) -> int:
        """Append the entry, without harm again; its number."""
        return self._append(entry)

    def find(self, id: str) -> Entry | None:
        return self._collection.find_one({"_id": id})

    def page(
        self,
        partner_id: str,
        after: int,
        limit: int,
        types: Sequence[str] = (),
        until: int = LAST,
    ) -> list[Entry]:
        """The partner's entries behind the number, up to and without `until`, in order."""
        wanted: Entry = {"partner_id": partner_id, "sequence": {"$gt": after, "$lt": until}}
        if types:
            wanted["type"] = {"$in": list(types)}
        return list(self._collection.find(wanted).sort("sequence", 1).limit(limit))

    def last(self, partner_id: str) -> int:
        """The number of the partner's newest entry, 0 where there is none."""
        return self._tail.last(partner_id=partner_id)

    def before(self, partner_id: str, at: datetime) -> int:
        """The number behind which the partner's entries are as young as this or younger."""
        young = {"partner_id": partner_id, "sequence": {"$gt": 0, "$lt": LAST}, "at": {"$gte": at}}
        first = self._collection.find_one(young, {"sequence": 1}, sort=[("sequence", 1)])
        return int(first["sequence"]) - 1 if first else self.last(partner_id)

    def forget(self, partner_ids: Iterable[str], before: datetime) -> int:
        """Remove what is older, but never a partner's newest: its numbers go on from it."""
        return sum(self._forget(id_, before) for id_ in partner_ids)

    def _forget(self, partner_id: str, before: datetime) -> int:
        until = min(self.before(partner_id, before) + 1, self.last(partner_id))
        old = {"partner_id": partner_id, "sequence": {"$gt": 0, "$lt": until}}
        return int(self._collection.delete_many(old).deleted_count)

    def _write(self, entries: Sequence[Entry]) -> list[int]:
        self._prepare()
        known: dict[str, int] = {}
        while new := self._unknown(entries, known):
            # One partner at a time: a number that was taken must not hold up the others.
            partner_id = new[0]["partner_id"]
            self._insert([one for one in new if one["partner_id"] == partner_id])
        return [known[entry["_id"]] for entry in entries]

    def _unknown(self, entries: Sequence[Entry], known: dict[str, int]) -> list[Entry]:
        """Those without a number yet; the numbers of the others are added to `known`."""
        wanted = {entry["_id"]: entry for entry in entries if entry["_id"] not in known}
        found = self._collection.find({"_id": {"$in": list(wanted)}}, {"sequence": 1})
        for one in found if wanted else ():
            known[one["_id"]] = one["sequence"]
            del wanted[one["_id"]]
        return list(wanted.values())

    def _insert(self, entries: Sequence[Entry]) -> None:
        first = self.last(entries[0]["partner_id"]) + 1
        numbered = [{**entry, "sequence": first + i} for i, entry in enumerate(entries)]
        try:
            self._collection.insert_many(numbered, ordered=True)
        except BulkWriteError as exc:
            if any(error["code"] != DUPLICATE for error in exc.details["writeErrors"]):
                raise

    def _prepare(self) -> None:
        if not self._ready:
            PublicEventDocument.ensure_indexes()
            self._ready = True
