"""Where contacts, choices and notifications are kept, and the one event log that people read."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from mongoengine import DynamicDocument
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.notifications.domain.preferences import Preferences
from services.notifications.domain.records import (
    Contact,
    Digest,
    Notification,
    ProjectTitle,
    ShortText,
)
from services.notifications.domain.visibility import Scope
from shared.coalescer import Coalescer
from shared.exporting import Rows, rows_of
from shared.platform import Platform
from shared.store import Store

EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
DUPLICATE = DuplicateKeyError("").code or 11000
LAST = 2**62  # Beyond every sequence.
SHORT = 200  # Numbers of the log that are looked through first for the newest that somebody sees.
Entry = dict[str, Any]


class ContactDocument(DynamicDocument):
    meta = {
        "collection": "contacts",
        "auto_create_index": False,
        "indexes": [{"fields": ["org_id", "role"]}, "role", "email"],
    }


class PreferencesDocument(DynamicDocument):
    meta = {"collection": "preferences", "auto_create_index": False, "indexes": []}


class ProjectTitleDocument(DynamicDocument):
    meta = {"collection": "project_titles", "auto_create_index": False, "indexes": []}


class NotificationDocument(DynamicDocument):
    meta = {
        "collection": "notifications",
        "auto_create_index": False,
        "indexes": [{"fields": ["person_id", "-created_at", "-_id"]}],
    }


class DigestDocument(DynamicDocument):
    meta = {"collection": "digests", "auto_create_index": False, "indexes": []}


class ShortTextDocument(DynamicDocument):
    meta = {"collection": "short_texts", "auto_create_index": False, "indexes": []}


class EventDocument(DynamicDocument):
    """An entry of the log. Not an aggregate: written once, read, and forgotten after 30 days."""

    meta = {
        "collection": "events",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["sequence"], "unique": True},
            {"fields": ["audience", "sequence"]},
        ],
    }


def contacts(platform: Platform) -> Store[Contact]:
    return Store(platform, Contact, ContactDocument)


def preferences(platform: Platform) -> Store[Preferences]:
    return Store(platform, Preferences, PreferencesDocument)


def titles(platform: Platform) -> Store[ProjectTitle]:
    return Store(platform, ProjectTitle, ProjectTitleDocument)


def notifications(platform: Platform) -> Store[Notification]:
    return Store(platform, Notification, NotificationDocument)


def digests(platform: Platform) -> Store[Digest]:
    return Store(platform, Digest, DigestDocument)


def short_texts(platform: Platform) -> Store[ShortText]:
    return Store(platform, ShortText, ShortTextDocument)


def holders(address: str) -> list[str]:
    """Everybody with this address, which is kept in lower case."""
    found = ContactDocument.objects(__raw__={"email": address.lower()}).only("id")
    return [str(one["_id"]) for one in found.as_pymongo()]


def members(contacts: Store[Contact], roles: Sequence[str], org_id: str | None) -> list[Contact]:
    """Everybody with one of these roles, of one organisation or (None) of all."""
    wanted: dict[str, Any] = {"role": {"$in": list(roles)}}
    if org_id is not None:
        wanted["org_id"] = org_id
    return [contacts.codec.read(found) for found in contacts.collection.find(wanted)]


def inbox(person_id: str, limit: int, after: tuple[datetime, str] | None) -> list[Entry]:
    """A page of what a person was told in the app, the newest first."""
    wanted: dict[str, Any] = {"person_id": person_id, "in_app": True}
    if after is not None:
        at, id_ = after
        wanted["$or"] = [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": id_}}]
    found = NotificationDocument.objects(__raw__=wanted).order_by("-created_at", "-_id")
    return [{**one, "id": one["_id"]} for one in found.limit(limit).as_pymongo()]


def sections(person_id: str) -> dict[str, Rows]:
    """What is kept of one person, as it is handed out to them."""
    contact = rows_of(ContactDocument._get_collection(), _id=person_id)
    chosen = rows_of(PreferencesDocument._get_collection(), _id=person_id)
    return {
        "contact": lambda after, limit: [] if after else contact("", limit),
        "preferences": lambda after, limit: [] if after else chosen("", limit),
        "notification": rows_of(NotificationDocument._get_collection(), person_id=person_id),
        "short-text": rows_of(ShortTextDocument._get_collection(), person_id=person_id),
    }


def told_to(person_id: str) -> list[str]:
    """Ids of all that a person was told."""
    return _ids(NotificationDocument, person_id)


def short_texts_to(person_id: str) -> list[str]:
    return _ids(ShortTextDocument, person_id)


def _ids(document: type[DynamicDocument], person_id: str) -> list[str]:
    rows = document.objects(person_id=person_id).only("id").as_pymongo()
    return [row["_id"] for row in rows]


class Tail:
    """The newest number of entries that are numbered without gaps, for each `of` by itself.

    Asked for behind the last one seen: SecantusDB reads a whole range to find its end.
    """

    def __init__(self, collection: Collection[Entry]) -> None:
        self._collection, self._seen = collection, dict[tuple[str, ...], int]()

    def last(self, **of: str) -> int:
        """0 where there is none."""
        seen = self._seen.get((*of.values(),), 0)
        behind = {**of, "sequence": {"$gt": seen, "$lt": LAST}}
        newest = self._collection.find_one(behind, {"sequence": 1}, sort=[("sequence", -1)])
        if newest:
            seen = self._seen[(*of.values(),)] = int(newest["sequence"])
        return seen


class EventLog:
    """Every event once, numbered without gaps, so that no reader's cursor passes a late entry.

    The number n is written only after n - 1 is there: entries go in one by one in order, numbered
    from the last one seen, and who finds a number taken begins again behind it. The unique index
    on the number is what decides between replicas.
    """

    def __init__(self, platform: Platform) -> None:
        self._collection = platform.database[EventDocument._get_collection_name()]
        self._append: Coalescer[Entry, None] = Coalescer(self._write)
        self._tail, self._ready = Tail(self._collection), False

    def add(self, entry: Entry) -> None:
        """Append the entry; one that is there already stays as it is."""
        self._append(entry)

    def page(self, scope: Scope, types: Sequence[str], after: int, limit: int) -> list[Entry]:
        """Entries behind the number that the scope shows, in order."""
        wanted = _shown(scope, types) | {"sequence": {"$gt": after, "$lt": LAST}}
        return list(self._collection.find(wanted).sort("sequence", 1).limit(limit))

    def position(self, scope: Scope, id: str) -> int | None:
        """The number of this event, where the scope shows it."""
        found = self._collection.find_one(_shown(scope) | {"_id": id}, {"sequence": 1})
        return None if found is None else int(found["sequence"])

    def times(
        self, before: str, person_id: str, types: Sequence[str], org_id: str | None
    ) -> list[datetime]:
        """When events of these types came to this person (from this organisation) before the one
        with this id, as far as the log goes back."""
        number = self.position(Scope(None), before)
        wanted: Entry = {"audience": f"person:{person_id}", "type": {"$in": list(types)}}
        wanted["sequence"] = {"$gt": 0, "$lt": LAST if number is None else number}
        if org_id:
            wanted["data.org_id"] = org_id
        return [found["time"] for found in self._collection.find(wanted, {"time": 1})]

    def newest(self, scope: Scope) -> str | None:
        """The id of the newest event that the scope shows, sought backwards in growing steps."""
        end, step = self.last() + 1, SHORT
        while end > 1:
            wanted = _shown(scope) | {"sequence": {"$gt": max(0, end - step), "$lt": end}}
            found = self._collection.find_one(wanted, {"_id": 1}, sort=[("sequence", -1)])
            if found is not None:
                return str(found["_id"])
            end, step = max(0, end - step) + 1, step * 4
        return None

    def last(self) -> int:
        """The number of the newest entry, 0 where there is none."""
        return self._tail.last()

    def forget(self, before: datetime) -> int:
        """Remove what was logged before then, but never the newest: numbers go on from it."""
        old = {
            "sequence": {"$gt": 0, "$lt": self.last()},
            "logged_at": {"$gt": EARLIEST, "$lt": before},
        }
        return int(self._collection.delete_many(old).deleted_count)

    def _write(self, entries: Sequence[Entry]) -> list[None]:
        self._prepare()
        while new := self._unknown(entries):
            first = self.last() + 1
            numbered = [{**entry, "sequence": first + i} for i, entry in enumerate(new)]
            try:
                self._collection.insert_many(numbered, ordered=True)
                break
            except BulkWriteError as exc:
                if any(error["code"] != DUPLICATE for error in exc.details["writeErrors"]):
                    raise
        return [None] * len(entries)

    def _unknown(self, entries: Sequence[Entry]) -> list[Entry]:
        wanted = {entry["_id"]: entry for entry in entries}
        for found in self._collection.find({"_id": {"$in": list(wanted)}}, {"_id": 1}):
            del wanted[found["_id"]]
        return list(wanted.values())

    def _prepare(self) -> None:
        if not self._ready:
            EventDocument.ensure_indexes()
            self._ready = True


def _shown(scope: Scope, types: Sequence[str] = ()) -> Entry:
    """What the scope shows, of these types if any are named."""
    wanted: Entry = {} if scope.audience is None else {"audience": scope.audience}
    kinds: list[Entry] = []
    if types:
        kinds.append({"type": {"$in": list(types)}})
    if scope.hidden:
        beginnings = "|".join(name.replace(".", r"\.") for name in scope.hidden)
        kinds.append({"type": {"$not": {"$regex": f"^({beginnings})"}}})
    return wanted | {"$and": kinds} if kinds else wanted
