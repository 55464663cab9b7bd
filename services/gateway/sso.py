"""Signing in through the provider of an organisation: OpenID Connect, for schools and companies."""

import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import orjson

from services.gateway.accounts import Accounts
from services.gateway.auth import Sessions
from services.gateway.domain import Account, Role, Standing, normal
from services.gateway.events import Event
from services.gateway.handover import Handover, Landing, Once, refused
from services.gateway.members import COMPANY, Keys
from services.gateway.post import Rpc
from services.gateway.second_factor import Seals
from services.gateway.store import Fields
from services.gateway.tokens import fingerprint
from shared.clock import Clock
from shared.envelope import Call
from shared.errors import Conflict, Invalid
from shared.store import Store

STATE_LIFE = timedelta(minutes=10)
VIEWED = ("id", "version", "issuer", "client_id", "domains", "role")


@dataclass
class Connection:
    """An organisation's provider, by the organisation's id. It vouches for addresses of `domains`,
    so an operator has to have seen that these are the organisation's before anybody signs in."""

    id: str
    issuer: str = ""
    client_id: str = ""
    sealed_secret: str = ""
    domains: list[str] = field(default_factory=list)
    role: Role = Role.EVALUATOR
    approved_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def configure(
        self, issuer: str, client_id: str, sealed: str, domains: list[str], role: Role
    ) -> None:
        """Whatever it vouches for and with is to be approved anew; another secret alone is not."""
        domains = sorted({domain.lower() for domain in domains})
        same = (self.issuer, self.client_id, self.domains, self.role)
        if same != (issuer, client_id, domains, role):
            self.approved_at = None
        self.issuer, self.client_id, self.sealed_secret = issuer, client_id, sealed
        self.domains, self.role = domains, role

    def remove(self) -> None:
        self.issuer, self.client_id, self.sealed_secret = "", "", ""
        self.domains, self.approved_at = [], None

    def approve(self, now: datetime) -> None:
        if not self.issuer:
            raise Conflict("sso-not-configured", "There is nothing to be approved.")
        self.approved_at = self.approved_at or now

    def vouches_for(self, email: str) -> bool:
        name, _, domain = email.rpartition("@")
        return bool(name) and domain in self.domains

    def may_admit(self, account: Account) -> bool:
        """Its own people; and where it brings candidates or educators, those who are that."""
        if account.standing is not Standing.ACTIVE:
            return False
        if account.org_id is None:
            return self.role not in COMPANY and account.role is self.role
        return account.org_id == self.id


@dataclass(frozen=True)
class Person:
    """Whom the provider has signed in, as far as its id token could be verified."""

    subject: str
    email: str
    name: str


@dataclass(frozen=True)
class Begun:
    """A sign-in that was begun in this browser, and where it ends unless a program has begun it."""

    org_id: str
    secrets: dict[str, str]
    landing: Landing | None


class Provider(Protocol):
    """An OpenID provider; raises Conflict where it cannot be reached or makes no sense."""

    def begin(self, issuer: str, client_id: str, state: dict[str, str], callback: str) -> str: ...
    def finish(
        self,
        issuer: str,
        client: tuple[str, str],
        code: str,
        state: dict[str, str],
        callback: str,
    ) -> Person: ...


