"""The gateway's database in memory; `tests/integration/gateway` holds it to the real one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from pymongo.errors import DuplicateKeyError

from services.gateway.audit_store import WATCHED
from services.gateway.people_store import AT_ONCE
from services.gateway.store import HELD, NOTED
from shared.clock import Clock
from shared.errors import Conflict
from tests.memory_store import as_stored

Fields = dict[str, Any]
Page = tuple[list[Fields], str | None]


def fits(record: Fields, where: Fields) -> bool:
    """Whether each field is, or holds, what is wanted; of moments the bounds are given."""
    for name, wanted in where.items():
        value = record.get(name)
        if isinstance(wanted, dict):
            if not wanted["$gte"] <= value < wanted["$lt"]:
                return False
        elif value != wanted and not (isinstance(value, list) and wanted in value):
            return False
    return True


def page_of(rows: list[Fields], limit: int, after: str | None) -> Page:
    """By id, with the cursor of the next page."""
    behind = [row for row in rows if row["id"] > (after or "")]
    page = sorted(behind, key=lambda row: row["id"])
    return page[:limit], page[limit - 1]["id"] if len(page) > limit else None


class Rows:
    """Records by id; what is given back is a copy."""

    def __init__(self) -> None:
        self.kept: dict[str, Fields] = {}

    def find(self, id: str) -> Fields | None:
        found = self.kept.get(id)
        return found and as_stored(found)

    def _add(self, id: str, record: Fields, **more: Any) -> Fields:
        """Insert it; one that is there already is returned as it is."""
        if id in self.kept:
            return as_stored(self.kept[id])
        self.kept[id] = as_stored({**record, **more})
        return record

    def where(self, **wanted: Any) -> list[Fields]:
        return [as_stored(one) for one in self.kept.values() if fits(one, wanted)]


class FakeKeys(Rows):
    """`store.Keys`."""

    def __init__(self, now: Clock) -> None:
        super().__init__()
        self.now = now

    def begin(self, id: str, fingerprint: str, expires_at: datetime) -> Fields | None:
        found = self.find(id)
        if found and found["expires_at"] > self.now():
            return found
        self.kept[id] = as_stored({"fingerprint": fingerprint, "expires_at": expires_at})
        return None

    def finish(self, id: str, answer: str) -> None:
        if id in self.kept:
            self.kept[id]["answer"] = answer

    def forget(self, id: str) -> None:
        if "answer" not in self.kept.get(id, ()):
            self.kept.pop(id, None)


class FakeFileRecords(Rows):
    """`store.FileRecords`."""

    def add(self, record: Fields) -> Fields:
        return self._add(record["file_id"], record, engagements=[], kept_by="")

    def mark_kept(self, file_id: str, place: str) -> bool:
        found = self.kept.get(file_id)
        if found is None or found["kept_by"]:
            return False
        found["kept_by"] = place
        return True

    def owned(self, file_ids: list[str], owner_id: str) -> dict[str, Fields]:
        theirs = self.where(owner_id=owner_id)
        return {one["file_id"]: one for one in theirs if one["file_id"] in file_ids}

    def handed_in(self, owner_id: str, engagement_id: str, sha256: str) -> Fields | None:
        found = self.where(owner_id=owner_id, engagements=engagement_id, sha256=sha256)
        return next((one for one in found if one["kept_by"]), None)

    def hand_in(self, file_ids: list[str], engagement_id: str) -> None:
        for file_id in set(file_ids) & self.kept.keys():
            places = self.kept[file_id]["engagements"]
            if engagement_id not in places:
                places.append(engagement_id)

    def forget(self, file_id: str) -> None:
        self.kept.pop(file_id, None)


@dataclass
class Place:
    """Where one file counts; it is held until it is settled."""

    owner_id: str
    file_id: str
    size: int
    at: datetime
    held: bool = True


@dataclass
class FakeQuota:
    """`store.Quota`."""

    records: FakeFileRecords
    now: Clock
    most_files: int
    most_bytes: int
    places: dict[str, Place] = field(default_factory=dict)

    @property
    def held(self) -> list[Place]:
        return [place for place in self.places.values() if place.held]

    @property
    def settled(self) -> list[Place]:
        return [place for place in self.places.values() if not place.held]

    def require_room(self, owner_id: str, size: int) -> None:
        if not self._fits(owner_id, size):
            self._tidy(owner_id)
            if not self._fits(owner_id, size):
                raise Conflict("storage-full", "No room.")

    def hold(self, owner_id: str, file_id: str, size: int) -> str:
        self.require_room(owner_id, size)
        id_ = uuid4().hex
        self.places[id_] = Place(owner_id, file_id, size, self.now())
        return id_

    def settle(self, owner_id: str, place: str) -> None:
        if place in self.places:
            self.places[place].held = False

    def release(self, owner_id: str, place: str, size: int) -> None:
        found = self.places.get(place)
        if found and found.held and (found.owner_id, found.size) == (owner_id, size):
            del self.places[place]

    def _fits(self, owner_id: str, size: int) -> bool:
        sizes = [one.size for one in self.places.values() if one.owner_id == owner_id]
        return len(sizes) < self.most_files and sum(sizes) + size <= self.most_bytes

    def _tidy(self, owner_id: str) -> None:
        """Settle or release what a crash has left held."""
        for id_, place in list(self.places.items()):
            if not place.held or place.owner_id != owner_id or place.at > self.now() - HELD:
                continue
            if self.records.kept.get(place.file_id, {}).get("kept_by") == id_:
                self.settle(owner_id, id_)
            else:
                self.release(owner_id, id_, place.size)


class FakeUploads(Rows):
    """`upload_records.UploadRecords`."""

    def add(self, record: Fields) -> Fields:
        return self._add(record["id"], record, open_for=record["owner_id"])

    def count(self, owner_id: str, now: datetime) -> int:
        return sum(one["expires_at"] > now for one in self.where(open_for=owner_id))

    def finish(self, id: str) -> None:
        self.kept.get(id, {}).pop("open_for", None)


class FakeApiKeys(Rows):
    """`store.ApiKeyRecords`."""

    def __init__(self) -> None:
        super().__init__()
        self.uses: dict[str, datetime] = {}

    def add(self, record: Fields) -> Fields:
        if self.by_secret(record["secret_hash"]):
            return self.find(record["id"]) or record
        return self._add(record["id"], record)

    def by_secret(self, secret_hash: str) -> Fields | None:
        return next(iter(self.where(secret_hash=secret_hash)), None)

    def count(self, account_id: str) -> int:
        return len(self.good(account_id))

    def good(self, account_id: str) -> list[Fields]:
        return self.where(account_id=account_id, revoked_at=None)

    def page(self, owner: Fields, limit: int, after: str | None) -> Page:
        rows, following = page_of(self.where(**owner), limit, after)
        return [{**row, "last_used_at": self.uses.get(row["id"])} for row in rows], following

    def revoke(self, id: str, now: datetime) -> None:
        if id in self.kept:
            self.kept[id]["revoked_at"] = self.kept[id]["revoked_at"] or now

    def revoke_all(self, account_id: str, now: datetime) -> None:
        for one in self.good(account_id):
            self.revoke(one["id"], now)

    def used(self, id: str, now: datetime) -> None:
        if id not in self.uses or now - self.uses[id] >= NOTED:
            self.uses[id] = now


class FakeResets:
    """`people_store.ResetRequests`."""

    def __init__(self) -> None:
        self.asked: dict[str, datetime] = {}

    def ask(self, email: str, now: datetime) -> None:
        self.asked[email] = now

    def waiting(self) -> list[tuple[str, datetime]]:
        return list(self.asked.items())[:AT_ONCE]

    def done(self, email: str, at: datetime) -> None:
        if self.asked.get(email) == at:
            del self.asked[email]


class FakeStates(Rows):
    """`people_store.SignInStates`."""

    def keep(self, id: str, fields: Fields, expires_at: datetime) -> None:
        if id in self.kept:
            raise DuplicateKeyError(f"{id} is kept already")
        self.kept[id] = as_stored({**fields, "expires_at": expires_at})

    def take(self, id: str, now: datetime) -> Fields | None:
        found = self.kept.pop(id, None)
        return found if found and found["expires_at"] > now else None


class FakeAuditRecords(Rows):
    """`audit_store.AuditRecords`; `fails` is raised before entries are kept, or after."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: Exception | None = None
        self.lost_answer = False

    def append(self, entries: Sequence[Fields]) -> None:
        if self.fails and not self.lost_answer:
            raise self.fails
        for entry in entries:
            self._add(entry["_id"], entry)
        if self.fails:
            raise self.fails

    def heads(self) -> list[Fields]:
        last = {entry["chain"]: entry for entry in self.all()}
        return list(reversed(last.values()))[:WATCHED]

    def all(self) -> Iterator[Fields]:
        return (as_stored(self.kept[id_]) for id_ in sorted(self.kept))

    def hash_of(self, id_: str) -> str | None:
        found = self.kept.get(id_)
        return found and found["hash"]

    def find(self, where: Fields, start: Any, limit: int) -> list[Fields]:
        found = sorted(self.where(**where), key=lambda one: (one["at"], one["_id"]))
        return [one for one in found if start is None or (one["at"], one["_id"]) > start][:limit]
