"""What the service does and answers for partners that read over AMQP."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

from services.notifications.partners.domain.partner import Partner
from services.notifications.partners.domain.streams import Stream
from services.notifications.partners.store import streams as kept
from services.notifications.partners.store.public_events import PublicEvents
from services.notifications.partners.streams import Streams
from services.notifications.partners.usecases.running import require_own
from shared.envelope import Call
from shared.messaging import every, provide
from shared.partner_bus import PUBLIC, address
from shared.platform import Platform
from shared.relay import Relay
from shared.rpc import rpc

View = dict[str, Any]


class StreamDesk:
    """What is needed for streams, built once per process."""

    def __init__(self, platform: Platform) -> None:
        settings = platform.settings
        uri = address(settings.amqp_uri, settings.partners_amqp_uri)
        self.now = platform.now
        self.streams = kept.streams(platform)
        self.events = PublicEvents(platform)
        relay = Relay(uri, PUBLIC, trim_every=0.5)
        self.sender = Streams(self.streams, self.events, relay, self.now, uuid4().hex)

    def stop(self) -> None:
        self.sender.stop()

    def view(self, stream: Stream, partner: Partner | None) -> View:
        return {
            "id": stream.id,
            "name": partner.name if partner else "",
            "open": stream.open,
            "position": stream.position,
            "lacking": self.events.last(stream.id) - stream.position,
        }


class ForStreams:
    """A part of the service; `stream_desk` is its own, partners are kept by `office`."""

    office: Any
    stream_desk = provide(StreamDesk)

    @every(1)
    def fill_streams(self) -> None:
        desk = self.stream_desk
        desk.sender.bring(kept.open_ones(desk.streams))

    @rpc
    def get_stream(self, call: Call, partner_id: str) -> View:
        """Also of a partner that has none yet."""
        partner, desk = self._partner(call, "get_stream", partner_id), self.stream_desk
        none = Stream(partner_id, desk.now(), open=False)
        return desk.view(desk.streams.find(partner_id) or none, partner)

    @rpc
    def open_stream(self, call: Call, partner_id: str) -> View:
        partner = self._partner(call, "open_stream", partner_id)
        return self._change(call, partner, Stream.reopen)

    @rpc
    def close_stream(self, call: Call, partner_id: str) -> View:
        partner = self._partner(call, "close_stream", partner_id)
        return self._change(call, partner, Stream.close)

    @rpc
    def list_streams(self, call: Call) -> View:
        call.principal.require("list_streams")
        desk, found = self.stream_desk, self.office.partners.find
        return {"items": [desk.view(one, found(one.id)) for one in kept.every_one(desk.streams)]}

    def _partner(self, call: Call, operation: str, id: str) -> Partner:
        """Raises Forbidden and NotFound."""
        return require_own(call.principal, operation, self.office.partners.find(id))

    def _change(self, call: Call, partner: Partner, use_case: Callable[[Stream], None]) -> View:
        desk = self.stream_desk
        new = partial(Stream, partner.id, desk.now())
        return desk.view(desk.streams.change(partner.id, call, use_case, new=new), partner)
