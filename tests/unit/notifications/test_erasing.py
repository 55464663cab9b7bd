"""Who is erased is reached by nobody and told nothing more."""

from services.notifications.domain.notices import told
from services.notifications.domain.records import Channels, MailStatus, Preferences
from services.notifications.usecases import Words, notification
from tests.unit.notifications.world import NOW, contact, event


def test_a_contact_is_emptied_and_a_late_push_brings_nothing_back() -> None:
    erased = contact()
    erased.erase()
    erased.change("kim@example.com", "Kim", "candidate", None, "en", "UTC")
    assert (erased.email, erased.name, erased.role, erased.org_id) == ("", "", "erased", None)


def test_what_was_told_is_emptied_and_a_waiting_mail_is_not_sent() -> None:
    heard = event("account.registered.v1")
    (notice,) = told(heard.type, heard.data)
    words = Words("Title", "What", "Next", "/link")
    one = notification(heard, notice, contact(), Channels(), words, NOW)
    one.erase()
    assert (one.title, one.what, one.next, one.link) == ("", "", "", "")
    assert (one.mail, one.failure, one.due_at) == (MailStatus.FAILED, "erased", None)


def test_choices_are_forgotten() -> None:
    chosen = Preferences("acc-kim", {"payment.funded": Channels(email=False)})
    chosen.forget()
    assert chosen.chosen == {}
