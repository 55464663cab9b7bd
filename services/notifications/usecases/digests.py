"""Digests: what waits is collected once per person and period, and told in one mail."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol

from services.notifications.domain.hours import digest_due
from services.notifications.domain.links import DIGEST
from services.notifications.domain.posting import MailStatus
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.records import Contact, Digest, Notification, digest_id
from services.notifications.usecases.sending import Line, Mail, Nothing, require_reachable
from services.notifications.usecases.telling import Words
from shared.envelope import Message

MOST_LINES = 30  # Of one mail; the inbox has them all.


class Digests(Protocol):
    def change(
        self,
        id: str,
        message: Message | None,
        use_case: Callable[[Digest], object],
        *,
        new: Callable[[], Digest],
    ) -> Digest: ...


class Finds(Protocol):
    def find(self, id: str) -> Notification | None: ...


def collect(digests: Digests, told: Notification, hour: int, message: Message) -> None:
    """Put it into the digest that it waits for; into the next one where that has been sent.

    Both times are of the record, so that a repeat of the event finds it where it was put before.
    """
    if told.mail is not MailStatus.COLLECTED or told.digest_at is None:
        return
    due = told.digest_at
    while True:
        id_ = digest_id(told.person_id, told.frequency, due)
        digest = digests.change(
            id_, message, lambda one: one.collect(told.id), new=partial(_new, id_, told, due)
        )
        if told.id in digest.items:
            return
        due = digest_due(due, told.zone, hour, told.frequency)


def _new(id_: str, told: Notification, due: datetime) -> Digest:
    new = Digest(
        id=id_,
        person_id=told.person_id,
        frequency=told.frequency,
        created_at=told.created_at,
        quiet=told.quiet,
        zone=told.zone,
    )
    new.due_at = new.awake(due)
    return new


def digest_mail(
    digest: Digest,
    contact: Contact,
    notifications: Finds,
    preferences: Preferences,
    title: Callable[[Digest, int], Words],
) -> Mail:
    """The mail of a digest: what is unread and still wanted by mail; Nothing where that is none."""
    require_reachable(contact)
    found = [one for id_ in digest.items if (one := notifications.find(id_))]
    waiting = [one for one in found if not one.read_at and preferences.of(one.kind).email]
    if not waiting:
        raise Nothing
    newest = sorted(waiting, key=lambda one: one.created_at, reverse=True)[:MOST_LINES]
    lines = tuple(Line(one.kind, Words(one.title, one.what, one.next, one.link)) for one in newest)
    return Mail(digest.id, contact, title(digest, len(waiting)), DIGEST, lines)
