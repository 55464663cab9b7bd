"""Recorded first, then sent, then marked: one mail per person and event, whatever happens."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.notifications.domain.audience import Audience, Notice
from services.notifications.domain.records import (
    Channels,
    Contact,
    MailStatus,
    Notification,
    notification_id,
)
from services.notifications.usecases import (
    Sending,
    Words,
    distinct,
    knows,
    notification,
    outdated,
    require_known,
    send_mails,
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
    return notification(told, notice, person or contact(), Channels(**channels), WORDS, NOW)


def sending(box: Box, post: Post, at: datetime = NOW, **changes: Any) -> Sending:
    given: dict[str, Any] = {"contacts": People(contact(), contact("acc-lee")), "holder": "one"}
    return Sending(
        notifications=box, mailer=post, now=lambda: at, lease=LEASE, **{**given, **changes}
    )


def send_due(work: Sending) -> int:
    ids = work.notifications.due(work.now())  # type: ignore[attr-defined]
    return send_mails(work, ids)


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
    assert notification(told, notice, contact(), Channels(), WORDS, NOW).deadline_at is None


def test_a_due_mail_is_sent_once_with_the_id_of_the_record() -> None:
    told, post = record(), Post()
    box = Box(told)
    assert send_due(sending(box, post)) == 1
    assert send_due(sending(box, post, NOW + LEASE)) == 0
    (mail,) = post.sent
    assert (mail.message_id, mail.to.id, mail.words) == (told.id, "acc-kim", WORDS)
    assert (told.mail, told.sent_at, told.due_at) == (MailStatus.SENT, NOW, None)


def test_while_one_process_holds_it_no_other_sends_it() -> None:
    told, post = record(), Post()
    told.claim("other", NOW, LEASE)
    box = Box(told)
    box.due = lambda now: [told.id]  # type: ignore[method-assign]  # Read before the other's claim.
    assert send_due(sending(box, post)) == 0
    assert post.sent == []


def test_when_the_holder_dies_another_takes_over_after_the_lease() -> None:
    told, post = record(), Post()
    told.claim("dead", NOW, LEASE)
    assert send_due(sending(Box(told), post, NOW + LEASE / 2)) == 0
    assert send_due(sending(Box(told), post, NOW + LEASE)) == 1
    assert told.attempts == 2


def test_a_server_that_is_away_ends_the_round_and_is_tried_again_later() -> None:
    first, second = record(), record(contact("acc-lee"))
    box, post = Box(first, second), Post(AWAY)
    assert send_due(sending(box, post)) == 0
    assert (first.due_at, first.failure) == (NOW + timedelta(seconds=30), "mail-server-away")
    assert second.due_at == NOW
    assert send_due(sending(box, post, NOW + timedelta(seconds=30))) == 2


def test_a_mail_that_is_deferred_does_not_hold_up_the_others() -> None:
    first, second = record(), record(contact("acc-lee"))
    assert send_due(sending(Box(first, second), Post(DEFERRED))) == 1
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
        send_due(sending(box, post))
    assert [mail.to.id for mail in post.sent] == ["acc-lee"]


def test_waits_grow_to_an_hour_and_end_after_three_days() -> None:
    told, at, waits = record(), NOW, []
    while told.mail is MailStatus.PENDING:
        send_due(sending(Box(told), Post(DEFERRED), at))
        if told.due_at:
            waits.append(told.due_at - at)
            at = told.due_at
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(seconds=30), timedelta(hours=1))
    assert told.mail is MailStatus.FAILED
    assert timedelta(days=3) <= at - NOW <= timedelta(days=3, hours=1)


def test_a_refused_address_is_not_tried_again() -> None:
    told = record()
    assert send_due(sending(Box(told), Post(REFUSED))) == 0
    assert (told.mail, told.failure, told.due_at) == (MailStatus.FAILED, "mail-refused", None)


def test_whose_address_is_gone_gets_no_mail() -> None:
    told = record()
    assert send_due(sending(Box(told), Post(), contacts=People())) == 0
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
