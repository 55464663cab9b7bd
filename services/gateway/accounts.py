"""Registering people and organisations, in steps that can each be repeated."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any
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
from services.gateway.post import Post, Rpc
from services.gateway.proofs import VERIFY, Letter
from shared.clock import Clock
from shared.envelope import Call
from shared.errors import Conflict, Invalid, Unavailable
from shared.principal import SYSTEM
from shared.store import Claims, Store

log = structlog.get_logger(__name__)


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
        post: Post | None = None,
        verified_only: bool = False,
    ) -> None:
        """`verified_only`: who registers is asked at once to prove that the address is theirs."""
        self.accounts, self.organisations, self.emails = accounts, organisations, emails
        self._passwords, self._now = passwords, now
        self._post, self._verified_only = post, verified_only

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
        verified: bool = False,
        rpc: Rpc | None = None,
    ) -> Account:
        """A new account, with its own organisation if that is named; raises Conflict.

        `verified` where the address is known to be theirs. Without a password nobody signs in by
        one, before the mailbox's owner has chosen it.
        """
        id_, email = f"acc-{call.id}", normal(email)
        self.check_free(email, id_)
        now = self._now()
        if organisation_name:
            org_id = self._found(call, organisation_name, id_)
        account = Account(
            id=id_,
            email=email,
            name=name,
            role=Role(role),
            password_hash=self._passwords.hash(password) if password else "",
            created_at=now,
            org_id=org_id,
            locale=locale,
            time_zone=time_zone,
            email_verified_at=now if verified else None,
            due_at=now + REGISTRATION_GRACE,
        )
        return self.finish(self.accounts.create(call, account), call, rpc)

    def _found(self, call: Call, name: str, owner_id: str) -> str:
        """The id of a new organisation."""
        first = step(call, "organisation")
        organisation = Organisation(f"org-{first.id}", name, self._now(), owners=[owner_id])
        self.organisations.create(first, organisation)
        return organisation.id

    def finish(self, account: Account, call: Call | None = None, rpc: Rpc | None = None) -> Account:
        """Claim the address and activate, or refuse an account whose address is another's.

        The contact goes first, so that who hears of the account knows where to reach its person.
        """
        try:
            self.emails.take(account.email, account.id)
        except Conflict:
            self.accounts.change(account.id, None, Account.refuse)
            raise taken() from None
        told = self._told(account, rpc) if rpc else None
        activate = partial(self._activate, told=told)
        active = self.accounts.change(account.id, call and step(call, "activate"), activate)
        return self.push_letters(active, rpc) if rpc else active

    def _activate(self, account: Account, told: int | None) -> None:
        begins = account.standing is Standing.REGISTERING
        account.activate(self._now(), told)
        if begins and self._verified_only and not account.email_verified_at:
            self.ask_verification(account, account.email, f"let-{account.id}")

    def ask_verification(self, account: Account, email: str, letter_id: str) -> None:
        """Send a link to this address, which is the account's or is to become it."""
        if self._post is not None:
            letter, hash_ = Letter(letter_id, VERIFY, email), self._post.hash(account.id, letter_id)
            account.ask(letter, hash_, self._now())

    def catch_up(self, account: Account, rpc: Rpc) -> Account:
        """Tell notifications what is new; what it does not hear now, it hears from the sweep."""
        with suppress(Unavailable):
            account = self._go_on(account, rpc)
        return account

    def push_letters(self, account: Account, rpc: Rpc) -> Account:
        """While notifications is away they stay with the account, and the sweep goes on."""
        if self._post is None or not account.letters:
            return account
        try:
            pushed = self._post.of_account(account, rpc)
        except Unavailable:
            return account
        return self.accounts.change(account.id, None, lambda it: it.letters_pushed(pushed))

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
            **_verified(account),
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

    def _go_on(self, account: Account, rpc: Rpc) -> Account:
        if account.standing is Standing.REGISTERING:
            with suppress(Conflict):
                return self.finish(account, rpc=rpc)
        if account.standing is Standing.ACTIVE:
            account = self.push_contact(account, rpc)
            if account.old_emails:
                account = self._release(account)
            account = self.push_letters(account, rpc)
        return account

    def _release(self, account: Account) -> Account:
        old = {email for email in account.old_emails if email != account.email}
        for email in old:
            self.emails.release(email, account.id)
        released = {*account.old_emails}
        return self.accounts.change(account.id, None, lambda it: it.emails_released(released))

    def check_free(self, email: str, id_: str) -> None:
        """Not the proof, which is the claim, but it spares the refused account."""
        if self.emails.owner(email) not in (None, id_):
            raise taken()


def _verified(account: Account) -> dict[str, str]:
    at = account.email_verified_at
    return {"verified_at": at.isoformat()} if at else {}


def view(account: Account, find: Callable[[str], Organisation | None]) -> dict[str, Any]:
    """The account as its person sees it."""
    organisation = find(account.org_id) if account.org_id else None
    return {
        **{name: getattr(account, name) for name in VIEWED},
        "role": str(account.role),
        "email_verified": account.email_verified_at is not None,
        "second_factor": account.second_factor_on,
        "organisation": organisation and organisation_view(organisation),
    }


VIEWED = ("id", "version", "email", "name", "org_id", "locale", "time_zone", "created_at")


def listed(found: dict[str, Any]) -> dict[str, Any]:
    """A colleague, from the stored fields."""
    verified = found.get("email_verified_at") is not None
    return {**{name: found.get(name) for name in (*VIEWED, "role")}, "email_verified": verified}


def organisation_view(organisation: Organisation) -> dict[str, Any]:
    names = ("id", "version", "name", "level", "created_at")
    return {name: getattr(organisation, name) for name in names}


def step(call: Call, name: str) -> Call:
    """A further save that the same call causes: its own id, and the same again on a repeat."""
    id_ = uuid5(UUID(call.id), name)
    return replace(call, id=str(id_), expected_version=None)


def _all(changes: dict[str, str | None]) -> dict[str, str | None]:
    return {name: changes.get(name) for name in ("name", "locale", "time_zone")}


def taken() -> Conflict:
    return Conflict("email-taken", "There is an account with this e-mail address.")
