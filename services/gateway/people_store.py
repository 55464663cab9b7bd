"""What the gateway keeps of signing in and of who works where, beside accounts and sessions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from mongoengine import DynamicDocument
from pymongo.collection import Collection

from services.gateway.domain import Role, Standing
from services.gateway.members import MemberInvitation
from services.gateway.sso import Connection
from services.gateway.store import AccountDocument, Fields, SessionDocument
from shared.platform import Platform
from shared.store import Store

AT_ONCE = 100


class MemberInvitationDocument(DynamicDocument):
    meta = {
        "collection": "member_invitations",
        "auto_create_index": False,
        "indexes": [{"fields": ["org_id", "id"]}],
    }


class ConnectionDocument(DynamicDocument):
    meta = {"collection": "sso_connections", "auto_create_index": False}


def member_invitations(platform: Platform) -> Store[MemberInvitation]:
    return Store(platform, MemberInvitation, MemberInvitationDocument)


def connections(platform: Platform) -> Store[Connection]:
    """Single sign-on of organisations, by the organisation's id."""
    return Store(platform, Connection, ConnectionDocument)


def invitations_of(org_id: str, limit: int, after: str | None) -> tuple[list[Fields], str | None]:
    """By id, with the cursor of the next page."""
    wanted: Fields = {"org_id": org_id}
    if after:
        wanted["_id"] = {"$gt": after}
    found = MemberInvitationDocument.objects(__raw__=wanted).order_by("_id").limit(limit + 1)
    page = [{"id": row.pop("_id"), **row} for row in found.as_pymongo()]
    return page[:limit], page[limit - 1]["id"] if len(page) > limit else None


def owners_of(org_id: str) -> list[str]:
    """The accounts that own an organisation, whatever its own list says."""
    wanted = {"org_id": org_id, "standing": str(Standing.ACTIVE)}
    rows = AccountDocument.objects(__raw__=wanted).as_pymongo()
    return [row["_id"] for row in rows if row["role"] == str(Role.OWNER)]


def sessions_of(account_id: str, epoch: int, now: datetime) -> list[Fields]:
    """Those that go on, the latest first, a hundred at most."""
    wanted = {"account_id": account_id}
    rows = SessionDocument.objects(__raw__=wanted).order_by("-_id").limit(10 * AT_ONCE).as_pymongo()
    live = [
        {"id": row.pop("_id"), **row}
        for row in rows
        if not row.get("ended") and row.get("epoch", 0) == epoch and row["expires_at"] > now
    ]
    return live[:AT_ONCE]


class ResetRequests:
    """Who has asked for a new password since the last sweep, each address once."""

    def __init__(self, platform: Platform) -> None:
        self._collection: Collection[Fields] = platform.database["reset_requests"]

    def ask(self, email: str, now: datetime) -> None:
        self._collection.update_one({"_id": email}, {"$set": {"at": now}}, upsert=True)

    def waiting(self) -> Iterable[tuple[str, datetime]]:
        found = self._collection.find({}).limit(AT_ONCE)
        return [(request["_id"], request["at"]) for request in found]

    def done(self, email: str, at: datetime) -> None:
        """Who has asked again meanwhile waits for the next sweep."""
        self._collection.delete_one({"_id": email, "at": at})


class SignInStates:
    """What a browser that was sent to a provider must bring back, once and within minutes."""

    def __init__(self, platform: Platform) -> None:
        self._collection: Collection[Fields] = platform.database["sso_states"]
        platform.stores.append(self)  # type: ignore[arg-type]  # For the sake of its index.

    def ensure_indexes(self) -> None:
        self._collection.create_index("expires_at", expireAfterSeconds=0)

    def keep(self, id: str, fields: dict[str, Any], expires_at: datetime) -> None:
        self._collection.insert_one({**fields, "_id": id, "expires_at": expires_at})

    def take(self, id: str, now: datetime) -> Fields | None:
        """The fields, for the first who asks in time."""
        found = self._collection.find_one({"_id": id})
        if found is None or not self._collection.delete_one({"_id": id}).deleted_count:
            return None
        return found if found["expires_at"] > now else None
