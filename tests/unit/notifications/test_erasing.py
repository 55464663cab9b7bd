"""Who is erased is reached by nobody and told nothing more."""

from typing import Any

from services.notifications.domain.channels import Channel, Channels
from services.notifications.domain.hours import NIGHT
from services.notifications.domain.posting import MailStatus
from services.notifications.domain.preferences import MORNING, Preferences
from services.notifications.domain.records import Notification, ShortText
from tests.unit.notifications.world import NOW, contact

PLACE: dict[str, Any] = {"id": "one", "person_id": "acc-kim", "created_at": NOW}


def test_a_contact_is_emptied_and_a_late_push_brings_nothing_back() -> None:
    erased = contact()
    erased.erase()
    erased.change("kim@example.com", "Kim", "candidate", None, "en", "UTC")
    assert (erased.email, erased.name, erased.role, erased.org_id) == ("", "", "erased", None)


def test_what_was_told_is_emptied_and_a_waiting_mail_is_not_sent() -> None:
    about = {"event_id": "e", "kind": "payout.paid", "title": "Title", "what": "What"}
    one = Notification(**PLACE, **about, next="Next", link="/link")
    one.mail, one.due_at = MailStatus.PENDING, NOW
    one.erase()
    assert (one.title, one.what, one.next, one.link) == ("", "", "", "")
    assert (one.mail, one.failure, one.due_at) == (MailStatus.FAILED, "erased", None)
    one.mail = MailStatus.SENT
    one.erase()
    assert one.mail is MailStatus.SENT


def test_a_short_text_is_emptied_and_not_brought() -> None:
    one = ShortText(**PLACE, channel=Channel.SMS, text="Paid.", link="/link", due_at=NOW)
    one.erase()
    assert (one.text, one.link, one.mail, one.due_at) == ("", "", MailStatus.FAILED, None)


def test_choices_are_forgotten() -> None:
    chosen = Preferences("acc-kim", {"payment.funded": Channels(email=False)}, 20, NIGHT)
    chosen.forget()
    assert (chosen.chosen, chosen.digest_hour, chosen.quiet) == ({}, MORNING, None)
