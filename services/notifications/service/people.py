"""One person's data: handed out to them, and erased once they are."""

from typing import Any

from services.notifications import schemas, store
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.records import Contact, Notification, ShortText
from services.notifications.service.desk import Desk
from shared import exporting
from shared.envelope import Call, Event
from shared.messaging import on
from shared.rpc import rpc

View = dict[str, Any]


class People:
    desk: Desk

    @rpc
    def export_person(self, call: Call, person_id: str, after: str | None = None) -> View:
        call.principal.require("export_person", person_id=person_id)
        return exporting.page(store.sections(person_id), after)

    @on("account.erased.v1")
    def on_account_erased(self, event: Event) -> None:
        """Each document under the same event's id: interrupted, it goes on where it was."""
        id_, desk = schemas.AccountErased().load(event.data)["account_id"], self.desk
        contact = desk.contacts.find(id_)
        if contact is not None:
            if contact.email:
                desk.letters.forget(contact.email)
            desk.contacts.change(id_, event, Contact.erase)
        if desk.preferences.find(id_) is not None:
            desk.preferences.change(id_, event, Preferences.forget)
        for one in store.told_to(id_):
            desk.notifications.change(one, event, Notification.erase)
        for one in store.short_texts_to(id_):
            desk.short_texts.change(one, event, ShortText.erase)
