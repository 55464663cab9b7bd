"""The records of notifications: contacts, choices, and each thing that a person was told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from services.notifications.domain.notices import KINDS, SECURITY
from services.notifications.events import Event
from shared.errors import Invalid

NAMESPACE = UUID("7f1d6d2c-5c39-4f7f-9a58-0a1f6f6f2b1e")
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)


def notification_id(person_id: str, event_id: str) -> str:
    """One per person and event, whoever computes it and however often."""
    return str(uuid5(NAMESPACE, f"{person_id}|{event_id}"))


@dataclass
class Contact:
    """Where a person is reached. The only record of names and addresses here; never logged."""

    id: str
    email: str
    name: str
    role: str
    org_id: str | None
    locale: str
    time_zone: str
    created_at: datetime
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def change(
        self, email: str, name: str, role: str, org_id: str | None, locale: str, time_zone: str
    ) -> None:
        self.email, self.name, self.role, self.org_id = email, name, role, org_id
        self.locale, self.time_zone = locale, time_zone


@dataclass(frozen=True)
class Channels:
    """How one kind reaches somebody."""

    email: bool = True
    in_app: bool = True


@dataclass
class Preferences:
    """What a person has chosen; everything else reaches them both ways."""

    id: str
    chosen: dict[str, Channels] = field(default_factory=dict)
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def of(self, kind: str) -> Channels:
        return Channels() if kind in SECURITY else self.chosen.get(kind, Channels())

    def choose(self, wanted: Mapping[str, Channels]) -> None:
        """Change the named kinds; raises Invalid with a sentence per kind that cannot be."""
        errors = {kind: "There is no such kind." for kind in wanted if kind not in KINDS}
        errors |= {
            kind: "This is about your account's security; it cannot be turned off."
            for kind, channels in wanted.items()
            if kind in SECURITY and channels != Channels()
        }
        if errors:
            raise Invalid("preferences-invalid", "Some of the preferences are not valid.", errors)
        self.chosen = {**self.chosen, **wanted}


@dataclass
class ProjectTitle:
    """The title of a project, since events carry its id only."""

    id: str
    title: str = ""
    revision: int = -1
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def keep(self, title: str, revision: int) -> None:
        if revision > self.revision:
            self.title, self.revision = title, revision


class MailStatus(StrEnum):
    OFF = "off"  # Not wanted by mail.
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


@dataclass
class Notification:
    """What one person is told of one event: recorded first, then mailed, then marked.

    `due_at` is when the mail is to be tried next. Whoever sends it moves `due_at` on first, so that
    of many processes one sends, and another takes over when that one dies.
    """

    id: str
    person_id: str
    event_id: str
    kind: str
    title: str
    what: str
    next: str
    link: str
    created_at: datetime
    deadline_at: datetime | None = None
    in_app: bool = True
    read_at: datetime | None = None
    mail: MailStatus = MailStatus.OFF
    attempts: int = 0
    due_at: datetime | None = None
    holder: str | None = None
    sent_at: datetime | None = None
    failure: str | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def claim(self, holder: str, now: datetime, lease: timedelta) -> None:
        """Take the sending upon oneself for as long as the lease; see `holder` for who has it."""
        if self.due_at is not None and self.due_at <= now:
            self.holder, self.due_at, self.attempts = holder, now + lease, self.attempts + 1

    def sent(self, now: datetime) -> None:
        self.mail, self.sent_at, self.due_at, self.holder = MailStatus.SENT, now, None, None

    def postpone(self, code: str, now: datetime) -> None:
        """The mail server did not take it: again later, for three days."""
        if now - self.created_at >= GIVE_UP_AFTER:
            self.fail(code)
            return
        wait = min(FIRST_WAIT * 2 ** min(self.attempts - 1, 10), LONGEST_WAIT)
        self.due_at, self.holder, self.failure = now + wait, None, code

    def fail(self, code: str) -> None:
        self.mail, self.failure, self.due_at, self.holder = MailStatus.FAILED, code, None, None

    def read(self, now: datetime) -> None:
        if self.read_at is None:
            self.read_at = now
