"""API keys: how machines sign in, each for the operations that it names and no others."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.gateway.problems import Unauthenticated
from services.gateway.store import Fields
from services.gateway.tokens import fingerprint
from shared.clock import Clock
from shared.envelope import Call
from shared.errors import Conflict, Invalid
from shared.principal import Principal, permissions

PREFIX = "stk_"
LENGTH = len(PREFIX) + 43  # Characters: 32 bytes, and what says that it is a key.
MOST = 50  # Keys that one person may have at a time.
STREAM_LIFE = timedelta(minutes=15)  # After so long a stream shows its key again.
SHOWN = len(PREFIX) + 6  # Characters by which its owner tells one from another.
# Of what is the gateway's own a key may do these alone: one that could make keys, members or
# sessions would be bounded by nothing.
OWN = frozenset(
    {
        *("upload_file", "download_file", "list_todo", "list_members"),
        "report_assessment_error",
    }
)
NEVER = frozenset(
    name for name, row in permissions().items() if row["service"] == "gateway" and name not in OWN
)
VIEWED = ("id", "name", "scopes", "account_id", "created_at", "revoked_at")
LIFE = timedelta(days=366)


class Records(Protocol):
    """Where keys are kept, without their secrets."""

    def add(self, record: Fields) -> Fields: ...
    def by_secret(self, secret_hash: str) -> Fields | None: ...
    def find(self, id: str) -> Fields | None: ...
    def count(self, account_id: str) -> int: ...
    def good(self, account_id: str) -> list[Fields]: ...
    def page(
        self, owner: Fields, limit: int, after: str | None
    ) -> tuple[list[Fields], str | None]: ...
    def revoke(self, id: str, now: datetime) -> None: ...
    def revoke_all(self, account_id: str, now: datetime) -> None: ...
    def used(self, id: str, now: datetime) -> None: ...


@dataclass(frozen=True)
class Bearer:
    """Who a key stands for, and what it is good for."""

    key_id: str
    principal: Principal
    scopes: frozenset[str]
    until: datetime


class ApiKeys:
    """Makes, lists, revokes and reads keys; only the hash of a secret is kept."""

    def __init__(self, records: Records, now: Clock) -> None:
        self._records, self._now = records, now

    def create(
        self, call: Call, name: str, scopes: list[str], expires_at: datetime | None = None
    ) -> Fields:
        """A new key with its secret, which nobody sees again; raises Invalid and Conflict."""
        by = call.principal
        scopes = _operations(scopes)
        _check(scopes, by)
        if self._records.count(by.id) >= MOST:
            raise Conflict("too-many-keys", f"At most {MOST} keys; revoke one first.")
        expires_at = self._expiry(expires_at)
        secret = PREFIX + secrets.token_urlsafe(32)
        record = {
            "id": f"key-{call.id}",
            "secret_hash": fingerprint(secret),
            "prefix": secret[:SHOWN],
            "expires_at": expires_at,
            "name": name,
            "scopes": sorted(set(scopes)),
            "account_id": by.id,
            "role": by.role,
            "org_id": by.org_id,
            "created_at": self._now(),
            "revoked_at": None,
        }
        if self._records.add(record)["secret_hash"] != record["secret_hash"]:
            # A crash, or another request, came between the key and its answer.
            raise Conflict("key-not-shown", "This key was made before: revoke it, make another.")
        return {**view(record), "key": secret}

    def _expiry(self, wanted: datetime | None) -> datetime:
        """A year by default and at most; raises Invalid."""
        now = self._now()
        if wanted is not None and not now < wanted <= now + LIFE:
            at = {"expires_at": "A moment within a year from now."}
            raise Invalid("expiry-refused", "A key lasts for a year at most.", at)
        return wanted or now + LIFE

    def page(self, by: Principal, limit: int, after: str | None) -> Fields:
        """One's own keys; an owner sees the whole organisation's."""
        owner = {"org_id": by.org_id} if by.role == "owner" else {"account_id": by.id}
        rows, following = self._records.page(owner, limit, after)
        return {"items": [view(row) for row in rows], "next": following}

    def revoke(self, call: Call, key_id: str) -> None:
        """From now on it is refused; raises NotFound where it is not the caller's to revoke."""
        found = self._records.find(key_id) or {}
        call.principal.require(
            "revoke_api_key", org_id=found.get("org_id"), person_id=found.get("account_id")
        )
        self._records.revoke(key_id, self._now())

    def revoke_all(self, account_id: str) -> None:
        """Every key of somebody who may no longer do what they are for."""
        self._records.revoke_all(account_id, self._now())

    def live(self, account_id: str) -> list[str]:
        """How its owner recognises each key that works: by its first characters.

        Not by its name, which whoever made it chose: this is for mails.
        """
        now = self._now()
        rows = self._records.good(account_id)
        alive = [row for row in rows if (row.get("expires_at") or now + LIFE) > now]
        return sorted(row.get("prefix") or row["id"] for row in alive)

    def read(self, secret: str) -> Bearer:
        """Whom it stands for; raises Unauthenticated.

        It is looked up by its hash, so that no comparison takes longer the more of it is right.
        """
        found = None if len(secret) != LENGTH else self._records.by_secret(fingerprint(secret))
        if found is None or found["revoked_at"] is not None:
            raise Unauthenticated("key-refused", "The API key is revoked or not one of ours.")
        now = self._now()
        expires_at = found.get("expires_at") or now + LIFE  # Older ones are without an end.
        if expires_at <= now:
            raise Unauthenticated("key-expired", "The API key has expired: make another.")
        self._records.used(found["id"], now)
        until = min(now + STREAM_LIFE, expires_at)
        principal = Principal(found["account_id"], found["role"], found["org_id"])
        return Bearer(found["id"], principal, frozenset(found["scopes"]), until)


def view(record: Fields) -> dict[str, Any]:
    """The key as its people see it."""
    later = {name: record.get(name) for name in ("prefix", "expires_at", "last_used_at")}
    return {**{name: record[name] for name in VIEWED}, **later}


def _operations(scopes: list[str]) -> list[str]:
    """With the name of a group of operations, such as `ats`, as what is in it today."""
    grouped = [name for name, row in permissions().items() if row.get("scope") in scopes]
    groups = {row["scope"] for row in permissions().values() if "scope" in row}
    return [name for name in scopes if name not in groups] + grouped


def _check(scopes: list[str], by: Principal) -> None:
    wrong = {
        f"scopes.{at}": "No operation that a key of yours may do."
        for at, name in enumerate(scopes)
        if name in NEVER or by.role not in permissions().get(name, {"allow": {}})["allow"]
    }
    if wrong:
        raise Invalid("scope-refused", "Name operations that you may do yourself.", wrong)
