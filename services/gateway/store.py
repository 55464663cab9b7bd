"""What the gateway keeps: accounts, organisations, sessions, files and Idempotency-Keys."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from mongoengine import DynamicDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from services.gateway.domain import Account, Organisation, Session, Standing
from shared.errors import Conflict
from shared.platform import Platform
from shared.store import Claims, Store

Fields = dict[str, Any]
# No upload takes so long once its bytes are here: a place that is held longer was left by a crash.
HELD = timedelta(hours=1)
NOTED = timedelta(minutes=1)  # How exact the last use of an API key is.


class AccountDocument(DynamicDocument):
    meta = {
        "collection": "accounts",
        "auto_create_index": False,
        "indexes": [{"fields": ["org_id", "id"], "sparse": True}],
    }


class OrganisationDocument(DynamicDocument):
    meta = {"collection": "organisations", "auto_create_index": False}


class SessionDocument(DynamicDocument):
    meta = {
        "collection": "sessions",
        "auto_create_index": False,
        # The refresh token is dead by then; with it goes the record of its family.
        "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}, "account_id"],
    }


def accounts(platform: Platform) -> Store[Account]:
    return Store(platform, Account, AccountDocument, schema_version=2, upcasts={1: _verified})


def _verified(state: Fields) -> Fields:
    """Who registered before addresses were verified is not asked afterwards."""
    return {**state, "email_verified_at": state["created_at"]}


def organisations(platform: Platform) -> Store[Organisation]:
    return Store(platform, Organisation, OrganisationDocument)


def sessions(platform: Platform) -> Store[Session]:
    return Store(platform, Session, SessionDocument)


def emails(platform: Platform) -> Claims:
    """Whose account an e-mail address is."""
    return Claims(platform, "emails")


def members(org_id: str, limit: int, after: str | None) -> tuple[list[Fields], str | None]:
    """Active accounts of an organisation by id, and the cursor of the next page."""
    wanted: Fields = {"org_id": org_id, "standing": str(Standing.ACTIVE)}
    if after:
        wanted["_id"] = {"$gt": after}
    rows = AccountDocument.objects(__raw__=wanted).order_by("_id").limit(limit + 1).as_pymongo()
    page = [{"id": row.pop("_id"), **row} for row in rows]
    return page[:limit], page[limit - 1]["id"] if len(page) > limit else None


class FileRecords:
    """What is known of each stored file: whose it is, and which engagements it was handed in to."""

    def __init__(self, platform: Platform) -> None:
        self._collection: Collection[Fields] = platform.database["files"]

    def add(self, record: Fields) -> Fields:
        """Insert it; one that is there already is returned as it is."""
        new = {**record, "_id": record["file_id"], "engagements": [], "kept_by": ""}
        try:
            self._collection.insert_one(new)
        except DuplicateKeyError:
            return self.find(record["file_id"]) or record
        return record

    def mark_kept(self, file_id: str, place: str) -> bool:
        """The bytes are there, in this place of the quota; False where they were there before."""
        wanted, change = {"_id": file_id, "kept_by": ""}, {"$set": {"kept_by": place}}
        return bool(self._collection.update_one(wanted, change).modified_count)

    def find(self, file_id: str) -> Fields | None:
        return self._collection.find_one({"_id": file_id})

    def owned(self, file_ids: list[str], owner_id: str) -> dict[str, Fields]:
        """Those of these files that the owner uploaded, by id."""
        wanted = {"_id": {"$in": file_ids}, "owner_id": owner_id}
        return {found["_id"]: found for found in self._collection.find(wanted)}

    def handed_in(self, owner_id: str, engagement_id: str, sha256: str) -> Fields | None:
        """A file with this hash that its owner handed in there, and whose bytes are kept."""
        wanted = {"owner_id": owner_id, "engagements": engagement_id, "sha256": sha256}
        found = self._collection.find(wanted)
        return next((record for record in found if record.get("kept_by") != ""), None)

    def hand_in(self, file_ids: list[str], engagement_id: str) -> None:
        """Note where they are about to be handed in: its members may ask for them."""
        change = {"$addToSet": {"engagements": engagement_id}}
        self._collection.update_many({"_id": {"$in": file_ids}}, change)

    def forget(self, file_id: str) -> None:
        """Its bytes are gone for good."""
        self._collection.delete_one({"_id": file_id})


class Quota:
    """How many files and bytes of each owner are kept: never more than the bounds say.

    A place is held in one conditional write before the bytes are kept, then settled or released. A
    record names the place it was kept by: so a later upload can tell what a crash left held, and
    settles or releases it.
    """

    def __init__(self, platform: Platform, most_files: int, most_bytes: int) -> None:
        self._files: Collection[Fields] = platform.database["files"]
        self._usage: Collection[Fields] = platform.database["file_usage"]
        self._most_files, self._most_bytes, self._now = most_files, most_bytes, platform.now
        platform.stores.append(self)  # type: ignore[arg-type]  # For the sake of its index.

    def ensure_indexes(self) -> None:
        self._files.create_index("owner_id")

    def require_room(self, owner_id: str, size: int) -> None:
        """Raise Conflict where a file of so many bytes has no room; holds nothing."""
        self._begin(owner_id)
        if not self._fits(owner_id, size):
            self._tidy(owner_id)
            if not self._fits(owner_id, size):
                raise self._full(owner_id)

    def hold(self, owner_id: str, file_id: str, size: int) -> str:
        """A place for one more file; raises Conflict where there is no room."""
        self._begin(owner_id)
        place = uuid4().hex
        held = {"file_id": file_id, "size": size, "at": self._now()}
        change = {"$inc": {"files": 1, "bytes": size}, "$set": {f"held.{place}": held}}
        if not self._usage.update_one(self._room(owner_id, size), change).modified_count:
            self._tidy(owner_id)
            if not self._usage.update_one(self._room(owner_id, size), change).modified_count:
                raise self._full(owner_id)
        return place

    def settle(self, owner_id: str, place: str) -> None:
        """The file is kept; its place counts from now on."""
        self._usage.update_one({"_id": owner_id}, {"$unset": {f"held.{place}": ""}})

    def release(self, owner_id: str, place: str, size: int) -> None:
        """Nothing was kept in this place; a second time it changes nothing."""
        change = {"$inc": {"files": -1, "bytes": -size}, "$unset": {f"held.{place}": ""}}
        self._usage.update_one({"_id": owner_id, f"held.{place}.size": size}, change)

    def _room(self, owner_id: str, size: int) -> Fields:
        room = {"files": {"$lt": self._most_files}, "bytes": {"$lte": self._most_bytes - size}}
        return {"_id": owner_id, **room}

    def _fits(self, owner_id: str, size: int) -> bool:
        return self._usage.find_one(self._room(owner_id, size), {"_id": 1}) is not None

    def _begin(self, owner_id: str) -> None:
        """Count what was uploaded before there was a quota."""
        if self._usage.find_one({"_id": owner_id}, {"_id": 1}) is not None:
            return
        found = self._files.find({"owner_id": owner_id}, {"size": 1, "kept_by": 1})
        sizes = [record["size"] for record in found if "kept_by" not in record]
        used = {"_id": owner_id, "files": len(sizes), "bytes": sum(sizes), "held": {}}
        with suppress(DuplicateKeyError):
            self._usage.insert_one(used)

    def _tidy(self, owner_id: str) -> None:
        """Settle or release the places that a crash has left held."""
        usage = self._usage.find_one({"_id": owner_id}) or {}
        for place, held in usage.get("held", {}).items():
            if held["at"] > self._now() - HELD:
                continue
            if self._files.find_one({"_id": held["file_id"], "kept_by": place}, {"_id": 1}):
                self.settle(owner_id, place)
            else:
                self.release(owner_id, place, held["size"])

    def _full(self, owner_id: str) -> Conflict:
        usage = self._usage.find_one({"_id": owner_id}) or {}
        return Conflict(
            "storage-full",
            f"You keep {usage['files']} of {self._most_files} files and {usage['bytes']} of "
            f"{self._most_bytes} bytes: hand in a file that you have uploaded before, upload a "
            "smaller one, or ask an operator for more room.",
        )


class ApiKeyRecords:
    """API keys by the hash of their secret, and when each was last used."""

    def __init__(self, platform: Platform) -> None:
        self._collection: Collection[Fields] = platform.database["api_keys"]
        self._uses: Collection[Fields] = platform.database["api_key_uses"]
        self._noted: dict[str, datetime] = {}
        platform.stores.append(self)  # type: ignore[arg-type]  # For the sake of its indexes.

    def ensure_indexes(self) -> None:
        for name in ("account_id", "org_id"):
            self._collection.create_index(name)
        self._collection.create_index("secret_hash", unique=True)

    def add(self, record: Fields) -> Fields:
        """Insert it; one that is there already is returned as it is."""
        try:
            self._collection.insert_one({**record, "_id": record["id"]})
        except DuplicateKeyError:
            return self.find(record["id"]) or record
        return record

    def by_secret(self, secret_hash: str) -> Fields | None:
        return self._collection.find_one({"secret_hash": secret_hash})

    def find(self, id: str) -> Fields | None:
        return self._collection.find_one({"_id": id})

    def count(self, account_id: str) -> int:
        """How many of theirs are good."""
        return self._collection.count_documents({"account_id": account_id, "revoked_at": None})

    def good(self, account_id: str) -> list[Fields]:
        """Theirs that nobody has revoked."""
        return list(self._collection.find({"account_id": account_id, "revoked_at": None}))

    def page(self, owner: Fields, limit: int, after: str | None) -> tuple[list[Fields], str | None]:
        """By id, with the cursor of the next page."""
        wanted = {**owner, "_id": {"$gt": after}} if after else owner
        rows = list(self._collection.find(wanted).sort("_id", 1).limit(limit + 1))
        ids = [row["id"] for row in rows[:limit]]
        used = {use["_id"]: use["at"] for use in self._uses.find({"_id": {"$in": ids}})}
        page = [{**row, "last_used_at": used.get(row["id"])} for row in rows[:limit]]
        return page, ids[-1] if len(rows) > limit else None

    def revoke(self, id: str, now: datetime) -> None:
        """The first time counts."""
        wanted, change = {"_id": id, "revoked_at": None}, {"$set": {"revoked_at": now}}
        self._collection.update_one(wanted, change)

    def revoke_all(self, account_id: str, now: datetime) -> None:
        """All of one person."""
        wanted = {"account_id": account_id, "revoked_at": None}
        self._collection.update_many(wanted, {"$set": {"revoked_at": now}})

    def used(self, id: str, now: datetime) -> None:
        """Note it, about once a minute."""
        if id in self._noted and now - self._noted[id] < NOTED:
            return
        self._noted[id] = now
        self._uses.update_one({"_id": id}, {"$set": {"at": now}}, upsert=True)


class Keys:
    """Idempotency-Keys and the first answers, for as long as `expires_at` says."""

    def __init__(self, platform: Platform) -> None:
        self._collection: Collection[Fields] = platform.database["idempotency_keys"]
        self._now = platform.now
        platform.stores.append(self)  # type: ignore[arg-type]  # For the sake of its index.

    def ensure_indexes(self) -> None:
        self._collection.create_index("expires_at", expireAfterSeconds=0)

    def begin(self, id: str, fingerprint: str, expires_at: datetime) -> Fields | None:
        """Store the key before anything is done; returns what is there already, if anything."""
        record = {"_id": id, "fingerprint": fingerprint, "expires_at": expires_at}
        try:
            self._collection.insert_one(record)
        except DuplicateKeyError:
            found = self._collection.find_one({"_id": id})
            if found is not None and found["expires_at"] > self._now():
                return found
            # The index removes a record up to a minute late.
            self._collection.replace_one({"_id": id}, record, upsert=True)
        return None

    def finish(self, id: str, answer: str) -> None:
        """Keep the sealed first answer."""
        self._collection.update_one({"_id": id}, {"$set": {"answer": answer}})

    def forget(self, id: str) -> None:
        """Nothing was done under this key."""
        self._collection.delete_one({"_id": id, "answer": None})
