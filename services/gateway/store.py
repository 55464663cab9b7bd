"""What the gateway keeps: accounts, organisations, sessions, files and Idempotency-Keys."""

from datetime import datetime
from typing import Any

from mongoengine import DynamicDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from services.gateway.domain import Account, Organisation, Session, Standing
from shared.platform import Platform
from shared.store import Claims, Store

Fields = dict[str, Any]


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
        "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}],
    }


def accounts(platform: Platform) -> Store[Account]:
    return Store(platform, Account, AccountDocument)


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
        try:
            self._collection.insert_one({**record, "_id": record["file_id"], "engagements": []})
        except DuplicateKeyError:
            return self.find(record["file_id"]) or record
        return record

    def find(self, file_id: str) -> Fields | None:
        return self._collection.find_one({"_id": file_id})

    def owned(self, file_ids: list[str], owner_id: str) -> dict[str, Fields]:
        """Those of these files that the owner uploaded, by id."""
        wanted = {"_id": {"$in": file_ids}, "owner_id": owner_id}
        return {found["_id"]: found for found in self._collection.find(wanted)}

    def hand_in(self, file_ids: list[str], engagement_id: str) -> None:
        """Note where they are about to be handed in: its members may ask for them."""
        change = {"$addToSet": {"engagements": engagement_id}}
        self._collection.update_many({"_id": {"$in": file_ids}}, change)


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