class SingleSignOn:
    """Configure a provider, send a browser there, and admit whom it sends back."""

    def __init__(
        self,
        accounts: Accounts,
        sessions: Sessions,
        connections: Store[Connection],
        states: Once,
        provider: Provider,
        seals: Seals,
        keys: Keys,
        handover: Handover,
        public_url: str,
        now: Clock,
    ) -> None:
        self._accounts, self._sessions, self._connections = accounts, sessions, connections
        self._states, self._provider, self._seals, self._keys = states, provider, seals, keys
        self.handover = handover
        self.callback, self._now = f"{public_url.rstrip('/')}/v1/sso/callback", now

    def configure(self, call: Call, org_id: str, given: Fields) -> Fields:
        """The owner's wish, which an operator approves; an operator's own needs no approval."""
        self._own(call, "put_sso", org_id)
        sealed = self._seals.seal(given["client_secret"])
        names = ("issuer", "client_id", "domains")
        wanted = {**{name: given[name] for name in names}, "role": Role(given["role"])}

        def configure(connection: Connection) -> None:
            connection.configure(sealed=sealed, **wanted)
            if call.principal.role == Role.OPERATOR:
                connection.approve(self._now())

        new = partial(Connection, org_id)
        return self._view(self._connections.change(org_id, call, configure, new=new))

    def get(self, call: Call, org_id: str) -> Fields:
        self._own(call, "get_sso", org_id)
        return self._view(self._connections.find(org_id) or Connection(org_id))

    def remove(self, call: Call, org_id: str) -> None:
        """Nobody signs in by it any more; who has signed in stays so until the session is over."""
        self._own(call, "remove_sso", org_id)
        if self._connections.find(org_id) is not None:
            self._connections.change(org_id, call, Connection.remove)

    def approve(self, call: Call, org_id: str) -> Fields:
        """An operator has seen that domains and provider are the organisation's."""
        self._accounts.organisations.load(org_id)
        approve, new = partial(Connection.approve, now=self._now()), partial(Connection, org_id)
        return self._view(self._connections.change(org_id, call, approve, new=new))

    def start(self, org_id: str, landing: Landing | None = None) -> tuple[str, str]:
        """Where to send the browser, and the state that it must bring back; raises Conflict."""
        connection = self._usable(org_id)
        names = ("state", "nonce", "verifier")
        state = {name: secrets.token_urlsafe(48) for name in names}
        begin = self._provider.begin
        url = begin(connection.issuer, connection.client_id, state, self.callback)
        sealed = self._seals.seal(orjson.dumps(state).decode())
        id_ = fingerprint(state["state"])
        kept = {"org_id": org_id, "sealed": sealed, "landing": landing and asdict(landing)}
        self._states.keep(id_, kept, self._now() + STATE_LIFE)
        return url, state["state"]

    def resume(self, state: str, cookie: str) -> Begun:
        """The same browser has to come back, once; raises Conflict."""
        kept = self._states.take(fingerprint(state), self._now()) if state == cookie else None
        if kept is None:
            raise Conflict("sso-state-refused", "This sign-in was not begun here: begin.")
        landing = kept.get("landing")
        begun = orjson.loads(self._seals.open(kept["sealed"]))
        return Begun(kept["org_id"], begun, Landing(**landing) if landing else None)

    def finish(self, call: Call, begun: Begun, code: str, issuer: str, rpc: Rpc) -> Account:
        """The account of whom the provider has signed in; raises Conflict."""
        connection = self._usable(begun.org_id)
        if issuer not in ("", connection.issuer):
            raise Conflict("sso-issuer-mixed-up", "Another provider answered than was asked.")
        client = (connection.client_id, self._seals.open(connection.sealed_secret))
        finish = self._provider.finish
        person = finish(connection.issuer, client, code, begun.secrets, self.callback)
        return self._account(call, connection, person, rpc)

    def redeem(self, call: Call, code: str, verifier: str, device: str) -> Fields:
        """The session of whom a code stands for; raises Conflict, or Unauthenticated where a second
        factor is asked for."""
        account_id, epoch = self.handover.redeem(code, verifier)
        account = self._accounts.accounts.find(account_id)
        if account is None or account.standing is not Standing.ACTIVE or account.epoch != epoch:
            raise refused()
        return self._sessions.admit(call, account, device)

    def _account(self, call: Call, connection: Connection, person: Person, rpc: Rpc) -> Account:
        email = normal(person.email)
        if not connection.vouches_for(email):
            raise Conflict("sso-domain-refused", "The provider does not vouch for this address.")
        owner = self._accounts.emails.owner(email)
        account = self._accounts.accounts.find(owner) if owner else None
        if account is None:
            return self._new(call, connection, email, person.name, rpc)
        if account.email != email or not connection.may_admit(account):
            raise Conflict("account-elsewhere", "The account of this address belongs elsewhere.")
        if account.email_verified_at is not None:
            return account
        # Somebody else may have registered with the address: nothing of theirs opens it any more.
        self._keys.revoke_all(account.id)
        return self._accounts.accounts.change(
            account.id, None, lambda it: it.take_over(self._now())
        )

    def _new(self, call: Call, connection: Connection, email: str, name: str, rpc: Rpc) -> Account:
        called = " ".join(name.split())[:100]
        return self._accounts.register(
            call,
            role=str(connection.role),
            email=email,
            password="",
            name=called if any(char.isalnum() for char in called) else email.partition("@")[0],
            org_id=connection.id if connection.role in COMPANY else None,
            verified=True,
            rpc=rpc,
        )

    def _usable(self, org_id: str) -> Connection:
        found = self._connections.find(org_id)
        if found is None or not found.issuer or found.approved_at is None:
            raise Conflict("sso-not-configured", "This organisation has no single sign-on.")
        return found

    def _own(self, call: Call, operation: str, org_id: str) -> None:
        call.principal.require(operation, org_id=org_id)
        self._accounts.organisations.load(org_id)

    def _view(self, connection: Connection) -> Fields:
        shown: dict[str, Any] = {name: getattr(connection, name) for name in VIEWED}
        status = "none" if not connection.issuer else "approved"
        if connection.issuer and connection.approved_at is None:
            status = "pending"
        shown["role"] = str(shown["role"])
        return {**shown, "status": status, "callback_url": self.callback}


def require_allowed(issuer: str, strict: bool) -> None:
    """Raises Invalid for an address that no provider of a stranger may have in production."""
    if strict and not issuer.startswith("https://"):
        raise Invalid(
            "issuer-refused", "A provider speaks https.", {"issuer": "Begin with https://."}
        )
