"""Operators who look at the platform with somebody else's eyes: for a reason, and on record."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from services.gateway.domain import Account, Standing
from services.gateway.events import Event, ImpersonationBegun
from services.gateway.problems import Unauthenticated
from services.gateway.tokens import LIFE, Tokens
from shared.clock import Clock
from shared.envelope import Call
from shared.errors import Conflict, NotFound
from shared.principal import Principal
from shared.store import Store

SCOPES = ("read", "write")
Fields = dict[str, Any]


@dataclass
class Impersonation:
    """For 15 minutes at most; who is looked at is told of it, and may end it."""

    id: str
    account_id: str
    operator_id: str
    reason: str
    ticket: str
    scope: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def begin(self) -> None:
        self.events.append(
            ImpersonationBegun(self.id, self.account_id, self.scope, self.expires_at)
        )

    def end(self, now: datetime) -> None:
        self.ended_at = self.ended_at or now

    def is_over(self, now: datetime) -> bool:
        return self.ended_at is not None or now >= self.expires_at


class Finds(Protocol):
    def find(self, id: str) -> Account | None: ...


class Listing(Protocol):
    def __call__(
        self, account_id: str | None, limit: int, after: str | None
    ) -> tuple[list[Fields], str | None]: ...


class Impersonations:
    """Begins, ends and lists them."""

    def __init__(self, kept: Store[Impersonation], rows: Listing, now: Clock) -> None:
        self.kept, self._rows, self._now = kept, rows, now

    def begin(
        self, call: Call, accounts: Finds, tokens: Tokens, account_id: str, **why: Any
    ) -> Fields:
        """A token that reads as this person, or writes some things; raises NotFound, Conflict."""
        account = accounts.find(account_id)
        if account is None or account.standing is not Standing.ACTIVE:
            raise NotFound("account-not-found", "There is no such account.")
        if account.role == "operator":
            raise Conflict("account-of-operator", "Nobody acts in the name of an operator.")
        now = self._now()
        new = Impersonation(
            id=f"imp-{call.id}",
            account_id=account.id,
            operator_id=call.principal.id,
            created_at=now,
            expires_at=now + LIFE,
            **why,
        )
        new.begin()
        begun = self.kept.create(call, new)
        who = Principal(account.id, str(account.role), account.org_id, begun.operator_id)
        return {**view(vars(begun), call.principal), **_bearer(tokens.access(who, begun.id))}

    def end(self, call: Call, id_: str) -> None:
        """From now on its token is refused."""
        found = self.kept.find(id_)
        call.principal.require("end_impersonation", person_id=found.account_id if found else None)
        if found is None:
            raise NotFound("impersonation-not-found", "There is no such impersonation.")
        now = self._now()
        self.kept.change(id_, call, lambda one: one.end(now))

    def page(self, by: Principal, limit: int, after: str | None) -> Fields:
        """Operators see all; everybody else sees who looked at their own account, and why."""
        rows, following = self._rows(None if by.role == "operator" else by.id, limit, after)
        return {"items": [view(row, by) for row in rows], "next": following}

    def stands(self, id_: str) -> Impersonation:
        """The one that a token is of; raises Unauthenticated where it is over."""
        found = self.kept.find(id_)
        if found is None or found.is_over(self._now()):
            raise Unauthenticated("impersonation-over", "The impersonation is over: begin another.")
        return found


def _bearer(token: str) -> Fields:
    return {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": int(LIFE.total_seconds()),
    }


VIEWED = ("account_id", "reason", "ticket", "scope", "created_at", "expires_at")


def view(found: Fields, by: Principal) -> Fields:
    """Which operator it was, operators alone see."""
    shown = {name: found.get(name) for name in (*VIEWED, "ended_at", "version")}
    who = {"operator_id": found["operator_id"]} if by.role == "operator" else {}
    return {"id": found.get("id") or found["_id"], **shown, **who}
