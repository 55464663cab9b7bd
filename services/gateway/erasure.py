"""Being forgotten: asked for, called off or deferred, and carried out in two steps.

First the account is closed, for longer than any access token lives, so that nothing personal is
written behind what is emptied. Then it is emptied and announced, and each service empties its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

from services.gateway.domain import Account, Standing
from services.gateway.events import (
    AccountErased,
    ErasureAsked,
    ErasureCancelled,
    ErasureDeferred,
    Event,
)
from services.gateway.tokens import LIFE
from shared.errors import Conflict

GRACE = timedelta(days=14)  # To change one's mind.
AGAIN = timedelta(days=1)  # Until the next look at what has to come to its end first.
QUIET = LIFE + timedelta(minutes=1)  # Then the last access token is dead.
NAME = "Erased person"
# What stays: the pseudonym, and what others' records and our own bookkeeping hang on.
STAYS = {"id", "role", "org_id", "created_at", "standing", "epoch", "version", "events"}
Fields = dict[str, Any]


class Stage(StrEnum):
    ASKED = "asked"
    CALLED_OFF = "called_off"
    CLOSING = "closing"  # Nobody can sign in any more.
    ERASED = "erased"


@dataclass(frozen=True)
class Hindrance:
    """What has to come to its end first; `subject` is the engagement that it is about."""

    code: str
    detail: str
    subject: str = ""


@dataclass
class Erasure:
    """One per account, by its id."""

    id: str
    account_id: str
    role: str
    org_id: str | None
    asked_at: datetime
    stage: Stage = Stage.CALLED_OFF
    due_at: datetime | None = None
    hindrances: list[Hindrance] = field(default_factory=list)
    erased_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def ask(self, hindrances: Iterable[Hindrance], now: datetime) -> None:
        """Be erased after the grace; what hinders it now may be over by then."""
        if self.stage is not Stage.CALLED_OFF:
            return
        self.stage, self.asked_at, self.due_at = Stage.ASKED, now, now + GRACE
        self.hindrances = list(hindrances)
        self.events.append(ErasureAsked(self.account_id, self.due_at))

    def call_off(self) -> None:
        """Stay; raises Conflict where it is too late."""
        if self.stage is Stage.CALLED_OFF:
            return
        if self.stage is not Stage.ASKED:
            raise Conflict("erasure-under-way", "The account is being erased already.")
        self.stage, self.due_at, self.hindrances = Stage.CALLED_OFF, None, []
        self.events.append(ErasureCancelled(self.account_id))

    def defer(self, hindrances: list[Hindrance], now: datetime) -> None:
        """Look again tomorrow; the person is told where the reasons are new."""
        told = {one.code for one in self.hindrances} if self.stage is Stage.ASKED else set()
        first = self.due_at is not None and self.due_at <= self.asked_at + GRACE
        self.stage, self.due_at, self.hindrances = Stage.ASKED, now + AGAIN, hindrances
        reasons = sorted({one.code for one in hindrances})
        if first or set(reasons) != told:
            self.events.append(ErasureDeferred(self.account_id, self.due_at, reasons))

    def close(self, now: datetime) -> None:
        """Wait for the access tokens that are out."""
        if self.stage is Stage.ASKED:
            self.stage, self.due_at, self.hindrances = Stage.CLOSING, now + QUIET, []

    def finish(self, now: datetime) -> None:
        if self.stage is Stage.CLOSING:
            self.stage, self.due_at, self.erased_at = Stage.ERASED, None, now


def erasure_id(account_id: str) -> str:
    return f"era-{account_id.removeprefix('acc-')}"


# What happens to the account


def close(account: Account) -> None:
    """Nobody signs in with it any more."""
    if account.standing is Standing.ACTIVE:
        account.standing = Standing.CLOSED


def reopen(account: Account) -> None:
    """Something came up that its person has to see to."""
    if account.standing is Standing.CLOSED:
        account.standing = Standing.ACTIVE


def empty(account: Account) -> None:
    """Everything goes but what is named in `STAYS`; a second time it changes nothing."""
    if account.standing is Standing.ERASED:
        return
    for one in fields(account):
        if one.name not in STAYS:
            setattr(account, one.name, _nothing(one))
    account.name, account.standing = NAME, Standing.ERASED
    account.__dict__.pop("_kept", None)  # What a newer release has stored beside it.
    account.events.append(AccountErased(account.id, str(account.role), account.org_id))


def _nothing(one: Any) -> Any:
    if one.default_factory is not MISSING:
        return one.default_factory()
    return "" if one.default is MISSING else one.default


# The whole of it


class Hinders(Protocol):
    def __call__(self, account_id: str, org_id: str | None) -> list[Hindrance]:
        """What the services say; raises Unavailable where one does not answer."""


class Belongings(Protocol):
    """What the gateway keeps for an account."""

    def lock(self, account: Account) -> None:
        """End its sessions and its keys; again without harm."""

    def remove(self, account: Account) -> None:
        """Its address, its files, its exports; again without harm."""


class Accounts(Protocol):
    def load(self, id: str) -> Account: ...
    def change(self, id: str, message: None, use_case: Callable[[Account], object]) -> Account: ...


class Erasures(Protocol):
    def change(self, id: str, message: None, use_case: Callable[[Erasure], object]) -> Erasure: ...


@dataclass(frozen=True)
class Round:
    """One step of one erasure; each can be repeated after a crash."""

    accounts: Accounts
    erasures: Erasures
    belongings: Belongings
    hinders: Hinders
    alone: Callable[[Account], bool]  # Whether nobody else is left in its organisation.
    now: Callable[[], datetime]

    def go_on(self, erasure: Erasure) -> None:
        """What is due: close the account, or empty it, or put it off."""
        account = self.accounts.load(erasure.account_id)
        found = [] if account.standing is Standing.ERASED else self._hindrances(account)
        if found:
            self.accounts.change(account.id, None, reopen)
            self._change(erasure, partial(Erasure.defer, hindrances=found, now=self.now()))
        elif erasure.stage is Stage.ASKED:
            self.accounts.change(account.id, None, close)
            self.belongings.lock(account)
            self._change(erasure, partial(Erasure.close, now=self.now()))
        elif erasure.stage is Stage.CLOSING:
            self.belongings.lock(account)
            self.belongings.remove(account)
            self.accounts.change(account.id, None, empty)
            self._change(erasure, partial(Erasure.finish, now=self.now()))

    def _hindrances(self, account: Account) -> list[Hindrance]:
        return self.hinders(account.id, account.org_id if self.alone(account) else None)

    def _change(self, erasure: Erasure, use_case: Callable[[Erasure], object]) -> None:
        self.erasures.change(erasure.id, None, use_case)


def view(erasure: Erasure) -> Fields:
    return {
        "id": erasure.id,
        "version": erasure.version,
        "stage": str(erasure.stage),
        "asked_at": erasure.asked_at,
        "due_at": erasure.due_at,
        "hindrances": [
            {"code": one.code, "detail": one.detail, "subject": one.subject or None}
            for one in erasure.hindrances
        ],
    }
