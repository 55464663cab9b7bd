"""How `stint doctor` looks at the broker: over AMQP, and in its management API if it has one."""

import time
from collections.abc import Collection, Iterator
from typing import Any

from amqp.exceptions import AMQPError
from kombu.exceptions import OperationalError

from deploy.cli.channel import connect
from deploy.cli.examination import Finding, first, ok, unknown, wrong
from deploy.cli.main import Refusal
from deploy.cli.management import Management
from deploy.cli.partner_access import Access
from deploy.cli.partner_examination import differences as partner_differences
from deploy.cli.partner_examination import look, overfull
from deploy.cli.queue_examination import answering, examine_leaders
from deploy.cli.topology import differences
from shared.config import Broker
from shared.topology import ARCHIVE, UNROUTED, parked_name, plan, read_handlers, rpc_name

PARKED, RETRY, CALLS = parked_name(""), "stint.retry.", rpc_name("")
AWAY = (OSError, OperationalError, AMQPError)
DEPENDENT = ("topology", "leaders", "queues", "retries", "parked", "unrouted", "partners")


def examine_broker(
    broker: Broker, lag: int, patience: float, open_streams: Collection[str]
) -> Iterator[Finding]:
    """Whether it answers, its topology, and what waits in which queue."""
    began = time.monotonic()
    try:
        connection = connect(broker.amqp_uri)
    except (Refusal, OSError) as exc:
        yield wrong("broker", str(getattr(exc, "message", exc)), "broker-down")
        yield from (unknown(name, "the broker is away") for name in DEPENDENT)
        return
    with connection:
        yield _answers(broker, time.monotonic() - began)
    names = [queue.name for queue in plan(read_handlers(), broker.ladder).queues]
    try:
        queues, silent = answering(broker.amqp_uri, names)
    except AWAY as exc:
        yield from (unknown(name, f"the broker broke off: {exc}") for name in DEPENDENT)
        return
    missing = [] if silent else sorted(set(names) - set(queues))
    yield _topology(broker, missing)
    management = broker.management_uri and Management(broker.management_uri, broker.amqp_uri)
    rows = (lambda: management.every("queues")) if management else None
    yield examine_leaders(rows, silent, patience)
    counts = {name: found.message_count for name, found in queues.items()}
    yield _readers(queues, lag)
    yield _retries(broker, counts)
    yield _parked(counts)
    yield _unrouted(counts.get(UNROUTED, 0))
    yield examine_partners(broker, open_streams)


def examine_partners(broker: Broker, open_streams: Collection[str]) -> Finding:
    """Their vhost: what is missing, what lets somebody do too much, which stream is full."""
    if not broker.management_uri:
        return unknown("partners", "MANAGEMENT_URI would tell")
    try:
        access = Access(broker)
        seen = look(access)
        if not seen.there and broker.partners_amqp_uri:
            text = f"no vhost {seen.vhost} here: name the partners' broker in MANAGEMENT_URI"
            return unknown("partners", text)
        found = list(partner_differences(seen, open_streams))
        found += [] if found or not seen.there else overfull(access, seen, time.time())
    except Refusal as exc:
        return unknown("partners", exc.message)
    except AWAY as exc:
        return wrong("partners", f"their vhost does not answer: {exc}")
    if found:
        return wrong("partners", f"{first(found)}: `stint topology diff`, docs/partners-amqp.md")
    if not seen.there:
        return ok("partners", "nobody reads over AMQP")
    return ok("partners", f"{len(seen.users)} users read {len(seen.queues)} streams")


def _answers(broker: Broker, seconds: float) -> Finding:
    text = f"answers in {seconds * 1000:.0f} ms"
    if not broker.management_uri:
        return ok("broker", text)
    try:
        nodes = Management(broker.management_uri, broker.amqp_uri).nodes()
    except Refusal as exc:
        return wrong("broker", f"{text}, but {exc.message}", "broker-down")
    alarms = [
        f"{node['name']}: {what}"
        for node in nodes
        for what, raised in (
            ("is down", not node.get("running", True)),
            ("is short of memory", node.get("mem_alarm")),
            ("is short of disk", node.get("disk_free_alarm")),
        )
        if raised
    ]
    if alarms:
        return wrong("broker", f"{text}; {'; '.join(alarms)}: it takes no events", "broker-down")
    return ok("broker", f"{text}; {len(nodes)} node(s), no alarm")


def _topology(broker: Broker, missing: list[str]) -> Finding:
    remedy = "`stint topology diff` shows all, `apply` mends it"
    if not broker.management_uri:
        found = [f"missing queue {name}" for name in missing]
    else:
        management = Management(broker.management_uri, broker.amqp_uri)
        try:
            found = list(differences(plan(read_handlers(), broker.ladder), management))
        except Refusal as exc:
            return unknown("topology", exc.message)
    if found:
        return wrong("topology", f"{first(found)}: {remedy}")
    return ok("topology", "as the contracts want it")


def _readers(queues: dict[str, Any], lag: int) -> Finding:
    """What waits in the queues that services read."""
    kept = (ARCHIVE, UNROUTED)
    read = {
        name: found
        for name, found in queues.items()
        if name not in kept and not name.endswith(PARKED) and not name.startswith(RETRY)
    }
    total = sum(found.message_count for found in read.values())
    # Calls wait for seconds only, and not every service is called.
    alone = [
        name
        for name, found in read.items()
        if not found.consumer_count and (found.message_count or not name.startswith(CALLS))
    ]
    long = [f"{n} has {f.message_count}" for n, f in read.items() if f.message_count > lag]
    if alone:
        waiting = sum(read[name].message_count for name in alone)
        text = f"nobody reads {first(alone)}; {waiting} messages wait there"
        return wrong("queues", text, "queue-growing")
    if long:
        return wrong("queues", f"{first(long)} messages waiting", "queue-growing")
    return ok("queues", f"{total} messages wait in {len(read)} queues, none is left alone")


def _retries(broker: Broker, counts: dict[str, int]) -> Finding:
    """Messages that wait for their next attempt; stuck are those that cannot go back."""
    waits = {name: count for name, count in counts.items() if name.startswith(RETRY)}
    text = f"{sum(waits.values())} messages wait for their next attempt"
    if not broker.management_uri:
        return ok("retries", text)
    try:
        rows = Management(broker.management_uri, broker.amqp_uri).every("queues")
    except Refusal as exc:
        return unknown("retries", f"{text}; {exc.message}")
    stuck = sum(row.get("messages_dlx", 0) for row in rows)
    if stuck:
        return wrong("retries", f"{text}, {stuck} cannot go back to their queue", "queue-growing")
    return ok("retries", text)


def _parked(counts: dict[str, int]) -> Finding:
    parked = {name: n for name, n in counts.items() if name.endswith(PARKED) and n}
    if not parked:
        return ok("parked", "no message is parked")
    worst = [f"{count} in {name}" for name, count in sorted(parked.items())]
    return wrong("parked", first(worst), "parked-messages")


def _unrouted(count: int) -> Finding:
    if not count:
        return ok("unrouted", "every message has had a queue")
    text = f"{count} messages in {UNROUTED} had no queue: `stint topology apply`"
    return wrong("unrouted", text, "parked-messages")
