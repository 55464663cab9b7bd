"""The gateway's ports on its database: the real ones, and the fakes of its unit tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from services.gateway import people_store, privacy_store, store
from services.gateway.audit_store import AuditRecords
from services.gateway.domain import Account, Session
from services.gateway.exports import Export
from services.gateway.impersonation import Impersonation
from services.gateway.members import MemberInvitation
from services.gateway.upload_records import UploadRecords
from tests.integration.quiet import quiet_platform
from tests.memory_store import MemoryStore
from tests.unit.gateway.fake_database import (
    FakeApiKeys,
    FakeAuditRecords,
    FakeFileRecords,
    FakeKeys,
    FakeQuota,
    FakeResets,
    FakeStates,
    FakeUploads,
)
from tests.unit.gateway.fake_lists import FakeKeeping, FakeLists
from tests.unit.gateway.fakes import FakeClock

MOST_FILES, MOST_BYTES = 3, 100


@dataclass
class Side:
    """One of the two; `lists` has the functions that list aggregates."""

    clock: FakeClock
    keys: Any
    files: Any
    quota: Any
    uploads: Any
    api_keys: Any
    resets: Any
    states: Any
    audit: Any
    accounts: Any
    sessions: Any
    member_invitations: Any
    impersonations: Any
    exports: Any
    lists: Any
    keeping: Any
    database: Any = None

    def empty(self) -> None:
        """As at its beginning, and at the clock's."""
        for name in self.database.list_collection_names():
            self.database[name].delete_many({})
        self.clock.moment = FakeClock().moment

    def create(self, *aggregates: Any) -> None:
        """Store each of them."""
        stores = {
            Account: self.accounts,
            Session: self.sessions,
            MemberInvitation: self.member_invitations,
            Impersonation: self.impersonations,
            Export: self.exports,
        }
        for aggregate in aggregates:
            stores[type(aggregate)].create(None, aggregate)


class Lists:
    """What is listed, of the modules that do it on the database."""

    members = staticmethod(store.members)
    invitations_of = staticmethod(people_store.invitations_of)
    owners_of = staticmethod(people_store.owners_of)
    sessions_of = staticmethod(people_store.sessions_of)
    list_impersonations = staticmethod(privacy_store.list_impersonations)
    exports_of = staticmethod(privacy_store.exports_of)
    colleagues = staticmethod(privacy_store.colleagues)


@contextmanager
def on_database(uri: str, prefix: str) -> Iterator[Side]:
    """The real ones, on databases of this prefix."""
    clock = FakeClock()
    platform = quiet_platform(uri, prefix, "gateway", now=clock)
    made = Side(
        clock=clock,
        database=platform.database,
        keys=store.Keys(platform),
        files=store.FileRecords(platform),
        quota=store.Quota(platform, MOST_FILES, MOST_BYTES),
        uploads=UploadRecords(platform),
        api_keys=store.ApiKeyRecords(platform),
        resets=people_store.ResetRequests(platform),
        states=people_store.SignInStates(platform),
        audit=AuditRecords(platform),
        accounts=store.accounts(platform),
        sessions=store.sessions(platform),
        member_invitations=people_store.member_invitations(platform),
        impersonations=privacy_store.impersonations(platform),
        exports=privacy_store.exports(platform),
        lists=Lists(),
        keeping=privacy_store.Keeping(platform),
    )
    platform.prepare()
    yield made
    platform.client.close()


def in_memory() -> Side:
    """The fakes."""
    clock, files = FakeClock(), FakeFileRecords()
    kinds: dict[str, type] = {
        "accounts": Account,
        "sessions": Session,
        "member_invitations": MemberInvitation,
        "impersonations": Impersonation,
        "exports": Export,
    }
    stores: dict[str, Any] = {
        name: MemoryStore(kind, "gateway", clock) for name, kind in kinds.items()
    }
    return Side(
        clock=clock,
        keys=FakeKeys(clock),
        files=files,
        quota=FakeQuota(files, clock, MOST_FILES, MOST_BYTES),
        uploads=FakeUploads(),
        api_keys=FakeApiKeys(),
        resets=FakeResets(),
        states=FakeStates(),
        audit=FakeAuditRecords(),
        lists=FakeLists(**stores),
        keeping=FakeKeeping(stores["sessions"], files),
        **stores,
    )
