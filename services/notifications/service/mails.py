"""What goes out, what comes back, and how people choose what reaches them."""

import random
from functools import partial
from typing import Any

from services.notifications import schemas
from services.notifications.domain.preferences import Preferences
from services.notifications.service.desk import Desk
from services.notifications.usecases import bounces, choosing, sending
from shared.envelope import Call
from shared.lanes import in_lanes
from shared.messaging import every
from shared.rpc import rpc

View = dict[str, Any]


class Mails:
    """The sending by the clock, and the choices."""

    desk: Desk

    @every(1)
    def send_mails(self) -> None:
        due = self.desk.notifications.due(self.desk.now(), sending.MAILS_AT_ONCE)
        random.shuffle(due)  # Replicas that see the same backlog begin at different places.
        in_lanes(due, sending.CONNECTIONS, self.desk.send_mails)

    @every(5)
    def send_digests(self) -> None:
        due = self.desk.digests.due(self.desk.now(), sending.MAILS_AT_ONCE)
        random.shuffle(due)  # At eight in the morning many are due at once.
        in_lanes(due, sending.CONNECTIONS, self.desk.send_digests)

    @every(5)
    def send_short_texts(self) -> None:
        if self.desk.outlets:
            self.desk.send_short_texts(self.desk.short_texts.due(self.desk.now()))

    @rpc
    def get_preferences(self, call: Call) -> View:
        call.principal.require("get_preferences")
        return self._preferences_view(self.desk.chosen(call.principal.id))

    @rpc
    def put_preferences(
        self, call: Call, preferences: dict[str, Any], settings: dict[str, Any] | None = None
    ) -> View:
        call.principal.require("put_preferences")
        given = schemas.read(schemas.PreferencesInput(), preferences=preferences, settings=settings)
        id_ = call.principal.id
        choose = partial(
            choosing.choose,
            wanted=given["preferences"],
            settings=given["settings"],
            available=self.desk.available,
        )
        changed = self.desk.preferences.change(id_, call, choose, new=partial(Preferences, id_))
        return self._preferences_view(changed)

    @rpc
    def read_unsubscribe(self, call: Call, token: str) -> View:
        """What the link would do; it changes nothing, for programs follow links, too."""
        call.principal.require("read_unsubscribe")
        person_id, kind_ = choosing.subscription(self.desk.settings.mail_key, token)
        return self._subscription(self.desk.chosen(person_id), kind_)

    @rpc
    def unsubscribe(self, call: Call, token: str) -> View:
        call.principal.require("unsubscribe")
        person_id, kind_ = choosing.subscription(self.desk.settings.mail_key, token)
        stop = partial(choosing.unsubscribe, kind=kind_)
        new = partial(Preferences, person_id)
        return self._subscription(
            self.desk.preferences.change(person_id, call, stop, new=new), kind_
        )

    @rpc
    def receive_mail_report(self, call: Call, body_base64: str, secret: str) -> View:
        """Mails that came back, told by a provider or by the mail server itself."""
        call.principal.require("receive_mail_report")
        bounces.require_secret(secret, self.desk.settings.mail_hook_secret)
        reports, trusted = schemas.reports(body_base64)
        for report in reports:
            bounces.take_back(self.desk.returns(), report, call, trusted=trusted)
        return {"received": len(reports)}

    def _preferences_view(self, chosen: Preferences) -> View:
        contact = self.desk.contacts.find(chosen.id)
        return choosing.preferences_view(chosen, contact, self.desk.available)

    def _subscription(self, chosen: Preferences, kind_: str) -> View:
        contact, on_ = self.desk.contacts.find(chosen.id), choosing.is_on(chosen, kind_)
        locale = contact.locale if contact else "en"
        return {"kind": kind_, "on": on_, **self.desk.templates.page(kind_, on_, locale)}
