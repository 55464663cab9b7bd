"""Exchanges and queues: what there has to be, derived from the contracts, declared and checked.

`stint topology apply` declares it; a service only looks at its own part when it starts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from amqp.exceptions import AccessRefused, NotFound, PreconditionFailed
from kombu import Connection

from shared.data import read_yaml
from shared.envelope import CONTRACTS

SERVICES = Path(__file__).parent / "services.yml"
EVENTS, UNROUTED, REDELIVER = "stint.events", "stint.unrouted", "stint.redeliver"
PARKED, ARCHIVE, RPC = "stint.parked", "stint.archive", "stint.rpc"
QUORUM = {"x-queue-type": "quorum"}
# Crash loops only: a failing handler goes through the ladder, which is a new message each time.
DELIVERY_LIMIT = 20
# Looking at a message counts as a delivery, and RabbitMQ 4 drops it at 20 unless told otherwise.
KEPT = {**QUORUM, "x-delivery-limit": 1_000_000}

Handlers = Mapping[str, Mapping[str, list[str]]]


class Mismatch(Exception):
    """A queue is missing or other than it has to be; the text says which and what to do."""


@dataclass(frozen=True)
class Exchange:
    name: str
    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Queue:
    """A durable queue and the (exchange, routing key) pairs that fill it."""

    name: str
    arguments: Mapping[str, Any]
    bindings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Topology:
    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...]


def read_handlers(contracts: Path = CONTRACTS, services: Path = SERVICES) -> Handlers:
    """Who listens to what: `{service: {handler: [routing keys]}}` for all of services.yml."""
    known = read_yaml(services)
    handlers: dict[str, dict[str, list[str]]] = {
        name: {handler: list(keys) for handler, keys in (about or {}).get("taps", {}).items()}
        for name, about in known.items()
    }
    for path in sorted(contracts.glob("*.yml")):
        for consumer in read_yaml(path).get("consumers") or ():
            handlers[consumer].setdefault(handler_name(path.stem), []).append(path.stem)
    return handlers


def handler_name(type_: str) -> str:
    """`hire-offer.accepted.v1` is heard by `on_hire_offer_accepted`; a `v2` adds `_v2`."""
    noun, participle, version = type_.split(".")
    suffix = "" if version == "v1" else f"_{version}"
    return f"on_{noun}_{participle}{suffix}".replace("-", "_")


def plan(handlers: Handlers, ladder: Mapping[str, float]) -> Topology:
    """The whole topology for these handlers; `ladder` maps a step's name to its wait in seconds."""
    exchanges, queues = [*_shared_exchanges()], [*_shared_queues()]
    for service, heard in handlers.items():
        steps = [_retry_step(service, step, wait) for step, wait in ladder.items()]
        exchanges += [exchange for exchange, _ in steps]
        queues += [queue for _, queue in steps]
        queues += service_queues(service, heard)
    return Topology(tuple(exchanges), tuple(queues))


def service_queues(service: str, heard: Mapping[str, list[str]]) -> list[Queue]:
    """The queues that one service reads, and where they park."""
    queues = [rpc_queue(service), _parked_queue(rpc_name(service))]
    for handler, keys in heard.items():
        name = queue_name(service, handler)
        queues += [consumer_queue(name, keys), _parked_queue(name)]
    return queues


def queue_name(service: str, handler: str) -> str:
    return f"{service}.{handler}"


def rpc_name(service: str) -> str:
    return f"rpc-{service}"


def retry_name(service: str, step: str) -> str:
    return f"stint.retry.{service}.{step}"


def parked_name(queue: str) -> str:
    return f"{queue}.parked"


def consumer_queue(name: str, keys: Iterable[str] = ()) -> Queue:
    arguments = {
        **QUORUM,
        **_dead_letters_to(PARKED),
        "x-dead-letter-routing-key": name,
        "x-delivery-limit": DELIVERY_LIMIT,
    }
    return Queue(name, arguments, ((REDELIVER, name), *((EVENTS, key) for key in keys)))


