"""What the service keeps, sends and answers for partners."""

import secrets
from collections.abc import Sequence
from functools import partial
from typing import Any

from services.notifications.partners import courier, schemas, store
from services.notifications.partners.domain.addresses import check_url
from services.notifications.partners.domain.partner import (
    SECRET_BYTES,
    Partner,
    Secret,
    new_secret,
)
from services.notifications.partners.sender import Sender
from services.notifications.partners.store.deliveries import Deliveries, Queues
from services.notifications.partners.store.public_events import PublicEvents
from services.notifications.partners.usecases import keeping, reading, running, views
from shared.envelope import Call, Event
from shared.errors import NotFound
from shared.messaging import every, provide
from shared.platform import Platform
from shared.rpc import rpc

View = dict[str, Any]
ERASED = "account.erased.v1"


class Office:
    """What is needed for partners, built once per process."""

    def __init__(self, platform: Platform) -> None:
        settings: Any = platform.settings
        self.now, self.private = platform.now, settings.webhooks_to_private
        self.partners = store.partners(platform)
        self.events = PublicEvents(platform)
        self.deliveries, self.queues = Deliveries(platform), Queues(platform)
        self.sender = Sender(
            self.partners,
            self.events,
            self.deliveries,
            self.queues,
            courier.Courier(self.private),
            courier.sign,
            self.now,
        )

    def stop(self) -> None:
        self.sender.stop()

    def hear(self, event: Event) -> None:
        """Keep what partners may know of it, and make it due."""
        if event.type == ERASED:
            for partner in store.subscribers(self.partners, [f"person:{event.data['account_id']}"]):
                self.partners.change(partner.id, event, Partner.erase)
        found = partial(store.subscribers, self.partners)
        keeping.hear(event, found, self.events, self.deliveries, self.queues, self.now())

    def own(self, call: Call, operation: str, partner_id: str) -> Partner:
        """The partner where the caller may do this with it; raises Forbidden and NotFound."""
        found = self.partners.find(partner_id)
        return running.require_own(call.principal, operation, found)

    def change(self, call: Call, id: str, use_case: Any) -> Partner:
        return self.partners.change(id, call, use_case)

    def make_due(self, deliveries: Sequence[View]) -> None:
        self.deliveries.again(deliveries)
        for endpoint_id in {one["endpoint_id"] for one in deliveries}:
            self.queues.wake(endpoint_id, deliveries[0]["partner_id"], self.now())

    def secret_for(self, call: Call) -> Secret:
        return new_secret(call.id, secrets.token_bytes(SECRET_BYTES), self.now())


