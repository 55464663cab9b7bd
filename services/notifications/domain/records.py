"""The records of notifications: contacts, and each thing that a person was told."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from services.notifications.domain.bounces import Outcome
from services.notifications.domain.channels import Channel, Frequency
from services.notifications.domain.posting import MailStatus, Posting
from services.notifications.events import AddressSuspended, Event

NAMESPACE = UUID("7f1d6d2c-5c39-4f7f-9a58-0a1f6f6f2b1e")
UNSENT = (MailStatus.PENDING, MailStatus.COLLECTED)
SOFT_LIMIT, SOFT_MEMORY = 5, timedelta(days=30)


def notification_id(person_id: str, event_id: str) -> str:
    """One per person and event, whoever computes it and however often."""
    return str(uuid5(NAMESPACE, f"{person_id}|{event_id}"))


@dataclass(frozen=True)
class Suspension:
    """Why nothing is sent to an address any more, and since when."""

    reason: str
    at: datetime
    code: str = ""


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
    suspended: Suspension | None = None
    soft_bounces: int = 0
    soft_bounced_at: datetime | None = None
    erased: bool = False
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def change(
        self,
        email: str,
        name: str,
        role: str,
        org_id: str | None,
        locale: str,
        time_zone: str,
        verified_at: datetime | None = None,
    ) -> None:
        """What the gateway tells. Another address begins without the bounces of the former, and so
        does one that its person has confirmed since."""
        if self.erased:  # What was pushed before comes late.
            return
        confirmed = self.suspended and verified_at and verified_at > self.suspended.at
        if email != self.email or confirmed:
            self.suspended, self.soft_bounces, self.soft_bounced_at = None, 0, None
        self.email, self.name, self.role, self.org_id = email, name, role, org_id
        self.locale, self.time_zone = locale, time_zone

    def bounced(self, outcome: Outcome, address: str, code: str, now: datetime) -> None:
        """A mail to this address came back; one that has been changed since is nobody's matter."""
        if self.suspended or address.casefold() != self.email.casefold():
            return
        if outcome is Outcome.HARD:
            self._suspend(Outcome.HARD, code, now)
        elif outcome is Outcome.SOFT:
            self._count(code, now)

    def erase(self) -> None:
        """Nobody is reached under this id any more."""
        self.erased, self.role, self.org_id = True, "erased", None
        self.email = self.name = ""
        self.suspended = None

    def _count(self, code: str, now: datetime) -> None:
        last = self.soft_bounced_at
        fresh = last is None or now - last > SOFT_MEMORY
        self.soft_bounces, self.soft_bounced_at = (1 if fresh else self.soft_bounces + 1), now
        if self.soft_bounces >= SOFT_LIMIT:
            self._suspend(Outcome.SOFT, code, now)

    def _suspend(self, why: Outcome, code: str, now: datetime) -> None:
        self.suspended = Suspension(str(why), now, code)
        self.events.append(AddressSuspended(self.id, str(why), now.isoformat("T", "milliseconds")))


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


@dataclass(kw_only=True)
class Notification(Posting):
    """What one person is told of one event: recorded first, then mailed, then marked.

    `digest_at` is the digest that it waits for, in `frequency`.
    """

    event_id: str
    kind: str
    title: str
    what: str
    next: str
    link: str
    deadline_at: datetime | None = None
    in_app: bool = True
    read_at: datetime | None = None
    mail: MailStatus = MailStatus.OFF
    frequency: Frequency = Frequency.IMMEDIATELY
    digest_at: datetime | None = None

    def erase(self) -> None:
        """That somebody was told stays, and when; not what."""
        self.title = self.what = self.next = self.link = ""
        self.digest_at = None
        if self.mail in UNSENT:
            self.fail("erased")

    def read(self, now: datetime) -> None:
        if self.read_at is None:
            self.read_at = now


@dataclass(kw_only=True)
class Digest(Posting):
    """What one person is told in one mail for one period; the id is of both.

    Once closed it takes nothing more: who comes too late is in the next one.
    """

    frequency: Frequency
    items: list[str] = field(default_factory=list)

    def collect(self, notification: str) -> None:
        """Take it in, where nobody has begun to send; see `items` for whether it is in."""
        if notification not in self.items and not self.attempts:
            self.items = [*self.items, notification]


@dataclass(kw_only=True)
class ShortText(Posting):
    """One line for one person by web push or SMS, of one event."""

    channel: Channel
    text: str
    link: str

    def erase(self) -> None:
        self.text = self.link = ""
        if self.mail is MailStatus.PENDING:
            self.fail("erased")


def digest_id(person_id: str, frequency: Frequency, due: datetime) -> str:
    """One per person and period."""
    return str(uuid5(NAMESPACE, f"{person_id}|{frequency}|{due.isoformat()}"))


def short_id(person_id: str, event_id: str, channel: Channel) -> str:
    return str(uuid5(NAMESPACE, f"{person_id}|{event_id}|{channel}"))
