"""What is recorded of an event: a line of the log, and what each person is told of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.notifications.domain.audience import Audience, Notice
from services.notifications.domain.channels import COLLECTED, SHORT, Channel, Frequency
from services.notifications.domain.hours import digest_due
from services.notifications.domain.notices import kind
from services.notifications.domain.posting import MailStatus
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.records import (
    Contact,
    Notification,
    ShortText,
    notification_id,
    short_id,
)
from services.notifications.domain.visibility import audience
from shared.envelope import Event
from shared.errors import NotYet

RETENTION = timedelta(days=30)
LATE_CONTACT = timedelta(hours=1)  # How much later than an event its people may be pushed to us.
LATE_TITLE = timedelta(minutes=2)
IN_TIME = timedelta(days=1)  # So long before a deadline a digest must come to be of use.


@dataclass(frozen=True)
class Words:
    """A notice in words, for one person."""

    title: str
    what: str
    next: str
    link: str


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


@dataclass(frozen=True)
class Told:
    """Whom a notice goes to, in what words, as they have chosen; `capped` where it is one of too
    many by its sender."""

    contact: Contact
    preferences: Preferences
    words: Words
    capped: bool = False


def notification(event: Event, notice: Notice, told: Told, now: datetime) -> Notification:
    """The record for one person; its mail is due at once, after their quiet hours, or collected."""
    until = event.data.get(notice.deadline) if notice.deadline else None
    name, words, contact = kind(event.type), told.words, told.contact
    record = Notification(
        id=notification_id(contact.id, event.id),
        person_id=contact.id,
        event_id=event.id,
        kind=name,
        title=words.title,
        what=words.what,
        next=words.next,
        link=words.link,
        created_at=now,
        deadline_at=datetime.fromisoformat(until).astimezone(UTC) if until else None,
        in_app=told.preferences.of(name).in_app,
        quiet=told.preferences.peace(name),
        zone=contact.time_zone,
    )
    _plan_mail(record, told)
    return record


def _plan_mail(record: Notification, told: Told) -> None:
    frequency = told.preferences.of(record.kind).mailed
    if frequency is Frequency.NEVER:
        return
    if told.capped:
        record.mail = MailStatus.CAPPED
        return
    if frequency in COLLECTED:
        hour = told.preferences.digest_hour
        due = digest_due(record.created_at, record.zone, hour, frequency)
        if record.deadline_at is None or due + IN_TIME <= record.deadline_at:
            record.mail, record.frequency, record.digest_at = MailStatus.COLLECTED, frequency, due
            return
    record.mail, record.due_at = MailStatus.PENDING, _due(record)


def _due(record: Notification) -> datetime:
    """At once, or after the quiet hours, unless it must be answered before they are over."""
    awake = record.awake(record.created_at)
    if record.deadline_at is not None and record.deadline_at < awake + IN_TIME:
        record.quiet = None
        return record.created_at
    return awake


def short_texts(record: Notification, told: Told, served: Iterable[Channel]) -> list[ShortText]:
    """The lines that go out beside the mail, over the channels that somebody serves."""
    made = []
    wanted = [] if told.capped else _wanted(told.preferences, record.kind)
    for channel in (one for one in served if one in wanted):
        one = ShortText(
            id=short_id(record.person_id, record.event_id, channel),
            person_id=record.person_id,
            channel=channel,
            text=record.title,
            link=record.link,
            created_at=record.created_at,
            quiet=told.preferences.peace(record.kind, channel),
            zone=record.zone,
        )
        one.due_at = one.awake(record.created_at)
        made.append(one)
    return made


def _wanted(preferences: Preferences, kind: str) -> list[Channel]:
    held = preferences.of(kind)
    return [channel for channel, on in zip(SHORT, (held.push, held.sms), strict=True) if on]


def distinct(contacts: Iterable[Contact]) -> list[Contact]:
    """Each person once."""
    return list({contact.id: contact for contact in contacts}.values())
