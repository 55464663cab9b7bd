"""Who may sign in: accounts, their organisations and their sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.gateway.events import AccountRegistered, Event, OrganisationVerified
from shared.errors import Conflict

# A registration that a crash left half done is finished by the sweep after this time.
REGISTRATION_GRACE = timedelta(seconds=60)
# The request itself pushes a new contact; the sweep takes over when it could not.
CONTACT_GRACE = timedelta(seconds=5)
SESSION_LIFE = timedelta(days=30)
SPENT_KEPT = 50


def normal(email: str) -> str:
    """The address as it is kept and compared. Not casefolded: mail for ß is not mail for ss."""
    return email.strip().lower()


class Role(StrEnum):
    """The columns of the permission table that a person can have."""

    CANDIDATE = "candidate"
    OWNER = "owner"
    RECRUITER = "recruiter"
    EVALUATOR = "evaluator"
    EDUCATOR = "educator"
    PARTNER = "partner"
    OPERATOR = "operator"


class Standing(StrEnum):
    """How far a registration has come."""

    REGISTERING = "registering"
    ACTIVE = "active"
    REFUSED = "refused"  # Its e-mail address belongs to another account.
    CLOSED = "closed"  # On its way to be erased: nobody signs in.
    ERASED = "erased"  # A pseudonym, without a person.


@dataclass
class Account:
    """A person who signs in; `due_at` is when somebody must finish what is still open."""

    id: str
    email: str
    name: str
    role: Role
    password_hash: str
    created_at: datetime
    org_id: str | None = None
    locale: str = "en"
    time_zone: str = "UTC"
    standing: Standing = Standing.REGISTERING
    contact_revision: int = 1
    due_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def activate(self, now: datetime, told: int | None) -> None:
        """The address is theirs: the account can sign in.

        `told` is the revision of the contact that is known already; else it has to be pushed.
        """
        if self.standing is Standing.REFUSED:
            raise Conflict("email-taken", "There is an account with this e-mail address.")
        if self.standing is Standing.REGISTERING:
            self._begin(now)
        if told is not None:
            self.contact_pushed(told)

    def _begin(self, now: datetime) -> None:
        self.standing, self.due_at = Standing.ACTIVE, now + CONTACT_GRACE
        self.events.append(AccountRegistered(self.id, str(self.role), self.org_id))

    def refuse(self) -> None:
        """The address is another's; this account never came to be."""
        if self.standing is Standing.REGISTERING:
            self.standing, self.due_at = Standing.REFUSED, None

    def amend(
        self, now: datetime, *, name: str | None, locale: str | None, time_zone: str | None
    ) -> None:
        """Change what is given; the contact is pushed again."""
        self.name = self.name if name is None else name
        self.locale = self.locale if locale is None else locale
        self.time_zone = self.time_zone if time_zone is None else time_zone
        self.contact_revision += 1
        self.due_at = now + CONTACT_GRACE

    def contact_pushed(self, revision: int) -> None:
        """The contact is known as of this revision; a later one stays due."""
        if revision == self.contact_revision:
            self.due_at = None


@dataclass
class Organisation:
    """A company; `level` says how far an operator has verified it."""

    id: str
    name: str
    created_at: datetime
    level: str = "unverified"
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def verify(self, level: str) -> None:
        if self.level == level:
            return
        self.level = level
        self.events.append(OrganisationVerified(self.id, level))


@dataclass
class Session:
    """One sign-in on one device: the family of the refresh tokens that followed each other."""

    id: str
    account_id: str
    token_hash: str
    created_at: datetime
    expires_at: datetime
    spent: list[str] = field(default_factory=list)
    ended: str | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def rotate(self, presented: str, following: str, now: datetime) -> None:
        """Trade the hash of the current token for the following; a spent one ends the session.

        A token that comes twice was stolen from one of the two who sent it: nobody keeps it.
        """
        if self.ended or now >= self.expires_at:
            return
        if presented == self.token_hash:
            self.spent = [*self.spent, presented][-SPENT_KEPT:]
            self.token_hash = following
        elif presented in self.spent:
            self.ended = "refresh-token-reused"

    def end(self, reason: str) -> None:
        self.ended = self.ended or reason
