"""What is done about mails that came back, each once however often it is told."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from services.notifications.domain.bounces import Outcome, Report
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.records import Contact
from shared.envelope import Call
from shared.errors import Invalid


class Contacts(Protocol):
    def find(self, id: str) -> Contact | None: ...
    def change(self, id: str, message: Call, use_case: Callable[[Contact], object]) -> Contact: ...


class Choices(Protocol):
    def change(
        self,
        id: str,
        message: Call,
        use_case: Callable[[Preferences], object],
        *,
        new: Callable[[], Preferences],
    ) -> Preferences: ...


@dataclass(frozen=True)
class Returns:
    """What works on mails that came back. `addressee` is who a mail of ours went to, by its id;
    `holders` are the people with an address."""

    contacts: Contacts
    choices: Choices
    addressee: Callable[[str], str | None]
    holders: Callable[[str], list[str]]
    now: Callable[[], datetime]


def require_secret(given: str, wanted: str) -> None:
    """Invalid where what a hook brings is not what was agreed on, or nothing was."""
    if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Invalid("secret-wrong", "Send the secret that was agreed on (MAIL_HOOK_SECRET).")


def take_back(work: Returns, report: Report, call: Call, *, trusted: bool) -> bool:
    """Note one mail that came back; whether anybody was found whose mail it was.

    Who is not `trusted` has to know the id of a mail of ours: anybody can write to the mailbox that
    takes reports, and must not silence others.
    """
    found = work.addressee(report.message_id) if report.message_id else None
    people = [found] if found else work.holders(report.address) if trusted else []
    # Not the call's id: a provider tells the same report again in another call.
    once = replace(call, id=report.id, expected_version=None)
    for person_id in people:
        contact = work.contacts.find(person_id)
        if contact is None:
            continue
        address = report.address or contact.email
        if report.outcome is Outcome.COMPLAINT and address.casefold() == contact.email.casefold():
            new = partial(Preferences, person_id)
            work.choices.change(person_id, once, Preferences.stop_all_mail, new=new)
        else:
            bounced = partial(_bounced, report=report, address=address, now=work.now())
            work.contacts.change(person_id, once, bounced)
    return bool(people)


def _bounced(contact: Contact, *, report: Report, address: str, now: datetime) -> None:
    contact.bounced(report.outcome, address, report.code, now)
