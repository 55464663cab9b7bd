"""What the gateway's database lists of aggregates; `tests/integration/gateway` holds it to that."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.gateway.domain import Account
from services.gateway.people_store import AT_ONCE
from tests.memory_store import MemoryStore
from tests.unit.gateway.fake_database import FakeFileRecords, Fields, Page, fits, page_of


@dataclass
class FakeLists:
    """`store.members`, and the functions of `people_store` and of `privacy_store`."""

    accounts: MemoryStore[Any]
    sessions: MemoryStore[Any]
    member_invitations: MemoryStore[Any]
    impersonations: MemoryStore[Any]
    exports: MemoryStore[Any]

    def members(self, org_id: str, limit: int, after: str | None) -> Page:
        return page_of(self.colleagues(org_id), limit, after)

    def invitations_of(self, org_id: str, limit: int, after: str | None) -> Page:
        return page_of(_where(self.member_invitations, org_id=org_id), limit, after)

    def owners_of(self, org_id: str) -> list[str]:
        return [row["id"] for row in self.colleagues(org_id) if row["role"] == "owner"]

    def sessions_of(self, account_id: str, epoch: int, now: datetime) -> list[Fields]:
        rows = _where(self.sessions, account_id=account_id, ended=None, epoch=epoch)
        live = [row for row in rows if row["expires_at"] > now]
        return sorted(live, key=lambda row: row["id"], reverse=True)[:AT_ONCE]

    def list_impersonations(self, account_id: str | None, limit: int, after: str | None) -> Page:
        wanted = {} if account_id is None else {"account_id": account_id}
        return page_of(_where(self.impersonations, **wanted), limit, after)

    def exports_of(self, account_id: str) -> list[str]:
        return [row["id"] for row in _where(self.exports, account_id=account_id)]

    def colleagues(self, org_id: str) -> list[Fields]:
        return _where(self.accounts, org_id=org_id, standing="active")


@dataclass
class FakeKeeping:
    """`privacy_store.Keeping`."""

    stored_sessions: MemoryStore[Any]
    records: FakeFileRecords

    def sessions(self, account: Account) -> list[str]:
        rows = _where(self.stored_sessions, account_id=account.id, ended=None)
        return [row["id"] for row in rows]

    def files(self, account: Account) -> list[Fields]:
        return self.records.where(owner_id=account.id)


def _where(store: MemoryStore[Any], **wanted: Any) -> list[Fields]:
    return [row for row in store.rows() if fits(row, wanted)]
