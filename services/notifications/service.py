"""Notifications: hears everything, tells people once, lets them read what concerns them."""

import random
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import uuid4

from services.notifications import schemas, store, usecases
from services.notifications.domain.audience import ROLES, Notice
from services.notifications.domain.notices import kind, persons, told
from services.notifications.domain.records import Contact, Preferences, ProjectTitle
from services.notifications.domain.visibility import scope
from services.notifications.mailer import SmtpMailer, Templates
from shared.envelope import Call, Event
from shared.lanes import in_lanes
from shared.messaging import every, on, provide
from shared.platform import Platform
from shared.rpc import rpc

ABOUT_BRIEFS = ("project.", "inquiry.")  # These carry the title: a draft is known to nobody else.
View = dict[str, Any]


class Desk:
    """What the service works with, built once per process."""

    def __init__(self, platform: Platform) -> None:
        settings: Any = platform.settings
        self.now = platform.now
        self.contacts = store.contacts(platform)
        self.preferences = store.preferences(platform)
        self.titles = store.titles(platform)
        self.notifications = store.notifications(platform)
        self.log = store.EventLog(platform)
        self.templates = Templates(settings.web_url, settings.environment != "production")
        self._settings, self._holder = settings, uuid4().hex

    def send_mails(self, ids: Sequence[str]) -> None:
        """Over one connection to the mail server."""
        mailer = SmtpMailer(self._settings, self.templates, self.now)
        lease = self._settings.mail_lease
        work = usecases.Sending(
            self.notifications, self.contacts, mailer, self.now, self._holder, lease
        )
        try:
            usecases.send_mails(work, ids)
        finally:
            mailer.close()

    def recipients(self, notice: Notice, event: Event) -> list[Contact]:
        """Whom the notice is for, as far as they are known here."""
        named = [self.contacts.find(id_) for id_ in persons(notice, event.data)]
        roles = ROLES.get(notice.to, ())
        org_id = event.data.get("org_id") if "operator" not in roles else None
        found = store.members(self.contacts, roles, org_id) if roles else []
        return usecases.distinct([one for one in named if one] + found)


class NotificationsService:
    name = "notifications"

    desk = provide(Desk)

    @on("#")
    def on_event(self, event: Event) -> None:
        """Log it, then record what each person is told of it; mails follow by themselves."""
        desk, now = self.desk, self.desk.now()
        if usecases.outdated(event, now):
            return
        if kind(event.type) == "project.published":
            id_, title = event.data["project_id"], event.data["title"]
            keep = partial(ProjectTitle.keep, title=title, revision=event.aggregate_version)
            desk.titles.change(id_, event, keep, new=partial(ProjectTitle, id_))
        desk.log.add(usecases.log_entry(event, now))
        notices = told(event.type, event.data)
        if notices:
            facts = usecases.facts(event, self._title(event), now)
            for notice in notices:
                self._tell(notice, event, facts)

    def _title(self, event: Event) -> str | None:
        if event.type.startswith(ABOUT_BRIEFS):
            return str(event.data["title"])
        project_id = event.data.get("project_id")
        found = self.desk.titles.find(project_id) if project_id else None
        return found.title if found else None

    def _tell(self, notice: Notice, event: Event, facts: dict[str, Any]) -> None:
        desk = self.desk
        contacts = desk.recipients(notice, event)
        usecases.require_known(notice, contacts)
        for contact in contacts:
            if usecases.knows(contact, event):
                chosen = desk.preferences.find(contact.id) or Preferences(contact.id)
                words = desk.templates.write(kind(event.type), notice.to, facts, contact.time_zone)
                channels = chosen.of(kind(event.type))
                record = usecases.notification(event, notice, contact, channels, words, desk.now())
                desk.notifications.create(event, record)

    @every(1)
    def send_mails(self) -> None:
        due = self.desk.notifications.due(self.desk.now(), usecases.MAILS_AT_ONCE)
        random.shuffle(due)  # Replicas that see the same backlog begin at different places.
        in_lanes(due, usecases.CONNECTIONS, self.desk.send_mails)

    @every(3600)
    def forget_events(self) -> None:
        self.desk.log.forget(self.desk.now() - usecases.RETENTION)

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
    ) -> View:
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
        )
        id_ = given.pop("person_id")
        new = partial(Contact, id_, **given, created_at=self.desk.now())
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
            "items": [usecases.notification_view(row) for row in shown],
            "next": schemas.inbox_cursor(shown[-1]) if len(rows) > len(shown) else None,
        }

    @rpc
    def read_notification(self, call: Call, notification_id: str) -> View:
        found = self.desk.notifications.find(notification_id)
        own = usecases.require_own(call.principal, found)
        now = self.desk.now()
        read = self.desk.notifications.change(own.id, call, lambda one: one.read(now))
        return usecases.notification_view(vars(read))

    @rpc
    def get_preferences(self, call: Call) -> View:
        call.principal.require("get_preferences")
        id_ = call.principal.id
        return usecases.preferences_view(self.desk.preferences.find(id_) or Preferences(id_))

    @rpc
    def put_preferences(self, call: Call, preferences: dict[str, Any]) -> View:
        call.principal.require("put_preferences")
        given = schemas.read(schemas.PreferencesInput(), preferences=preferences)
        id_ = call.principal.id
        choose = partial(usecases.choose, wanted=given["preferences"])
        changed = self.desk.preferences.change(id_, call, choose, new=partial(Preferences, id_))
        return usecases.preferences_view(changed)

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
        behind = usecases.behind(page["after"], partial(log.position, seen), self.desk.now())
        if behind is None:
            raise schemas.no_cursor()
        rows = log.page(seen, page["types"], behind, page["limit"] + 1)
        shown = rows[: page["limit"]]
        return {
            "items": [usecases.event_view(row, call.principal) for row in shown],
            "next": shown[-1]["_id"] if len(rows) > len(shown) else None,
        }
