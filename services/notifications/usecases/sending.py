"""Sending what is due: each by one process only, again after a crash, later when it must be."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from services.notifications.domain.bounces import Outcome
from services.notifications.domain.records import Contact, Notification, ShortText
from services.notifications.usecases.telling import Words
from shared.errors import Invalid, Unavailable

SERVER_AWAY = "mail-server-away"
NO_MAILBOX = "mail-refused"  # The server says that there is no such mailbox.
SUSPENDED = "address-suspended"
CONNECTIONS = 8  # To the mail server at a time: far below what one takes from one address.
MAILS_AT_ONCE = 100 * CONNECTIONS  # A backlog's: looking for what is due costs as much for few.


class Posted(Protocol):
    """What `Posting` gives, as far as sending needs it."""

    id: str
    person_id: str
    holder: str | None

    def claim(self, holder: str, now: datetime, lease: timedelta) -> None: ...
    def sent(self, now: datetime) -> None: ...
    def postpone(self, code: str, now: datetime) -> None: ...
    def fail(self, code: str) -> None: ...
    def drop(self) -> None: ...


P = TypeVar("P", bound=Posted)
R = TypeVar("R", bound=Posted, covariant=True)


class Records(Protocol[R]):
    def change(self, id: str, message: None, use_case: Callable[[R], object]) -> R: ...


class Contacts(Protocol):
    def find(self, id: str) -> Contact | None: ...
    def change(self, id: str, message: None, use_case: Callable[[Contact], object]) -> Contact: ...


@dataclass(frozen=True)
class Line:
    """One notice of a digest."""

    kind: str
    words: Words


@dataclass(frozen=True)
class Mail:
    """`message_id` is the same however often it is sent; `kind` is what can be unsubscribed from,
    empty where nothing can. With `lines` it is a digest."""

    message_id: str
    to: Contact
    words: Words
    kind: str = ""
    lines: tuple[Line, ...] = field(default=())


class Mailer(Protocol):
    def send(self, mail: Mail) -> None:
        """Raises Unavailable to try again later (`mail-server-away`: for every mail), Invalid where
        it is refused for good (`mail-refused`: there is no such mailbox)."""
        ...


class Outlet(Protocol):
    """A provider of web push or SMS, which knows a person's devices by the person's id."""

    def send(self, person_id: str, id: str, text: str, link: str) -> None:
        """Hand it over, once per id; raises as a Mailer does."""
        ...


class Nothing(Exception):
    """There is nothing left to send."""


@dataclass(frozen=True)
class Sending(Generic[P]):
    """What a round of sending works with; `holder` is this process's name.

    `deliver` hands one over: it raises as a Mailer does, or Nothing.
    """

    records: Records[P]
    contacts: Contacts
    deliver: Callable[[P, Contact], None]
    now: Callable[[], datetime]
    holder: str
    lease: timedelta


def send_due(work: Sending[P], ids: Iterable[str]) -> int:
    """Send those of these that are due, each by one process only; how many were sent.

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


def _send(work: Sending[P], id_: str) -> bool:
    claimed = work.records.change(
        id_, None, lambda one: one.claim(work.holder, work.now(), work.lease)
    )
    if claimed.holder != work.holder:
        return False
    contact = work.contacts.find(claimed.person_id)
    if contact is None:
        work.records.change(id_, None, lambda one: one.fail("contact-unknown"))
        return False
    try:
        work.deliver(claimed, contact)
    except Nothing:
        work.records.change(id_, None, lambda one: one.drop())
        return False
    except Invalid as exc:
        _give_up(work, id_, contact, exc.code)
        return False
    except Unavailable as exc:
        code = exc.code
        work.records.change(id_, None, lambda one: one.postpone(code, work.now()))
        if code == SERVER_AWAY:
            raise
        return False
    work.records.change(id_, None, lambda one: one.sent(work.now()))
    return True


def _give_up(work: Sending[P], id_: str, contact: Contact, code: str) -> None:
    """The address goes first: after a crash the mail is refused once more, and noted then."""
    if code == NO_MAILBOX:
        now, address = work.now(), contact.email
        work.contacts.change(
            contact.id, None, lambda one: one.bounced(Outcome.HARD, address, "smtp", now)
        )
    work.records.change(id_, None, lambda one: one.fail(code))


def mail_of(told: Notification, contact: Contact, kind: str) -> Mail:
    """The mail of one notice; Invalid where mails to this address came back."""
    require_reachable(contact)
    words = Words(told.title, told.what, told.next, told.link)
    return Mail(told.id, contact, words, kind)


def require_reachable(contact: Contact) -> None:
    if contact.suspended:
        raise Invalid(SUSPENDED, "Mails to this address came back.")


def bring(outlets: dict[str, Outlet], text: ShortText) -> None:
    """Hand a line to the provider of its channel; Invalid where there is none any more."""
    outlet = outlets.get(text.channel)
    if outlet is None:
        raise Invalid("no-provider", "Nobody brings messages this way.")
    outlet.send(text.person_id, text.id, text.text, text.link)
