"""What notifications does: record what people are told, mail it, and let them read events."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from services.notifications.domain.audience import Audience, Notice
from services.notifications.domain.notices import KINDS, SECURITY, kind
from services.notifications.domain.records import (
    Channels,
    Contact,
    MailStatus,
    Notification,
    Preferences,
    notification_id,
)
from services.notifications.domain.visibility import audience, correlation, subject, visible
from shared.envelope import Event
from shared.errors import Invalid, NotFound, NotYet, Unavailable
from shared.principal import Principal

RETENTION = timedelta(days=30)
LATE_CONTACT = timedelta(hours=1)  # How much later than an event its people may be pushed to us.
LATE_TITLE = timedelta(minutes=2)
SERVER_AWAY = "mail-server-away"
CONNECTIONS = 8  # To the mail server at a time: far below what one takes from one address.
MAILS_AT_ONCE = 100 * CONNECTIONS  # A backlog's: looking for what is due costs as much for few.


@dataclass(frozen=True)
class Words:
    """A notice in words, for one person."""

    title: str
    what: str
    next: str
    link: str


@dataclass(frozen=True)
class Mail:
    """`message_id` is the same however often it is sent."""

    message_id: str
    to: Contact
    words: Words


class Mailer(Protocol):
    def send(self, mail: Mail) -> None:
        """Raises Unavailable to try again later (`mail-server-away`: for every mail), Invalid where
        the address is refused for good."""
        ...


class Notifications(Protocol):
    def change(
        self, id: str, message: None, use_case: Callable[[Notification], object]
    ) -> Notification: ...


class Contacts(Protocol):
    def find(self, id: str) -> Contact | None: ...


def outdated(event: Event, now: datetime) -> bool:
    """So old that the log has forgotten it: a replay of the archive, to be let pass."""
    return event.time < now - RETENTION


def log_entry(event: Event, now: datetime) -> dict[str, Any]:
    """The event as the log keeps it."""
    return {
        "_id": event.id,
        "type": event.type,
        "source": event.source,
        "subject": event.subject,
        "time": event.time,
        "data": event.data,
        "correlation_id": event.correlation_id,
        "audience": audience(event.data),
        "logged_at": now,
    }


def behind(cursor: str | None, position: Callable[[str], int | None], now: datetime) -> int | None:
    """The number behind which a page begins; None where the cursor is not the reader's.

    A cursor is the id of an event that its reader has seen: a number of the log would tell
    outsiders how much happens on the platform. All that is behind a forgotten one is still there.
    """
    if cursor is None:
        return 0
    found = position(cursor)
    if found is None and _forgotten(cursor, now):
        return 0
    return found


def _forgotten(cursor: str, now: datetime) -> bool:
    """Whether it is the id (a UUIDv7) of an event so old that the log has dropped it."""
    try:
        id_ = UUID(cursor)
    except ValueError:
        return False
    return id_.version == 7 and id_.int >> 80 < (now - RETENTION).timestamp() * 1000


def event_view(entry: Mapping[str, Any], by: Principal) -> dict[str, Any]:
    """A log entry as this principal may read it; operators alone see its number in the log."""
    type_, data = entry["type"], entry["data"]
    return {
        **({"sequence": entry["sequence"]} if by.role == "operator" else {}),
        "id": entry["_id"],
        "type": type_,
        "source": entry["source"],
        "subject": subject(type_, entry["subject"], data, by),
        "time": entry["time"],
        "data": visible(type_, data, by),
        "correlation_id": correlation(entry["correlation_id"], data, by),
    }


def facts(event: Event, title: str | None, now: datetime) -> dict[str, Any]:
    """What a template may say: the event's data and the project's title.

    NotYet where the title is still on its way to us.
    """
    if title is None and "project_id" in event.data and event.time > now - LATE_TITLE:
        raise NotYet("project-unknown", "The project has not been heard of here.")
    return {**event.data, "title": title or "a project"}


def knows(contact: Contact, event: Event) -> bool:
    """Whether the event is of this person's time: a replay tells a newcomer nothing."""
    return event.time > contact.created_at - LATE_CONTACT


