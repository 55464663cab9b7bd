"""The application on fakes, and clients that are signed in."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import KeySet, OKPKey
from werkzeug.test import TestResponse

from services.gateway import app, auth
from services.gateway.accounts import Accounts
from services.gateway.api_keys import ApiKeys
from services.gateway.audit import Audit
from services.gateway.calls import HINTS, RPC
from services.gateway.config import Settings
from services.gateway.domain import (
    SESSION_LIFE,
    Account,
    Organisation,
    Role,
    Session,
    Standing,
)
from services.gateway.erasure import Erasure
from services.gateway.exports import Export, Exports
from services.gateway.files import FolderFiles
from services.gateway.handover import Handover
from services.gateway.impersonation import Impersonation, Impersonations
from services.gateway.members import MemberInvitation, Members
from services.gateway.ports import EXTENSION, Ports
from services.gateway.post import Post
from services.gateway.privacy import Belongings, Erasures, Privacy
from services.gateway.recovery import Recovery
from services.gateway.second_factor import Seals, SecondFactors
from services.gateway.sso import Connection, SingleSignOn
from services.gateway.throttle import Throttle
from services.gateway.tokens import Tokens
from services.gateway.uploads import Parts
from shared.hints import Hints
from shared.principal import Principal
from tests.memory_store import MemoryClaims, MemoryStore
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
from tests.unit.gateway.fakes import FakeClock, FakeProvider, FakeRpc

KEY = OKPKey.generate_key("Ed25519", {"kid": "one"})
KINDS: dict[str, type] = {
    "accounts": Account,
    "organisations": Organisation,
    "sessions": Session,
    "member_invitations": MemberInvitation,
    "connections": Connection,
    "impersonations": Impersonation,
    "exports": Export,
    "erasures": Erasure,
}
LISTED = ("accounts", "sessions", "member_invitations", "impersonations", "exports")
PEOPLE = {
    "candidate": Principal("acc-kim", "candidate"),
    "owner": Principal("acc-dana", "owner", "org-north"),
    "recruiter": Principal("acc-rae", "recruiter", "org-north"),
    "evaluator": Principal("acc-eve", "evaluator", "org-north"),
    "educator": Principal("acc-ed", "educator"),
    "partner": Principal("acc-pat", "partner"),
    "operator": Principal("acc-op", "operator"),
}


class FastPasswords(auth.Passwords):
    """Hashes that take no time; what argon2 does is tested by itself."""

    def __init__(self) -> None:
        self.checked: list[str | None] = []

    def hash(self, password: str) -> str:
        return f"hash of {password}"

    def verify(self, password_hash: str | None, password: str) -> bool:
        self.checked.append(password_hash)
        return password_hash == f"hash of {password}"


@cache
def application(**settings: Any) -> Flask:
    """Made once for all tests: describing every operation takes a while."""
    return app.create(SimpleNamespace(settings=SimpleNamespace(**settings)))  # type: ignore[arg-type]


@dataclass
class World:
    """The application and what it stands on."""

    app: Flask
    ports: Ports
    rpc: FakeRpc
    hints: Hints
    clock: FakeClock
    accounts: MemoryStore[Account]
    organisations: MemoryStore[Organisation]
    sessions: MemoryStore[Session]
    keys: FakeKeys
    files: FakeFileRecords
    passwords: FastPasswords
    invitations: MemoryStore[MemberInvitation]
    api_keys: FakeApiKeys
    provider: FakeProvider
    claims: MemoryClaims
    pause: Callable[..., bool] = lambda *_: True

    def client(self, role: str = "") -> "Api":
        return Api(self, PEOPLE[role] if role else None)


class Api:
    """Requests of one person, or of nobody."""

    def __init__(self, world: World, principal: Principal | None) -> None:
        self.world, self.principal = world, principal
        self.client = FlaskClient(world.app, use_cookies=False)

    def __call__(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if self.principal:
            session_id = f"ses-{self.principal.role}"
            token = self.world.ports.tokens.access(self.principal, session_id)
            headers.setdefault("Authorization", f"Bearer {token}")
        environ = {RPC: self.world.rpc, HINTS: self.world.hints, "stint.pause": self.world.pause}
        return self.client.open(
            path, method=method, headers=headers, environ_base=environ, buffered=True, **options
        )

    def get(self, path: str, **options: Any) -> TestResponse:
        return self("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self("POST", path, **({"json": body} if body is not None else {}), **options)


def make_world(folder: Path, **settings: Any) -> World:
    """A fresh application."""
    clock, claims, passwords = FakeClock(), MemoryClaims(), FastPasswords()
    stores: dict[str, MemoryStore[Any]] = {
        name: MemoryStore(kind, "gateway", clock) for name, kind in KINDS.items()
    }
    lists = FakeLists(**{name: stores[name] for name in LISTED})
    tokens = Tokens(KeySet([KEY]), clock)
    made: dict[str, Any] = {
        "environment": "development",
        "amqp_uri": "amqp://nowhere",
        "mongo_uri": "mongodb://nowhere",
        "ladder": {"1s": 1.0},
        "rate_limit": "10000/minute",
        "sign_in_limit": "1000/minute",
        "cors_origins": (),
        "proxy_hops": 0,
        **settings,
    }
    keys, files, api_keys, provider = (
        FakeKeys(clock),
        FakeFileRecords(),
        FakeApiKeys(),
        FakeProvider(),
    )
    post, bearer, seals = Post(tokens, clock), ApiKeys(api_keys, clock), Seals(("a secret",))
    settings_ = Settings(**made)
    required = settings_.email_verification == "required"
    accounts = Accounts(
        stores["accounts"],
        stores["organisations"],
        claims,
        passwords,
        clock,
        post,
        required,  # type: ignore[arg-type]
    )
    sessions = auth.Sessions(
        stores["accounts"],
        stores["sessions"],
        claims,
        passwords,
        tokens,
        clock,  # type: ignore[arg-type]
    )

    states = FakeStates()
    registry, bytes_ = accounts, FolderFiles(folder / "kept")
    ports = Ports(
        settings=settings_,
        now=clock,
        accounts=accounts,
        sessions=sessions,
        recovery=Recovery(accounts, sessions, FakeResets(), passwords, bearer, post, clock),
        second_factors=SecondFactors(accounts, passwords, tokens, seals, clock),
        memberships=Members(
            accounts, stores["member_invitations"], lists.owners_of, bearer, post, tokens, clock
        ),
        member_invitations=lists.invitations_of,
        sessions_of=lists.sessions_of,
        sso=SingleSignOn(
            accounts,
            sessions,
            stores["connections"],
            states,
            provider,
            seals,
            bearer,
            Handover(states, settings_.sso_return_urls, clock),
            "https://api.example.com",
            clock,
        ),
        tokens=tokens,
        keys=keys,
        files=bytes_,
        file_records=files,  # type: ignore[arg-type]
        quota=FakeQuota(files, clock, settings_.max_owner_files, settings_.max_owner_bytes),  # type: ignore[arg-type]
        api_keys=bearer,
        members=lists.members,
        staging=folder / "incoming",
        throttle=Throttle(made["rate_limit"], made["sign_in_limit"]),
        uploads=FakeUploads(),
        parts=Parts(folder / "uploads"),
        privacy=_privacy(registry, stores, lists, api_keys, files, bytes_, passwords, folder),
    )
    flask = application(cors_origins=made["cors_origins"], proxy_hops=made["proxy_hops"])
    flask.extensions[EXTENSION] = ports
    return World(
        flask,
        ports,
        FakeRpc(),
        Hints(),
        clock,
        stores["accounts"],
        stores["organisations"],
        stores["sessions"],
        keys,
        files,
        passwords,
        stores["member_invitations"],
        api_keys,
        provider,
        claims,
    )


def _privacy(
    accounts: Any,
    stores: dict[str, MemoryStore[Any]],
    lists: FakeLists,
    keys: FakeApiKeys,
    records: FakeFileRecords,
    files: FolderFiles,
    passwords: FastPasswords,
    folder: Path,
) -> Privacy:
    clock, log = accounts._now, FakeAuditRecords()

    def own(account_id: str) -> Any:
        yield "account", {"id": account_id}

    exports = Exports(stores["exports"], lists.exports_of, own, files, folder / "incoming", clock)
    keeping: Any = FakeKeeping(stores["sessions"], records)
    belongings = Belongings(
        accounts, stores["sessions"], keys, records, files, exports, keeping, clock
    )  # type: ignore[arg-type]
    return Privacy(
        audit=Audit(log, clock, "chn-1"),
        records=log,
        impersonations=Impersonations(stores["impersonations"], lists.list_impersonations, clock),
        exports=exports,
        erasures=Erasures(
            stores["erasures"], accounts, belongings, passwords, lists.colleagues, clock
        ),
    )


def sign_in_all(world: World) -> None:
    """Everybody's account, and the session that the tokens of `Api` name."""
    for role, person in PEOPLE.items():
        account = Account(
            id=person.id,
            email=f"{role}@example.com",
            name=role.title(),
            role=Role(role),
            password_hash="hash of correct horse battery staple",
            created_at=world.clock(),
            org_id=person.org_id,
            standing=Standing.ACTIVE,
            contact_told=1,
            version=1,
        )
        world.accounts.put(account)
        world.claims.take(account.email, account.id)
        until = world.clock() + SESSION_LIFE
        session = Session(f"ses-{role}", account.id, "", world.clock(), until, version=1)
        world.sessions.put(session)


def kim(world: World) -> Account:
    """The account of the candidate."""
    details = {"email": "kim@example.com", "name": "Kim Li", "password_hash": ""}
    account = Account(
        id="acc-kim", role=Role.CANDIDATE, created_at=world.clock(), **details, version=1
    )
    world.accounts.put(account)
    return account


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)
