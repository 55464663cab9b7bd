"""The event log: as pages, or as a stream that goes on.

A stream reads the log as a page does. What the gateway hears of new events only makes it look at
once; without that it looks every few seconds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from flask import g, request
from werkzeug import Response

from services.gateway.calls import HINTS, RPC, ask, current
from services.gateway.operations import JSON, Resource
from services.gateway.ports import ports
from services.gateway.schemas.base import page_of
from services.gateway.schemas.notifications import EventQuery, LoggedEvent
from shared.clock import Clock
from shared.errors import StintError, Unavailable
from shared.hints import ALL, Bell
from shared.principal import Principal

resource = Resource("events", __name__, description="The event log")

STREAM = "text/event-stream"
PAUSE = "stint.pause"  # Waits so many seconds or for a bell; true when the process is to end.
POLL = 5.0  # seconds between two looks at the log that nobody has asked for
# Seconds between looks after a hint: it is often here before the log has the event, and what comes
# all at once is looked at together.
SETTLE, EAGER = 0.05, (0.1, 0.3, 1.0)
HEARTBEAT = timedelta(seconds=15)  # Without an event, a comment shows that the line is alive.
BATCH = 100
NEWEST = "newest"  # A cursor: begin behind everything that is there.
Page = tuple[list[dict[str, Any]], str | None]  # Events, and the cursor behind them.


@resource.operation("GET", "/events", query=EventQuery, answer=page_of(LoggedEvent), sends=STREAM)
def list_events(query: dict[str, Any]) -> Any:
    types = query.get("types")
    wanted = types.split(",") if types else None
    if request.accept_mimetypes.best_match([JSON, STREAM]) != STREAM:
        return ask("notifications", "list_events", **{**query, "types": wanted})
    after = request.headers.get("Last-Event-ID") or query["after"]
    return _stream(after, wanted)


def _stream(after: str | None, types: list[str] | None) -> Response:
    # The body is written after the request's context is gone: everything is taken from it before.
    rpc, call = request.environ[RPC], current()

    def page(after: str | None) -> Page:
        found = rpc.call(
            "notifications", "list_events", call, after=after, limit=BATCH, types=types
        )
        events = list(found["items"])
        if after == NEWEST:  # Without a cursor where there is nothing that it could be behind.
            return events, found["next"]
        return events, str(events[-1]["id"]) if events else after

    ended = ports().throttle.stream(g.counted_as)
    bell, unheard = request.environ[HINTS].listen(_names(call.principal))
    wait = Waiting(g.until, ports().now, request.environ.get(PAUSE, _wait), bell)
    try:
        first = _looked(page, after)  # A cursor that is none is a problem, not an empty stream.
    except BaseException:
        ended()
        unheard()
        raise
    answer = Response(_frames(page, first, wait), content_type=STREAM)
    answer.call_on_close(ended)
    answer.call_on_close(unheard)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _names(principal: Principal) -> set[str]:
    """Those by which an event names a reader: it may wake one who then finds nothing new."""
    if principal.role == "operator":
        return {ALL}
    return {principal.id, principal.org_id or principal.id}


def _wait(seconds: float, bell: Bell | None = None) -> bool:
    (bell or Bell()).wait(seconds)
    return False


@dataclass
class Waiting:
    """Between two looks: until when, by which clock, how, and what is heard meanwhile."""

    until: datetime
    now: Clock
    pause: Callable[..., bool]
    bell: Bell

    def __post_init__(self) -> None:
        self._eager: Iterator[float] = iter(())

    def ends(self) -> bool:
        """Wait for the next look; true where there is none."""
        if self.pause(next(self._eager, POLL), self.bell):
            return True
        if not self.bell.taken():
            return False
        self._eager = iter(EAGER)
        return self.pause(SETTLE)


def _looked(page: Callable[[str | None], Page], after: str | None) -> Page:
    """The next events and the cursor behind them; none while the log is away."""
    try:
        return page(after)
    except Unavailable:
        return [], after


def _frames(page: Callable[[str | None], Page], first: Page, wait: Waiting) -> Iterator[bytes]:
    """Events as they come, until the token runs out; the client comes again with its last id."""
    yield b"retry: 2000\n\n"
    (events, after), spoken = first, wait.now()
    while wait.now() < wait.until:
        yield from map(frame, events)
        if events:
            spoken = wait.now()
        elif wait.now() - spoken >= HEARTBEAT:
            spoken = wait.now()
            yield b": still here\n\n"
        if len(events) < BATCH and wait.ends():
            return
        try:
            events, after = _looked(page, after)
        except StintError:
            return


def frame(event: dict[str, Any]) -> bytes:
    """One event of the stream; its id is what to ask for the following ones with."""
    head = f"id: {event['id']}\nevent: {event['type']}\ndata: "
    return head.encode() + orjson.dumps(event) + b"\n\n"