def require_known(notice: Notice, contacts: Sequence[Contact]) -> None:
    """NotYet where an account is announced before the gateway has told us where to reach it."""
    if notice.to is Audience.PERSON and not contacts:
        raise NotYet("contact-unknown", "Nobody has told where this person is reached.")


def notification(
    event: Event,
    notice: Notice,
    contact: Contact,
    channels: Channels,
    words: Words,
    now: datetime,
) -> Notification:
    """The record for one person; its mail is due at once."""
    until = event.data.get(notice.deadline) if notice.deadline else None
    return Notification(
        id=notification_id(contact.id, event.id),
        person_id=contact.id,
        event_id=event.id,
        kind=kind(event.type),
        title=words.title,
        what=words.what,
        next=words.next,
        link=words.link,
        created_at=now,
        deadline_at=datetime.fromisoformat(until).astimezone(UTC) if until else None,
        in_app=channels.in_app,
        mail=MailStatus.PENDING if channels.email else MailStatus.OFF,
        due_at=now if channels.email else None,
    )


@dataclass(frozen=True)
class Sending:
    """What a round of sending works with; `holder` is this process's name."""

    notifications: Notifications
    contacts: Contacts
    mailer: Mailer
    now: Callable[[], datetime]
    holder: str
    lease: timedelta


def send_mails(work: Sending, ids: Iterable[str]) -> int:
    """Send those of these mails that are due, each by one process only; how many were sent.

    Raises Unavailable at the end where a record could not be read or saved: the others go first.
    """
    sent, failure = 0, None
    for id_ in ids:
        try:
            sent += _send(work, id_)
        except Unavailable as exc:
            if exc.code == SERVER_AWAY:
                return sent  # The rest of the round would only wait.
            failure = exc
    if failure:
        raise failure
    return sent


def _send(work: Sending, id_: str) -> bool:
    claimed = work.notifications.change(
        id_, None, lambda told: told.claim(work.holder, work.now(), work.lease)
    )
    if claimed.holder != work.holder:
        return False
    contact = work.contacts.find(claimed.person_id)
    if contact is None:
        work.notifications.change(id_, None, lambda told: told.fail("contact-unknown"))
        return False
    words = Words(claimed.title, claimed.what, claimed.next, claimed.link)
    try:
        work.mailer.send(Mail(claimed.id, contact, words))
    except Invalid as exc:
        code = exc.code
        work.notifications.change(id_, None, lambda told: told.fail(code))
        return False
    except Unavailable as exc:
        code = exc.code
        work.notifications.change(id_, None, lambda told: told.postpone(code, work.now()))
        if code == SERVER_AWAY:
            raise
        return False
    work.notifications.change(id_, None, lambda told: told.sent(work.now()))
    return True


def notification_view(told: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the inbox."""
    names = ("kind", "title", "link", "created_at", "deadline_at", "read_at", "event_id")
    return {
        "id": told["id"],
        "version": told["version"],
        "text": f"{told['what']} {told['next']}".strip(),
        **{name: told.get(name) for name in names},
    }


def require_own(by: Principal, told: Notification | None) -> Notification:
    """The notification, where it is this principal's and in the inbox; else NotFound."""
    by.require("read_notification", person_id=told.person_id if told else None)
    if told is None or not told.in_app:
        raise NotFound("notification-not-found", "There is no such notification.")
    return told


def preferences_view(preferences: Preferences) -> dict[str, Any]:
    """Every kind with what holds for it; `required` ones cannot be turned off."""
    return {
        "id": preferences.id,
        "version": preferences.version,
        "preferences": {
            kind: {
                "email": preferences.of(kind).email,
                "in_app": preferences.of(kind).in_app,
                "required": kind in SECURITY,
            }
            for kind in sorted(KINDS)
        },
    }


def choose(preferences: Preferences, wanted: Mapping[str, Mapping[str, bool]]) -> None:
    """Change the named channels of the named kinds; the others stay."""
    preferences.choose(
        {
            kind: Channels(
                channels.get("email", preferences.of(kind).email),
                channels.get("in_app", preferences.of(kind).in_app),
            )
            for kind, channels in wanted.items()
        }
    )


def distinct(contacts: Iterable[Contact]) -> list[Contact]:
    """Each person once."""
    return list({contact.id: contact for contact in contacts}.values())
