"""Notifications: hears everything, tells people once, lets them read what concerns them."""

from functools import partial
from typing import Any

from services.notifications import schemas, store
from services.notifications.domain.audience import Notice
from services.notifications.domain.notices import kind, told
from services.notifications.domain.records import Contact, ProjectTitle
from services.notifications.domain.visibility import scope
from services.notifications.partners.service import ForPartners
from services.notifications.partners.streaming import ForStreams
from services.notifications.service.desk import Desk
from services.notifications.service.letters import LettersDesk
from services.notifications.service.mails import Mails
from services.notifications.service.people import People
from services.notifications.usecases import digests, outreach, reading, telling
from shared.envelope import Call, Event
from shared.messaging import every, on, provide
from shared.rpc import rpc

ABOUT_BRIEFS = ("project.", "inquiry.")  # These carry the title: a draft is known to nobody else.
View = dict[str, Any]


class NotificationsService(Mails, LettersDesk, People, ForPartners, ForStreams):
    name = "notifications"

    desk = provide(Desk)

    @on("#")
    def on_event(self, event: Event) -> None:
        """Log it, then record what each person is told of it; mails follow by themselves."""
        desk, now = self.desk, self.desk.now()
        if telling.outdated(event, now):
            return
        if kind(event.type) == "project.published":
            id_, title = event.data["project_id"], event.data["title"]
            keep = partial(ProjectTitle.keep, title=title, revision=event.aggregate_version)
            desk.titles.change(id_, event, keep, new=partial(ProjectTitle, id_))
        desk.log.add(telling.log_entry(event, now))
        self.office.hear(event)
        notices = told(event.type, event.data)
        if notices:
            facts = telling.facts(event, self._title(event), now)
            for notice in notices:
                self._tell(notice, event, facts)

    def _title(self, event: Event) -> str | None:
        if event.type.startswith(ABOUT_BRIEFS):
            return str(event.data["title"])
        project_id = event.data.get("project_id")
        found = self.desk.titles.find(project_id) if project_id else None
        return found.title if found else None

    def _tell(self, notice: Notice, event: Event, facts: dict[str, Any]) -> None:
        contacts = self.desk.recipients(notice, event)
        telling.require_known(notice, contacts)
        for contact in contacts:
            if telling.knows(contact, event) and not contact.erased:
                self._tell_one(contact, notice, event, facts)

    def _tell_one(
        self, contact: Contact, notice: Notice, event: Event, facts: dict[str, Any]
    ) -> None:
        desk, name = self.desk, kind(event.type)
        words = desk.templates.write(name, notice.to, facts, contact.time_zone, contact.locale)
        capped = outreach.is_capped(desk.log, event, contact.id)
        about = telling.Told(contact, desk.chosen(contact.id), words, capped)
        record = telling.notification(event, notice, about, desk.now())
        record = desk.notifications.create(event, record)
        digests.collect(desk.digests, record, about.preferences.digest_hour, event)
        for text in telling.short_texts(record, about, desk.available):
            desk.short_texts.create(event, text)

    @every(3600)
    def forget_events(self) -> None:
        self.desk.log.forget(self.desk.now() - telling.RETENTION)

    @rpc
    def put_contact(
        self,
        call: Call,
        person_id: str,
        email: str,
        name: str,
        role: str,
        org_id: str | None = None,
        locale: str | None = None,
        time_zone: str | None = None,
        verified_at: str | None = None,
    ) -> View:
        """`verified_at` is when the person last proved that the mailbox is theirs."""
        call.principal.require("put_contact")
        given = schemas.read(
            schemas.ContactInput(),
            person_id=person_id,
            email=email,
            name=name,
            role=role,
            org_id=org_id,
            locale=locale,
            time_zone=time_zone,
            verified_at=verified_at,
        )
        id_ = given.pop("person_id")
        known = {name: value for name, value in given.items() if name != "verified_at"}
        new = partial(Contact, id_, **known, created_at=self.desk.now())
        contact = self.desk.contacts.change(id_, call, partial(Contact.change, **given), new=new)
        return {"id": contact.id, "version": contact.version}

    @rpc
    def list_notifications(
        self, call: Call, limit: int | None = None, after: str | None = None
    ) -> View:
        call.principal.require("list_notifications")
        page = schemas.read(schemas.Page(), limit=limit, after=after)
        rows = store.inbox(call.principal.id, page["limit"] + 1, schemas.moment(page["after"]))
        shown = rows[: page["limit"]]
        return {
            "items": [reading.notification_view(row) for row in shown],
            "next": schemas.inbox_cursor(shown[-1]) if len(rows) > len(shown) else None,
        }

    @rpc
    def read_notification(self, call: Call, notification_id: str) -> View:
        found = self.desk.notifications.find(notification_id)
        own = reading.require_own(call.principal, found)
        now = self.desk.now()
        read = self.desk.notifications.change(own.id, call, lambda one: one.read(now))
        return reading.notification_view(vars(read))

    @rpc
    def list_events(
        self,
        call: Call,
        limit: int | None = None,
        after: str | None = None,
        types: list[str] | None = None,
    ) -> View:
        """Events behind the cursor; `newest` gives nothing but the cursor to go on from."""
        call.principal.require("list_events")
        page = schemas.read(schemas.EventPage(), limit=limit, after=after, types=types)
        seen, log = scope(call.principal), self.desk.log
        if page["after"] == schemas.NEWEST:
            return {"items": [], "next": log.newest(seen)}
        behind = reading.behind(page["after"], partial(log.position, seen), self.desk.now())
        if behind is None:
            raise schemas.no_cursor()
        rows = log.page(seen, page["types"], behind, page["limit"] + 1)
        shown = rows[: page["limit"]]
        return {
            "items": [reading.event_view(row, call.principal) for row in shown],
            "next": shown[-1]["_id"] if len(rows) > len(shown) else None,
        }
