"""Where impersonations, exports and erasures are kept, and what somebody keeps at the gateway."""

from collections.abc import Iterator

from mongoengine import DynamicDocument
from pymongo.collection import Collection

from services.gateway.domain import Account, Standing
from services.gateway.erasure import Erasure
from services.gateway.exports import Export
from services.gateway.impersonation import Impersonation
from services.gateway.store import AccountDocument, Fields, SessionDocument
from shared.exporting import plain
from shared.platform import Platform
from shared.store import Store

# What nobody is shown, not even their own: what opens the account.
SECRET = frozenset(
    {
        *("password_hash", "token_hash", "spent", "secret_hash", "second_factor", "proofs"),
        *("letters", "epoch"),
    }
)


class ImpersonationDocument(DynamicDocument):
    meta = {
        "collection": "impersonations",
        "auto_create_index": False,
        "indexes": [{"fields": ["account_id"]}],
    }


class ExportDocument(DynamicDocument):
    meta = {
        "collection": "exports",
        "auto_create_index": False,
        "indexes": [{"fields": ["account_id"]}],
    }


class ErasureDocument(DynamicDocument):
    meta = {"collection": "erasures", "auto_create_index": False}


def impersonations(platform: Platform) -> Store[Impersonation]:
    return Store(platform, Impersonation, ImpersonationDocument)


def exports(platform: Platform) -> Store[Export]:
    return Store(platform, Export, ExportDocument)


def erasures(platform: Platform) -> Store[Erasure]:
    return Store(platform, Erasure, ErasureDocument)


def list_impersonations(
    account_id: str | None, limit: int, after: str | None
) -> tuple[list[Fields], str | None]:
    """By id, so in the order of time: of one account, or all; and the next page's cursor."""
    wanted: Fields = {} if account_id is None else {"account_id": account_id}
    if after:
        wanted["_id"] = {"$gt": after}
    found = ImpersonationDocument.objects(__raw__=wanted).order_by("_id").limit(limit + 1)
    rows = list(found.as_pymongo())
    return rows[:limit], rows[limit - 1]["_id"] if len(rows) > limit else None


def exports_of(account_id: str) -> list[str]:
    return [row["_id"] for row in ExportDocument.objects(account_id=account_id).as_pymongo()]


def colleagues(org_id: str) -> list[Fields]:
    """The active accounts of an organisation, as they are stored."""
    wanted = {"org_id": org_id, "standing": str(Standing.ACTIVE)}
    return list(AccountDocument.objects(__raw__=wanted).as_pymongo())


class Keeping:
    """What the gateway keeps of one account beside it."""

    def __init__(self, platform: Platform) -> None:
        database = platform.database
        self._collections: dict[str, tuple[Collection[Fields], str]] = {
            "account": (database["accounts"], "_id"),
            "session": (database["sessions"], "account_id"),
            "api-key": (database["api_keys"], "account_id"),
            "file": (database["files"], "owner_id"),
            "impersonation": (database["impersonations"], "account_id"),
        }

    def of(self, account_id: str) -> Iterator[tuple[str, Fields]]:
        """Each record with its kind, without what opens the account."""
        for kind, (collection, field) in self._collections.items():
            for row in collection.find({field: account_id}):
                yield kind, {name: it for name, it in plain(row).items() if name not in SECRET}

    def sessions(self, account: Account) -> list[str]:
        """Those that have not ended."""
        wanted = {"account_id": account.id, "ended": None}
        return [row["_id"] for row in SessionDocument.objects(__raw__=wanted).as_pymongo()]

    def files(self, account: Account) -> list[Fields]:
        collection, field = self._collections["file"]
        return list(collection.find({field: account.id}))
