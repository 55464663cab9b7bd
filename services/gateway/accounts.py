"""Registering people and organisations, in steps that can each be repeated."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog

from services.gateway.auth import Passwords
from services.gateway.domain import (
    REGISTRATION_GRACE,
    Account,
    Organisation,
    Role,
    Standing,
    normal,
)
from shared.clock import Clock
from shared.envelope import Call
from shared.errors import Conflict, Invalid, Unavailable
from shared.principal import SYSTEM
from shared.store import Claims, Store

log = structlog.get_logger(__name__)


class Rpc(Protocol):
    """Asks another service."""

    def call(self, service: str, method: str, call: Call, /, **arguments: Any) -> Any: ...


class Accounts:
    """A registration is three writes: the account, the claim of its address, its activation.

    Whatever a crash leaves between them is finished by the same call again, or by the sweep.
    """

    def __init__(
        self,
        accounts: Store[Account],
        organisations: Store[Organisation],
        emails: Claims,
        passwords: Passwords,
        now: Clock,
    ) -> None:
        self.accounts, self.organisations, self.emails = accounts, organisations, emails
        self._passwords, self._now = passwords, now

    def register(
        self,
        call: Call,
        *,
        role: str,
        email: str,
        password: str,
        name: str,
        organisation_name: str | None = None,
        org_id: str | None = None,
        locale: str = "en",
        time_zone: str = "UTC",
        rpc: Rpc | None = None,
    ) -> Account:
        """A new account, with its own organisation if that is named; raises Conflict."""
        id_, email = f"acc-{call.id}", normal(email)
        self._check_free(email, id_)
        now = self._now()
        if organisation_name:
            org_id = f"org-{_step(call, 'organisation').id}"
            organisation = Organisation(org_id, organisation_name, now)
            self.organisations.create(_step(call, "organisation"), organisation)
        account = Account(
            id=id_,
            email=email,
            name=name,
            role=Role(role),
            password_hash=self._passwords.hash(password),
            created_at=now,
            org_id=org_id,
            locale=locale,
            time_zone=time_zone,
            due_at=now + REGISTRATION_GRACE,
        )
        return self.finish(self.accounts.create(call, account), call, rpc)

    def finish(self, account: Account, call: Call | None = None, rpc: Rpc | None = None) -> Account:
        """Claim the address and activate, or refuse an account whose address is another's.

        The contact goes first, so that who hears of the account knows where to reach its person.
        """
        try:
            self.emails.take(account.email, account.id)
        except Conflict:
            self.accounts.change(account.id, None, Account.refuse)
            raise _taken() from None
        told = self._told(account, rpc) if rpc else None
        activate = partial(Account.activate, now=self._now(), told=told)
        return self.accounts.change(account.id, call and _step(call, "activate"), activate)

    def amend(self, call: Call, **changes: str | None) -> Account:
        """Change one's own name, locale or time zone."""
        use_case = partial(Account.amend, now=self._now(), **_all(changes))  # type: ignore[arg-type]
        return self.accounts.change(call.principal.id, call, use_case)

    def push_contact(self, account: Account, rpc: Rpc) -> Account:
        """Tell notifications where this person is reached; while it is away the sweep goes on.

        What it refuses is logged and not sent again before it changes: others wait for their turn.
        """
        revision = self._tell_contact(account, rpc)
        return self.accounts.change(
            account.id, None, partial(Account.contact_pushed, revision=revision)
        )

    def _told(self, account: Account, rpc: Rpc) -> int | None:
        """The revision that was told; None while notifications is away, which holds up nobody."""
        try:
            return self._tell_contact(account, rpc)
        except Unavailable:
            return None

    def _tell_contact(self, account: Account, rpc: Rpc) -> int:
        try:
            self._put_contact(account, account.contact_revision, rpc)
        except Invalid as exc:
            log.error("contact-refused", account=account.id, code=exc.code, fields=list(exc.errors))
        return account.contact_revision

    def _put_contact(self, account: Account, revision: int, rpc: Rpc) -> None:
        id_ = uuid5(NAMESPACE_URL, f"contact:{account.id}:{revision}")
        rpc.call(
            "notifications",
            "put_contact",
            Call(id=str(id_), principal=SYSTEM, correlation_id=str(id_)),
            person_id=account.id,
            email=account.email,
            name=account.name,
            role=str(account.role),
            org_id=account.org_id,
            locale=account.locale,
            time_zone=account.time_zone,
        )

    def sweep(self, rpc: Rpc) -> None:
        """Finish what requests have left open; stops where nobody answers."""
        for id_ in self.accounts.due(self._now()):
            account = self.accounts.find(id_)
            try:
                if account is not None:
                    self._go_on(account, rpc)
            except Unavailable:
                return

    def _go_on(self, account: Account, rpc: Rpc) -> None:
        if account.standing is Standing.ACTIVE:
            self.push_contact(account, rpc)
        elif account.standing is Standing.REGISTERING:
            with suppress(Conflict):
                self.finish(account, rpc=rpc)

    def _check_free(self, email: str, id_: str) -> None:
        """Not the proof, which is the claim, but it spares the refused account."""
        if self.emails.owner(email) not in (None, id_):
            raise _taken()


def view(account: Account, find: Callable[[str], Organisation | None]) -> dict[str, Any]:
    """The account as its person sees it."""
    organisation = find(account.org_id) if account.org_id else None
    return {
        **{name: getattr(account, name) for name in VIEWED},
        "role": str(account.role),
        "organisation": organisation and organisation_view(organisation),
    }


VIEWED = ("id", "version", "email", "name", "org_id", "locale", "time_zone", "created_at")


def listed(found: dict[str, Any]) -> dict[str, Any]:
    """A colleague, from the stored fields."""
    return {name: found.get(name) for name in (*VIEWED, "role")}


def organisation_view(organisation: Organisation) -> dict[str, Any]:
    names = ("id", "version", "name", "level", "created_at")
    return {name: getattr(organisation, name) for name in names}


def _step(call: Call, name: str) -> Call:
    """A further save that the same call causes: its own id, and the same again on a repeat."""
    id_ = uuid5(UUID(call.id), name)
    return replace(call, id=str(id_), expected_version=None)


def _all(changes: dict[str, str | None]) -> dict[str, str | None]:
    return {name: changes.get(name) for name in ("name", "locale", "time_zone")}


def _taken() -> Conflict:
    return Conflict("email-taken", "There is an account with this e-mail address.")