def rpc_queue(service: str) -> Queue:
    """A quorum queue as well, 1 ms slower, for a classic one is away with its node.

    Without dead letters: an expired request goes nowhere.
    """
    arguments = {**QUORUM, "x-delivery-limit": DELIVERY_LIMIT}
    return Queue(rpc_name(service), arguments, ((RPC, service),))


def _shared_exchanges() -> list[Exchange]:
    unrouted = {"alternate-exchange": UNROUTED}
    return [
        Exchange(UNROUTED, "fanout"),
        Exchange(EVENTS, "topic", unrouted),
        Exchange(REDELIVER, "direct", unrouted),
        Exchange(PARKED, "direct", unrouted),
        Exchange(RPC, "direct"),
    ]


def _shared_queues() -> list[Queue]:
    archive = {"x-queue-type": "stream", "x-max-age": "30D"}
    return [
        Queue(UNROUTED, KEPT, ((UNROUTED, ""),)),
        Queue(ARCHIVE, archive, ((EVENTS, "#"),)),
    ]


def _retry_step(service: str, step: str, wait: float) -> tuple[Exchange, Queue]:
    name = retry_name(service, step)
    arguments = {**QUORUM, **_dead_letters_to(REDELIVER), "x-message-ttl": round(wait * 1000)}
    return Exchange(name, "fanout"), Queue(name, arguments, ((name, ""),))


def _parked_queue(queue: str) -> Queue:
    return Queue(parked_name(queue), KEPT, ((PARKED, queue),))


def _dead_letters_to(exchange: str) -> dict[str, Any]:
    """At-least-once needs reject-publish: a full queue refuses rather than drops."""
    return {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def apply(uri: str, topology: Topology) -> None:
    """Declare everything, as often as you like; raises Mismatch where something else is there."""
    with Connection(uri, connect_timeout=5) as connection:
        channel = connection.channel()
        for exchange in topology.exchanges:
            _declare_exchange(channel, exchange)
        for queue in topology.queues:
            _declare_queue(channel, queue)


def _declare_exchange(channel: Any, exchange: Exchange) -> None:
    try:
        channel.exchange_declare(
            exchange.name,
            exchange.kind,
            durable=True,
            auto_delete=False,
            arguments=exchange.arguments,
        )
    except PreconditionFailed as exc:
        raise Mismatch(f"exchange {exchange.name} exists but differs: {exc.reply_text}") from exc


def _declare_queue(channel: Any, queue: Queue) -> None:
    try:
        channel.queue_declare(
            queue.name, durable=True, auto_delete=False, arguments=queue.arguments
        )
    except PreconditionFailed as exc:
        raise Mismatch(f"queue {queue.name} exists but differs: {exc.reply_text}") from exc
    for exchange, key in queue.bindings:
        channel.queue_bind(queue.name, exchange, key)


def unbind(uri: str, bindings: Iterable[tuple[str, str, str]]) -> None:
    """Remove these (exchange, queue, routing key) bindings."""
    with Connection(uri, connect_timeout=5) as connection:
        channel = connection.channel()
        for exchange, queue, key in bindings:
            channel.queue_unbind(queue, exchange, key)


def check(uri: str, queues: Iterable[Queue]) -> None:
    """Raise Mismatch for the first of these queues that is missing or has other arguments.

    Connection errors pass through. A user who may not declare only learns that the queue is there.
    """
    with Connection(uri, connect_timeout=5) as connection:
        for queue in queues:
            _check_queue(connection, queue)


def _check_queue(connection: Connection, queue: Queue) -> None:
    channel = connection.channel()
    remedy = "run `stint topology apply`"
    try:
        channel.queue_declare(queue.name, passive=True)
        # The queue exists, so this makes nothing: the broker only compares the arguments.
        channel.queue_declare(
            queue.name, durable=True, auto_delete=False, arguments=queue.arguments
        )
        channel.close()
    except NotFound as exc:
        raise Mismatch(f"queue {queue.name} is missing: {remedy}") from exc
    except PreconditionFailed as exc:
        detail = f"{exc.reply_text}; empty and delete it, then {remedy}"
        raise Mismatch(f"queue {queue.name} differs: {detail}") from exc
    except AccessRefused:
        return
