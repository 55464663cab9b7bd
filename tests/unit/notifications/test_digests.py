"""Digests and quiet hours: collected, told once at the person's own hour, and never lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.notifications.domain.audience import Audience, Notice
from services.notifications.domain.channels import Channels, Frequency
from services.notifications.domain.hours import Quiet, digest_due
from services.notifications.domain.posting import MailStatus
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.records import Digest, Notification, Suspension
from services.notifications.usecases.digests import MOST_LINES, collect, digest_mail
from services.notifications.usecases.sending import Mail, Sending, send_due
from services.notifications.usecases.telling import Told, Words, notification
from shared.envelope import Event
from tests.unit.notifications.world import NOW, Box, People, Post, contact, event

DAILY, WEEKLY = Frequency.DAILY, Frequency.WEEKLY
KIND = "application.shortlisted"
LEASE = timedelta(seconds=60)
TOMORROW = datetime.fromisoformat("2026-03-03T07:00:00+00:00")  # 08:00 in Berlin.


def heard(number: int = 1, **changes: Any) -> Event:
    told = event(f"{KIND}.v1", **changes)
    return Event(f"evt-{number}", told.type, "test", "thing:1", told.time, told.data, 1, "cor-1")


def wants(frequency: Frequency = DAILY, **more: Any) -> Preferences:
    return Preferences("acc-kim", {KIND: Channels(frequency=frequency)}, **more)


def record(
    number: int = 1, preferences: Preferences | None = None, at: datetime = NOW, deadline: str = ""
) -> Notification:
    words = Words(f"Title {number}", "What.", "Next.", "https://stint.example/x")
    about = Told(contact(), preferences or wants(), words)
    told = heard(number, due_at=deadline) if deadline else heard(number)
    return notification(told, Notice(Audience.CANDIDATE, "due_at" if deadline else ""), about, at)


class Desk:
    """Digests and what is in them, sent as the service does."""

    def __init__(self, chosen: Preferences | None = None) -> None:
        self.digests, self.told, self.post = Box(), Box(), Post()
        self.chosen, self.people = chosen or wants(), People(contact())

    def hear(self, number: int = 1, at: datetime = NOW, **changes: Any) -> Notification:
        told = self.told.change(
            f"ntf-{number}", None, lambda _: None, new=lambda: record(number, self.chosen, at)
        )
        self.told.stored[told.id] = told
        collect(self.digests, told, 8, heard(number))
        return told

    def send(self, at: datetime) -> int:
        def deliver(digest: Digest, to: Any) -> None:
            self.post.send(digest_mail(digest, to, self.told, self.chosen, title))

        def title(digest: Digest, count: int) -> Words:
            return Words(f"{digest.frequency} {count}", "", "", "https://stint.example/n")

        work: Sending[Any] = Sending(self.digests, self.people, deliver, lambda: at, "one", LEASE)
        return send_due(work, self.digests.due(at))

    @property
    def mails(self) -> list[Mail]:
        return self.post.sent


@pytest.mark.parametrize(
    ("frequency", "now", "due"),
    [
        (DAILY, "2026-03-02T06:59:00+00:00", "2026-03-02T07:00:00+00:00"),
        (DAILY, "2026-03-02T07:00:00+00:00", "2026-03-03T07:00:00+00:00"),
        (DAILY, "2026-03-28T12:00:00+00:00", "2026-03-29T06:00:00+00:00"),  # Clocks went forward.
        (WEEKLY, "2026-03-02T06:59:00+00:00", "2026-03-02T07:00:00+00:00"),  # A Monday.
        (WEEKLY, "2026-03-02T07:00:00+00:00", "2026-03-09T07:00:00+00:00"),
        (WEEKLY, "2026-03-26T12:00:00+00:00", "2026-03-30T06:00:00+00:00"),
    ],
)
def test_a_digest_is_due_at_the_hour_of_the_persons_clock(
    frequency: Frequency, now: str, due: str
) -> None:
    found = digest_due(datetime.fromisoformat(now), "Europe/Berlin", 8, frequency)
    assert found == datetime.fromisoformat(due)


def test_what_was_collected_is_told_in_one_mail_once() -> None:
    desk = Desk()
    for number in (1, 2, 3):
        told = desk.hear(number, NOW + timedelta(minutes=number))
        assert (told.mail, told.due_at, told.in_app) == (MailStatus.COLLECTED, None, True)
    assert desk.send(TOMORROW - timedelta(seconds=1)) == 0
    assert desk.send(TOMORROW) == 1
    assert desk.send(TOMORROW + timedelta(days=1)) == 0
    (mail,) = desk.mails
    (digest,) = desk.digests.stored.values()
    assert (mail.message_id, mail.words.title, mail.kind) == (digest.id, "daily 3", "digest")
    assert [line.words.title for line in mail.lines] == ["Title 3", "Title 2", "Title 1"]


def test_a_repeat_of_the_event_changes_nothing_before_and_after_the_digest() -> None:
    desk = Desk()
    desk.hear(1)
    desk.digests.handled.clear()  # As if it had been forgotten.
    desk.hear(1)
    desk.send(TOMORROW)
    desk.digests.handled.clear()
    desk.hear(1, TOMORROW + timedelta(hours=1))
    assert desk.send(TOMORROW + timedelta(days=1)) == 0
    assert len(desk.mails) == 1


def test_what_a_crash_kept_out_of_a_digest_is_in_the_next_one() -> None:
    desk = Desk()
    desk.hear(1)
    late = record(2, desk.chosen)
    desk.told.stored[late.id] = late  # Recorded, and then the process died.
    desk.send(TOMORROW)
    collect(desk.digests, late, 8, heard(2))
    collect(desk.digests, late, 8, heard(2))
    assert desk.send(TOMORROW + timedelta(days=1)) == 1
    assert [line.words.title for mail in desk.mails for line in mail.lines] == [
        "Title 1",
        "Title 2",
    ]


def test_a_digest_that_two_processes_see_is_sent_by_one() -> None:
    desk = Desk()
    desk.hear(1)
    (digest,) = desk.digests.stored.values()
    digest.claim("other", TOMORROW, LEASE)
    desk.digests.due = lambda now: [digest.id]  # type: ignore[method-assign]
    assert desk.send(TOMORROW) == 0
    assert desk.send(TOMORROW + LEASE) == 1  # The other has died.


def test_an_empty_digest_is_not_sent() -> None:
    desk = Desk()
    read, unwanted = desk.hear(1), desk.hear(2)
    read.read(NOW)
    desk.chosen.stop_mail(unwanted.kind)
    assert desk.send(TOMORROW) == 0
    (digest,) = desk.digests.stored.values()
    assert (digest.mail, digest.due_at, desk.mails) == (MailStatus.EMPTY, None, [])


def test_a_long_digest_tells_the_newest_and_how_many_there_are() -> None:
    desk = Desk()
    for number in range(MOST_LINES + 5):
        desk.hear(number, NOW + timedelta(seconds=number))
    desk.send(TOMORROW)
    (mail,) = desk.mails
    assert (len(mail.lines), mail.words.title) == (MOST_LINES, f"daily {MOST_LINES + 5}")
    assert mail.lines[0].words.title == f"Title {MOST_LINES + 4}"


def test_nothing_is_sent_to_a_suspended_address() -> None:
    desk = Desk()
    desk.hear(1)
    desk.people.find("acc-kim").suspended = Suspension("hard-bounce", NOW)
    assert desk.send(TOMORROW) == 0
    (digest,) = desk.digests.stored.values()
    assert digest.failure == "address-suspended"


def test_what_ends_before_a_digest_could_help_is_told_at_once() -> None:
    soon, later = "2026-03-04T06:00:00.000+00:00", "2026-03-04T08:00:00.000+00:00"
    assert (record(deadline=soon).mail, record(deadline=soon).due_at) == (MailStatus.PENDING, NOW)
    assert record(deadline=later).mail is MailStatus.COLLECTED
    assert record(preferences=wants(WEEKLY), deadline=later).mail is MailStatus.PENDING


def test_a_mail_waits_for_the_end_of_the_quiet_hours_also_when_it_is_tried_again() -> None:
    quiet = Preferences("acc-kim", quiet=Quiet("22:00", "07:00"))
    night = datetime.fromisoformat("2026-03-02T23:00:00+00:00")
    morning = datetime.fromisoformat("2026-03-03T06:00:00+00:00")
    assert record(preferences=quiet, at=NOW).due_at == NOW
    told = record(preferences=quiet, at=night)
    assert (told.mail, told.due_at) == (MailStatus.PENDING, morning)
    evening = record(preferences=quiet, at=night - timedelta(hours=2, seconds=10))
    evening.claim("one", evening.created_at, LEASE)
    evening.postpone("mail-deferred", evening.created_at)
    assert evening.due_at == morning
    urgent = record(preferences=quiet, at=night, deadline="2026-03-03T12:00:00.000+00:00")
    assert urgent.due_at == night
