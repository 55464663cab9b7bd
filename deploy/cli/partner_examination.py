"""What partners have on the broker, and what they should have: no less and no more."""

import time
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from kombu import Connection  # pika rejects what it holds when it stops, which streams refuse.

from deploy.cli.management import compare
from deploy.cli.partner_access import (
    ISSUED,
    LIMITS,
    USER,
    Access,
    at_home,
    rights,
    topic_rights,
)
from shared.partner_bus import DAYS, EXCHANGE, PUBLIC, STREAM, routing_key, stream_name

Row = dict[str, Any]
MAY = ("configure", "write", "read")
READ_SECONDS = 5.0
DAY = 86400.0  # In seconds.
SLACK = 1.0  # Days: age is looked at when a segment is full.


@dataclass(frozen=True)
class Seen:
    """The vhost as the management API tells of it, and who may what anywhere."""

    vhost: str
    there: bool
    exchanges: Mapping[str, Row]
    queues: Mapping[str, Row]
    bindings: Collection[tuple[str, str, str]]
    users: Mapping[str, Row]  # Those of partners alone.
    permissions: Collection[Row]
    topics: Collection[Row]
    limits: Mapping[str, Mapping[str, int]]
    trusted: frozenset[str]  # The platform's own user, and whoever asks.


def look(access: Access) -> Seen:
    """Ask for everything; raises Refusal, also where the user is no administrator."""
    api, at = access.api, quote(access.vhost, safe="")
    there = any(row["name"] == access.vhost for row in api.get("vhosts"))

    def rows(kind: str) -> list[Row]:
        return api.get(f"{kind}/{at}") if there else []

    return Seen(
        vhost=access.vhost,
        there=there,
        exchanges={row["name"]: row for row in rows("exchanges")},
        queues={row["name"]: row for row in rows("queues")},
        bindings={
            (row["source"], row["destination"], row["routing_key"])
            for row in rows("bindings")
            if row["source"]
        },
        users={row["name"]: row for row in api.get("users") if USER.fullmatch(row["name"])},
        permissions=api.get("permissions"),
        topics=api.get("topic-permissions"),
        limits={row["user"]: row["value"] for row in api.get("user-limits")},
        trusted=frozenset({access.user, api.user}),
    )


def differences(seen: Seen, open_streams: Collection[str] = ()) -> Iterator[str]:
    """One line each; `open_streams` are partners to whom events are to be brought."""
    partners = sorted({_partner(name) for name in _users_here(seen)} | set(open_streams))
    if not seen.there:
        if partners:
            yield f"missing vhost {seen.vhost}"
        return
    there = seen.exchanges.get(PUBLIC)
    expected = {"type": EXCHANGE.kind, "durable": True, "arguments": dict(EXCHANGE.arguments)}
    yield from compare(f"exchange {PUBLIC} in {seen.vhost}", expected, there)
    for partner_id in partners:
        yield from _stream(seen, partner_id)
    yield from _leftovers(seen)
    for name in _users_here(seen):
        yield from _rights(seen, name)
        yield from _more(seen, name)
    yield from _foreign(seen)


def _partner(user: str) -> str:
    match = USER.fullmatch(user)
    return match[1] if match else ""


def _users_here(seen: Seen) -> list[str]:
    return at_home(seen.users, seen.permissions, seen.vhost)


def _stream(seen: Seen, partner_id: str) -> Iterator[str]:
    name = stream_name(partner_id)
    wanted = {"durable": True, "arguments": dict(STREAM)}
    yield from compare(f"queue {name}", wanted, seen.queues.get(name))
    if name not in seen.queues:
        return
    binding = (PUBLIC, name, routing_key(partner_id, "#"))
    if binding not in seen.bindings:
        yield f"missing binding {PUBLIC} -> {name} ({binding[2]})"
    for source, queue, key in sorted(set(seen.bindings) - {binding}):
        if queue == name:
            yield f"leftover binding {source} -> {name} ({key})"


def _leftovers(seen: Seen) -> Iterator[str]:
    for name in sorted(seen.queues):
        if not name.startswith(stream_name("")):
            yield f"leftover queue {name} in {seen.vhost}"
    for name in sorted(seen.exchanges):
        if name and name != PUBLIC and not name.startswith("amq."):
            yield f"leftover exchange {name} in {seen.vhost}"


def _rights(seen: Seen, user: str) -> Iterator[str]:
    """The partner's own, neither less nor more."""
    own = [row for row in seen.permissions if (row["user"], row["vhost"]) == (user, seen.vhost)]
    wanted = rights(_partner(user))
    yield from compare(f"permissions of {user}", wanted, own[0] if own else None)
    topics = [row for row in seen.topics if (row["user"], row["vhost"]) == (user, seen.vhost)]
    public = next((row for row in topics if row["exchange"] == PUBLIC), None)
    yield from compare(f"topic permission of {user}", topic_rights(_partner(user)), public)
    yield from compare(f"limits of {user}", LIMITS, seen.limits.get(user, {}))


def _more(seen: Seen, user: str) -> Iterator[str]:
    """What would let a partner do what is not for partners."""
    for row in seen.permissions:
        if row["user"] == user and row["vhost"] != seen.vhost:
            yield f"too wide: {user} may enter vhost {row['vhost']}"
    tags = seen.users[user]["tags"]
    for tag in tags.split(",") if isinstance(tags, str) else tags:
        if tag and not tag.startswith(ISSUED):
            yield f"too wide: {user} has the tag {tag}"


def _foreign(seen: Seen) -> Iterator[str]:
    for row in seen.permissions:
        known = row["user"] in seen.trusted or row["user"] in seen.users
        if row["vhost"] == seen.vhost and not known:
            may = ", ".join(f"{what} {row[what]!r}" for what in MAY)
            yield f"foreign user {row['user']} may enter vhost {seen.vhost}: {may}"


def overfull(access: Access, seen: Seen, now: float) -> Iterator[str]:
    """Streams that have lost events younger than they are to be kept, for their size.

    Looks at the first message of each, which takes nothing away.
    """
    for name in sorted(seen.queues):
        if name.startswith(stream_name("")) and seen.queues[name].get("messages"):
            offset, stored_at = _first(access.uri, name)
            days = (now - stored_at) / DAY
            if offset > 0 and days < DAYS - SLACK:
                yield f"queue {name} is at its limit: it goes back {days:.1f} days, not {DAYS}"


def _first(uri: str, queue: str) -> tuple[int, float]:
    """Offset and time (seconds since 1970) of the oldest message; 0 and now where none comes."""
    with Connection(uri, connect_timeout=5) as line:
        channel = line.channel()
        channel.basic_qos(0, 1, False)
        found: deque[Any] = deque()
        channel.basic_consume(queue, callback=found.append, arguments={"x-stream-offset": "first"})
        try:
            while not found:
                line.drain_events(timeout=READ_SECONDS)
        except TimeoutError:
            return 0, time.time()
        about = found[0]
        return int(about.headers["x-stream-offset"]), float(about.properties.get("timestamp", 0))
