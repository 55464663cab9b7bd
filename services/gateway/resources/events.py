"""The event log: as pages, or as a stream that goes on.

A stream reads the log as a page does. What the gateway hears of new events makes it look at once,
so that a thousand quiet streams ask next to nothing; while it hears nothing it looks more often.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from flask import g, request
from werkzeug import Response

from services.gateway.calls import HINTS, RPC, ask, current
from services.gateway.headers import LAST_EVENT
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
# Seconds between two looks at the log that nobody has asked for: while hints come, and while not.
QUIET, POLL = 30.0, 5.0
# Streams that began together must not look together for ever: so much more or less, by chance.
SCATTER = 0.25
# Seconds between looks after a hint: it is often here before the log has the event, and what comes
# all at once is looked at together. The last ones are for a log that is behind.
SETTLE, EAGER = 0.05, (0.1, 0.3, 1.0, 4.0, 10.0)
HEARTBEAT = 15.0  # seconds without an event after which a comment shows that the line is alive
BATCH = 100
NEWEST = "newest"  # A cursor: begin behind everything that is there.
Page = tuple[list[dict[str, Any]], str | None]  # Events, and the cursor behind them.


@resource.operation(
    "GET",
    "/events",
    query=EventQuery,
    answer=page_of(LoggedEvent),
    sends=STREAM,
    takes=(LAST_EVENT,),
)
def list_events(query: dict[str, Any]) -> Any:
    types = query.get("types")
    wanted = types.split(",") if types else None
    if request.accept_mimetypes.best_match([JSON, STREAM]) != STREAM:
        return ask("notifications", "list_events", **{**query, "types": wanted})
    if request.method == "HEAD":  # What has no body is never closed: it would count for ever.
        return Response(content_type=STREAM)
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
    pause, hints = request.environ.get(PAUSE, _wait), request.environ[HINTS]
    wait = Waiting(g.until, ports().now, pause, bell, lambda: hints.listening)
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
    """Between two looks: until when, by which clock, how, and whether hints come meanwhile."""

    until: datetime
    now: Clock
    pause: Callable[..., bool]
    bell: Bell
    heard: Callable[[], bool] = lambda: False
    ended: bool = False

    def __post_init__(self) -> None:
        self._eager: Iterator[float] = iter(())
        self._silent = 0.0  # seconds since something was written

    def spoken(self) -> None:
        self._silent = 0.0

    def quietly(self) -> Iterator[bytes]:
        """Wait for the next look, or for the end; what shows meanwhile that the line is alive."""
        left = self._seconds()
        while left > 0 and not self._over():
            part = min(left, HEARTBEAT - self._silent)
            self.ended = self.pause(part, self.bell)
            if self.ended or self.bell.taken():
                self._eager = iter(EAGER)
                self.ended = self.ended or self.pause(SETTLE)
                return
            left, self._silent = left - part, self._silent + part
            if self._silent >= HEARTBEAT:
                self.spoken()
                yield b": still here\n\n"

    def _over(self) -> bool:
        self.ended = self.ended or self.now() >= self.until
        return self.ended

    def _seconds(self) -> float:
        """Until the next look."""
        usual = QUIET if self.heard() else POLL
        eager = next(self._eager, None)
        return random.uniform(1 - SCATTER, 1 + SCATTER) * usual if eager is None else eager


def _looked(page: Callable[[str | None], Page], after: str | None) -> Page:
    """The next events and the cursor behind them; none while the log is away."""
    try:
        return page(after)
    except Unavailable:
        return [], after


def _frames(page: Callable[[str | None], Page], first: Page, wait: Waiting) -> Iterator[bytes]:
    """Events as they come, until the token runs out; the client comes again with its last id."""
    yield b"retry: 2000\n\n"
    events, after = first
    while wait.now() < wait.until:
        if events:
            yield from map(frame, events)
            wait.spoken()
        if len(events) < BATCH:
            yield from wait.quietly()
        if wait.ended:
            return
        try:
            events, after = _looked(page, after)
        except StintError:
            return


def frame(event: dict[str, Any]) -> bytes:
    """One event of the stream; its id is what to ask for the following ones with."""
    head = f"id: {event['id']}\nevent: {event['type']}\ndata: "
    return head.encode() + orjson.dumps(event) + b"\n\n"
