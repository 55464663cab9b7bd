"""What the service works with, built once per process."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from services.notifications import store
from services.notifications.domain.audience import ROLES, Notice
from services.notifications.domain.channels import Channel
from services.notifications.domain.notices import persons
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.records import Contact, Digest, Notification, ShortText
from services.notifications.letters import Letters
from services.notifications.mailer import SmtpMailer, Templates
from services.notifications.usecases import bounces, digests, sending, telling
from shared.envelope import Event
from shared.platform import Platform


class Desk:
    """`outlets` are the providers of web push and SMS: none, until somebody writes one."""

    outlets: dict[str, sending.Outlet] = {}

    def __init__(self, platform: Platform) -> None:
        settings: Any = platform.settings
        self.now = platform.now
        self.contacts = store.contacts(platform)
        self.preferences = store.preferences(platform)
        self.titles = store.titles(platform)
        self.notifications = store.notifications(platform)
        self.digests = store.digests(platform)
        self.short_texts = store.short_texts(platform)
        self.log = store.EventLog(platform)
        self.templates = Templates(
            settings.web_url,
            settings.environment != "production",
            public_url=settings.public_url,
            key=settings.mail_key,
        )
        self.settings, self._holder = settings, uuid4().hex
        self.letters = Letters(platform, self.templates, self._holder, settings.mail_lease)
        self.available = frozenset(Channel(name) for name in self.outlets)

    def chosen(self, person_id: str) -> Preferences:
        return self.preferences.find(person_id) or Preferences(person_id)

    def send_mails(self, ids: Sequence[str]) -> None:
        """Over one connection to the mail server."""
        self._mail(self.notifications, ids, lambda one, to: sending.mail_of(one, to, one.kind))

    def send_digests(self, ids: Sequence[str]) -> None:
        self._mail(self.digests, ids, self._digest_mail)

    def send_letters(self, ids: Sequence[str]) -> None:
        """Over a connection of their own: nobody who waits for a link waits for the others."""
        mailer = SmtpMailer(self.settings, self.templates, self.now)
        try:
            self.letters.send(ids, mailer)
        finally:
            mailer.close()

    def send_short_texts(self, ids: Sequence[str]) -> None:
        def deliver(text: ShortText, _: Contact) -> None:
            sending.bring(self.outlets, text)

        sending.send_due(self._sending(self.short_texts, deliver), ids)

    def _mail(self, records: Any, ids: Sequence[str], mail: Callable[..., sending.Mail]) -> None:
        mailer = SmtpMailer(self.settings, self.templates, self.now)

        def deliver(record: Notification | Digest, contact: Contact) -> None:
            mailer.send(mail(record, contact))

        try:
            sending.send_due(self._sending(records, deliver), ids)
        finally:
            mailer.close()

    def _sending(self, records: Any, deliver: Any) -> sending.Sending[Any]:
        lease = self.settings.mail_lease
        return sending.Sending(records, self.contacts, deliver, self.now, self._holder, lease)

    def _digest_mail(self, digest: Digest, contact: Contact) -> sending.Mail:
        chosen, write = self.chosen(contact.id), self.templates.digest

        def title(of: Digest, count: int) -> telling.Words:
            return write(of.frequency, count, contact.locale)

        return digests.digest_mail(digest, contact, self.notifications, chosen, title)

    def recipients(self, notice: Notice, event: Event) -> list[Contact]:
        """Whom the notice is for, as far as they are known here."""
        named = [self.contacts.find(id_) for id_ in persons(notice, event.data)]
        roles = ROLES.get(notice.to, ())
        org_id = event.data.get("org_id") if "operator" not in roles else None
        found = store.members(self.contacts, roles, org_id) if roles else []
        return telling.distinct([one for one in named if one] + found)

    def addressee(self, mail_id: str) -> str | None:
        """Who a mail of ours went to."""
        found = self.notifications.find(mail_id) or self.digests.find(mail_id)
        return found.person_id if found else None

    def returns(self) -> bounces.Returns:
        return bounces.Returns(
            self.contacts, self.preferences, self.addressee, store.holders, self.now
        )
