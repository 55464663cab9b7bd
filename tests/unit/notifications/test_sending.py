"""Recorded first, then sent, then marked: one mail per person and event, whatever happens."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.notifications.domain.audience import Audience, Notice
from services.notifications.domain.channels import Channel, Channels
from services.notifications.domain.posting import MailStatus
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.records import Contact, Notification, notification_id
from services.notifications.usecases.sending import Outlet, Sending, bring, mail_of, send_due
from services.notifications.usecases.telling import (
    Told,
    Words,
    distinct,
    knows,
    notification,
    outdated,
    require_known,
    short_texts,
)
from shared.errors import Invalid, NotYet, Unavailable
from tests.unit.notifications.world import NOW, Box, People, Post, contact, event

WORDS = Words("Title", "What.", "Next.", "https://stint.example/x")
LEASE = timedelta(seconds=60)
AWAY = Unavailable("mail-server-away", "Away.")
DEFERRED = Unavailable("mail-deferred", "Later.")
REFUSED = Invalid("mail-refused", "Never.")
Clock = Callable[[], datetime]


def record(person: Contact | None = None, **channels: bool) -> Notification:
    told = event("application.selected.v1")
    notice = Notice(Audience.CANDIDATE, "expires_at")
    about = asked(person, **{"application.selected": Channels(**channels)})
    return notification(told, notice, about, NOW)


def asked(person: Contact | None = None, **chosen: Channels) -> Told:
    person = person or contact()
    return Told(person, Preferences(person.id, chosen), WORDS)


def sending(box: Box, post: Post, at: datetime = NOW, **changes: Any) -> Sending[Any]:
    given: dict[str, Any] = {"contacts": People(contact(), contact("acc-lee")), "holder": "one"}

    def deliver(told: Notification, to: Contact) -> None:
        post.send(mail_of(told, to, told.kind))

    given |= {"deliver": deliver, **changes}
    return Sending(records=box, now=lambda: at, lease=LEASE, **given)


def send_round(work: Sending[Any]) -> int:
    return send_due(work, work.records.due(work.now()))  # type: ignore[attr-defined]


def test_the_id_is_of_the_person_and_the_event() -> None:
    ids = {notification_id(person, fact) for person in ("a", "b") for fact in ("1", "2")}
    assert len(ids) == 4
    assert notification_id("a", "1") == notification_id("a", "1")


def test_a_record_carries_the_deadline_and_is_due_at_once() -> None:
    told = record()
    assert told.id == notification_id("acc-kim", "evt-1")
    assert told.kind == "application.selected"
    assert told.deadline_at == datetime.fromisoformat(
        event("application.selected.v1").data["expires_at"]
    )
    assert (told.mail, told.due_at, told.in_app) == (MailStatus.PENDING, NOW, True)


def test_without_mail_it_is_only_in_the_inbox_and_without_a_deadline_there_is_none() -> None:
    quiet = record(email=False)
    assert (quiet.mail, quiet.due_at) == (MailStatus.OFF, None)
    told = event("application.shortlisted.v1")
    notice = Notice(Audience.CANDIDATE)
    assert notification(told, notice, asked(), NOW).deadline_at is None


def test_a_due_mail_is_sent_once_with_the_id_of_the_record() -> None:
    told, post = record(), Post()
    box = Box(told)
    assert send_round(sending(box, post)) == 1
    assert send_round(sending(box, post, NOW + LEASE)) == 0
    (mail,) = post.sent
    assert (mail.message_id, mail.to.id, mail.words) == (told.id, "acc-kim", WORDS)
    assert (told.mail, told.sent_at, told.due_at) == (MailStatus.SENT, NOW, None)


def test_while_one_process_holds_it_no_other_sends_it() -> None:
    told, post = record(), Post()
    told.claim("other", NOW, LEASE)
    box = Box(told)
    box.due = lambda now: [told.id]  # type: ignore[method-assign]  # Read before the other's claim.
    assert send_round(sending(box, post)) == 0
    assert post.sent == []


def test_when_the_holder_dies_another_takes_over_after_the_lease() -> None:
    told, post = record(), Post()
    told.claim("dead", NOW, LEASE)
    assert send_round(sending(Box(told), post, NOW + LEASE / 2)) == 0
    assert send_round(sending(Box(told), post, NOW + LEASE)) == 1
    assert told.attempts == 2


def test_a_server_that_is_away_ends_the_round_and_is_tried_again_later() -> None:
    first, second = record(), record(contact("acc-lee"))
    box, post = Box(first, second), Post(AWAY)
    assert send_round(sending(box, post)) == 0
    assert (first.due_at, first.failure) == (NOW + timedelta(seconds=30), "mail-server-away")
    assert second.due_at == NOW
    assert send_round(sending(box, post, NOW + timedelta(seconds=30))) == 2


def test_a_mail_that_is_deferred_does_not_hold_up_the_others() -> None:
    first, second = record(), record(contact("acc-lee"))
    assert send_round(sending(Box(first, second), Post(DEFERRED))) == 1
    assert (first.mail, second.mail) == (MailStatus.PENDING, MailStatus.SENT)


def test_a_record_that_cannot_be_read_does_not_hold_up_the_others() -> None:
    broken, second = record(), record(contact("acc-lee"))
    box = Box(broken, second)
    change = box.change

    def fail_one(id: str, message: None, use_case: Any) -> Any:
        if id == broken.id:
            raise Unavailable("unreadable-document", "notification 1: no text.")
        return change(id, message, use_case)

    box.change = fail_one  # type: ignore[method-assign]
    post = Post()
    with pytest.raises(Unavailable, match="notification 1"):
        send_round(sending(box, post))
    assert [mail.to.id for mail in post.sent] == ["acc-lee"]


def test_waits_grow_to_an_hour_and_end_after_three_days() -> None:
    told, at, waits = record(), NOW, []
    while told.mail is MailStatus.PENDING:
        send_round(sending(Box(told), Post(DEFERRED), at))
        if told.due_at:
            waits.append(told.due_at - at)
            at = told.due_at
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(seconds=30), timedelta(hours=1))
    assert told.mail is MailStatus.FAILED
    assert timedelta(days=3) <= at - NOW <= timedelta(days=3, hours=1)


def test_a_refused_address_is_not_tried_again() -> None:
    told, people = record(), People(contact())
    assert send_round(sending(Box(told), Post(REFUSED), contacts=people)) == 0
    assert (told.mail, told.failure, told.due_at) == (MailStatus.FAILED, "mail-refused", None)
    (suspended,) = people.find("acc-kim").events
    assert (suspended.account_id, suspended.reason) == ("acc-kim", "hard-bounce")
    again, post = record(), Post()
    assert send_round(sending(Box(again), post, contacts=people)) == 0
    assert (again.failure, post.sent) == ("address-suspended", [])


def test_a_mail_that_is_rejected_for_what_it_says_suspends_nobody() -> None:
    people, rejected = People(contact()), Invalid("mail-rejected", "Spam.")
    assert send_round(sending(Box(record()), Post(rejected), contacts=people)) == 0
    assert people.find("acc-kim").suspended is None


def test_whose_address_is_gone_gets_no_mail() -> None:
    told = record()
    assert send_round(sending(Box(told), Post(), contacts=People())) == 0
    assert (told.mail, told.failure) == (MailStatus.FAILED, "contact-unknown")


def test_reading_marks_once() -> None:
    told = record()
    told.read(NOW)
    told.read(NOW + LEASE)
    assert told.read_at == NOW


def test_a_replay_tells_a_newcomer_nothing_of_the_time_before() -> None:
    old = event("payment.failed.v1", at=NOW - timedelta(days=2))
    assert not knows(contact(), old)
    assert knows(contact(), event("payment.failed.v1"))
    assert outdated(event("payment.failed.v1", at=NOW - timedelta(days=31)), NOW)
    assert not outdated(old, NOW)


def test_an_account_that_nobody_can_reach_yet_is_waited_for() -> None:
    with pytest.raises(NotYet):
        require_known(Notice(Audience.PERSON), [])
    require_known(Notice(Audience.PERSON), [contact()])
    require_known(Notice(Audience.CANDIDATE), [])


def test_nobody_is_told_twice_for_having_two_parts() -> None:
    assert distinct([contact(), contact(), contact("acc-lee")]) == [contact(), contact("acc-lee")]


class Phone:
    """A provider that keeps what it brings."""

    def __init__(self) -> None:
        self.rang: list[tuple[str, str]] = []

    def send(self, person_id: str, id: str, text: str, link: str) -> None:
        self.rang.append((person_id, text))


def test_a_line_goes_out_once_by_each_way_that_somebody_serves() -> None:
    told, about, phone = record(), asked(), Phone()
    assert short_texts(told, about, []) == []
    made = short_texts(told, about, [Channel.IN_APP, Channel.PUSH, Channel.SMS])
    assert [one.channel for one in made] == [Channel.PUSH]  # Urgent kinds, until somebody chooses.
    outlets: dict[str, Outlet] = {Channel.PUSH: phone}
    box = Box(*made)
    work = sending(box, Post(), deliver=lambda text, _: bring(outlets, text))
    assert send_round(work) == 1
    assert send_round(work) == 0
    assert phone.rang == [("acc-kim", "Title")]
    orphan = short_texts(told, about, [Channel.PUSH])[0]
    assert send_round(sending(Box(orphan), Post(), deliver=lambda text, _: bring({}, text))) == 0
    assert orphan.failure == "no-provider"