class ForPartners:
    """A part of the service; `office` is its own."""

    office = provide(Office)

    @every(1)
    def send_webhooks(self) -> None:
        self.office.sender.round()

    @every(3600)
    def forget_public_events(self) -> None:
        before = self.office.now() - keeping.RETENTION
        self.office.events.forget(store.all_ids(self.office.partners), before)
        self.office.deliveries.forget(before)

    @rpc
    def create_partner(self, call: Call, name: str, kinds: list[str] | None = None) -> View:
        by, office = call.principal, self.office
        by.require("create_partner", org_id=by.org_id, person_id=by.id)
        given = schemas.read(schemas.PartnerInput(), name=name, kinds=kinds)
        new = running.new_partner(call.id, by, given, office.now())
        if office.partners.find(new.id) is None:
            running.require_room(store.count(office.partners, by))
        return views.partner_view(office.partners.create(call, new))

    @rpc
    def list_partners(self, call: Call, limit: int | None = None, after: str | None = None) -> View:
        call.principal.require("list_partners")
        page = schemas.read(schemas.Page(), limit=limit, after=after)
        rows = store.page(self.office.partners, call.principal, page["limit"] + 1, page["after"])
        shown = rows[: page["limit"]]
        return {
            "items": [views.partner_view(one) for one in shown],
            "next": shown[-1].id if len(rows) > len(shown) else None,
        }

    @rpc
    def get_partner(self, call: Call, partner_id: str) -> View:
        return views.partner_view(self.office.own(call, "get_partner", partner_id))

    @rpc
    def update_partner(
        self,
        call: Call,
        partner_id: str,
        name: str | None = None,
        kinds: list[str] | None = None,
        status: str | None = None,
    ) -> View:
        self.office.own(call, "update_partner", partner_id)
        given = schemas.read(schemas.PartnerChanges(), name=name, kinds=kinds, status=status)
        changed = self.office.change(call, partner_id, lambda one: one.change(**given))
        return views.partner_view(changed)

    @rpc
    def create_endpoint(
        self, call: Call, partner_id: str, url: str, kinds: list[str] | None = None
    ) -> View:
        office = self.office
        office.own(call, "create_endpoint", partner_id)
        given = schemas.read(schemas.EndpointInput(), url=url, kinds=kinds)
        check_url(given["url"], office.private)
        new = running.new_endpoint(call.id, given, office.secret_for(call), office.now())
        changed = office.change(call, partner_id, lambda one: one.add_endpoint(new))
        return _shown(call, changed, new.id)

    @rpc
    def get_endpoint(self, call: Call, partner_id: str, endpoint_id: str) -> View:
        partner = self.office.own(call, "get_endpoint", partner_id)
        return views.endpoint_view(partner, endpoint_id)

    @rpc
    def update_endpoint(
        self,
        call: Call,
        partner_id: str,
        endpoint_id: str,
        url: str | None = None,
        kinds: list[str] | None = None,
        status: str | None = None,
    ) -> View:
        office = self.office
        office.own(call, "update_endpoint", partner_id).endpoint(endpoint_id)
        given = schemas.read(schemas.EndpointChanges(), url=url, kinds=kinds, status=status)
        if given["url"] is not None:
            check_url(given["url"], office.private)
        change = partial(Partner.change_endpoint, id=endpoint_id, now=office.now(), **given)
        changed = office.change(call, partner_id, change)
        return views.endpoint_view(changed, endpoint_id)

    @rpc
    def remove_endpoint(self, call: Call, partner_id: str, endpoint_id: str) -> None:
        self.office.own(call, "remove_endpoint", partner_id).endpoint(endpoint_id)
        self.office.change(call, partner_id, lambda one: one.remove_endpoint(endpoint_id))

    @rpc
    def rotate_endpoint_secret(
        self, call: Call, partner_id: str, endpoint_id: str, overlap_hours: int | None = None
    ) -> View:
        office = self.office
        office.own(call, "rotate_endpoint_secret", partner_id).endpoint(endpoint_id)
        given = schemas.read(schemas.Rotation(), overlap_hours=overlap_hours)
        rotate = running.rotation(endpoint_id, office.secret_for(call), given["overlap_hours"])
        return _shown(call, office.change(call, partner_id, rotate), endpoint_id)

    @rpc
    def ping_endpoint(self, call: Call, partner_id: str, endpoint_id: str) -> View:
        office = self.office
        office.own(call, "ping_endpoint", partner_id).living(endpoint_id)
        new = keeping.ping(partner_id, endpoint_id, call.id, office.now())
        office.deliveries.add([new])
        office.queues.wake(endpoint_id, partner_id, office.now())
        return views.delivery_view(office.deliveries.find(new["_id"]) or new)

    @rpc
    def list_deliveries(
        self,
        call: Call,
        partner_id: str,
        endpoint_id: str,
        limit: int | None = None,
        after: str | None = None,
        status: str | None = None,
    ) -> View:
        self.office.own(call, "list_deliveries", partner_id).endpoint(endpoint_id)
        page = schemas.read(schemas.DeliveryPage(), limit=limit, after=after, status=status)
        rows = self.office.deliveries.page(
            endpoint_id, page["limit"] + 1, page["after"], page["status"]
        )
        shown = rows[: page["limit"]]
        return {
            "items": [views.delivery_view(row) for row in shown],
            "next": shown[-1]["place"] if len(rows) > len(shown) else None,
        }

    @rpc
    def redeliver_event(self, call: Call, partner_id: str, delivery_id: str) -> View:
        office = self.office
        partner = office.own(call, "redeliver_event", partner_id)
        found = office.deliveries.find(delivery_id)
        if found is None or found["partner_id"] != partner_id:
            raise NotFound("delivery-not-found", "There is no such delivery.")
        running.require_active(partner, partner.living(found["endpoint_id"]))
        again = keeping.renewed(found, office.now())
        office.make_due([again])
        return views.delivery_view(again)

    @rpc
    def replay_events(
        self,
        call: Call,
        partner_id: str,
        endpoint_id: str,
        from_sequence: int | None = None,
        to_sequence: int | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> View:
        office, now = self.office, self.office.now()
        partner = office.own(call, "replay_events", partner_id)
        range_ = schemas.read(
            schemas.ReplayRange(),
            from_sequence=from_sequence,
            to_sequence=to_sequence,
            since=since,
            until=until,
        )
        endpoint = partner.living(endpoint_id)
        kept, following = running.to_replay(office.events, partner, endpoint, range_)
        office.make_due(
            [
                keeping.renewed(keeping.delivery(partner.id, endpoint_id, one, now), now)
                for one in kept
            ]
        )
        return {"scheduled": len(kept), "next_sequence": following}

    @rpc
    def list_partner_events(
        self,
        call: Call,
        partner_id: str,
        limit: int | None = None,
        after: str | None = None,
        types: list[str] | None = None,
    ) -> View:
        """What was kept for the partner behind the cursor; `newest` gives the cursor alone."""
        partner = self.office.own(call, "list_partner_events", partner_id)
        page = schemas.read(schemas.PublicEventPage(), limit=limit, after=after, types=types)
        return reading.events_page(
            self.office.events, partner, page["after"], page["limit"], page["types"]
        )


def _shown(call: Call, partner: Partner, endpoint_id: str) -> View:
    """The endpoint with the secret that this call made; also for a repeat of the call."""
    secret = partner.endpoint(endpoint_id).made_by(call.id)
    return {**views.endpoint_view(partner, endpoint_id), "secret": secret.value}
