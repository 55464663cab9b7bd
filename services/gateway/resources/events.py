"""The event log: as pages, or as a stream that goes on."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import orjson
from flask import g, request
from werkzeug import Response

from services.gateway.calls import RPC, ask, current
from services.gateway.operations import JSON, Resource
from services.gateway.ports import ports
from services.gateway.schemas.base import page_of
from services.gateway.schemas.notifications import EventQuery, LoggedEvent
from shared.clock import Clock
from shared.errors import StintError, Unavailable

resource = Resource("events", __name__, description="The event log")

STREAM = "text/event-stream"
PAUSE = "stint.pause"  # Waits so many seconds; true at once when the process is to end.
POLL = 1.0  # seconds between two looks at the log
HEARTBEAT = 15  # looks without an event, after which a comment shows that the line is alive
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
    rpc, call, until, now = request.environ[RPC], current(), g.until, ports().now
    pause = request.environ.get(PAUSE, _sleep)

    def page(after: str | None) -> Page:
        found = rpc.call(
            "notifications", "list_events", call, after=after, limit=BATCH, types=types
        )
        events = list(found["items"])
        if after == NEWEST:  # Without a cursor where there is nothing that it could be behind.
            return events, found["next"]
        return events, str(events[-1]["id"]) if events else after

    ended = ports().throttle.stream(call.principal.id)
    try:
        first = _looked(page, after)  # A cursor that is none is a problem, not an empty stream.
    except BaseException:
        ended()
        raise
    answer = Response(_frames(page, first, until, now, pause), content_type=STREAM)
    answer.call_on_close(ended)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def _looked(page: Callable[[str | None], Page], after: str | None) -> Page:
    """The next events and the cursor behind them; none while the log is away."""
    try:
        return page(after)
    except Unavailable:
        return [], after


def _frames(
    page: Callable[[str | None], Page],
    first: Page,
    until: datetime,
    now: Clock,
    pause: Callable[[float], bool],
) -> Iterator[bytes]:
    """Events as they come, until the token runs out; the client comes again with its last id."""
    yield b"retry: 2000\n\n"
    quiet, (events, after) = 0, first
    while now() < until:
        yield from map(frame, events)
        quiet = 0 if events else quiet + 1
        if quiet % HEARTBEAT == HEARTBEAT - 1:
            yield b": still here\n\n"
        if len(events) < BATCH and pause(POLL):
            return
        try:
            events, after = _looked(page, after)
        except StintError:
            return


def frame(event: dict[str, Any]) -> bytes:
    """One event of the stream; its id is what to ask for the following ones with."""
    head = f"id: {event['id']}\nevent: {event['type']}\ndata: "
    return head.encode() + orjson.dumps(event) + b"\n\n"
