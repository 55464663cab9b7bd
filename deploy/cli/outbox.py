"""`stint outbox ls|nudge`: events that are saved and that the broker does not have yet."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import click
import pika
from pika.exceptions import NackError, UnroutableError
from pymongo.collection import Collection
from rich.table import Table

from deploy.cli.channel import with_channel
from deploy.cli.conduct import Pace, as_json, console, progress, rate
from deploy.cli.databases import Databases, Document, with_databases
from deploy.cli.main import Refusal
from deploy.cli.times import Age, in_words, iso
from shared import clock
from shared.batches import RECORDS
from shared.config import Broker
from shared.envelope import CONTENT_TYPE
from shared.outbox import Outbox
from shared.relay import Pending, Relay
from shared.topology import EVENTS

AGGREGATE = "handled"  # What the store writes into every aggregate, and nobody into others.
TRIMMED_AT_ONCE = 100

service_argument = click.argument("service", required=False)
id_argument = click.argument("aggregate_id", required=False)
older_than = click.option(
    "--older-than", type=Age(), metavar="AGE", help="Only where the oldest waits for so long."
)


@dataclass(frozen=True)
class Waiting:
    """An aggregate with pending events, in order."""

    service: str
    collection: str
    id: str
    events: list[Pending]

    @property
    def since(self) -> datetime:
        found: datetime = self.events[0]["at"]
        return found

    def as_dict(self) -> Document:
        """What people see of it."""
        return {
            "service": self.service,
            "collection": self.collection,
            "id": self.id,
            "events": len(self.events),
            "types": dict(Counter(event["type"] for event in self.events)),
            "oldest": iso(self.since),
            "age_seconds": round((clock.now() - self.since).total_seconds(), 1),
        }


@click.group()
def outbox() -> None:
    """Look at events that wait in their aggregates' outboxes, or publish them now.

    An event is saved with its aggregate, and waits in the document until the broker has confirmed
    it: usually for milliseconds. One that waits for over a minute means that the broker was away,
    or that no process of its service runs: deploy/runbooks/old-outbox.md.
    """


@outbox.command()
@service_argument
@older_than
@as_json
@with_databases
def ls(
    databases: Databases, service: str | None, older_than: timedelta | None, as_json: bool
) -> None:
    """List the aggregates (of one SERVICE) whose events wait, the longest waiting first."""
    found = sorted(waiting(databases, service, older_than), key=lambda one: one.since)
    if as_json:
        click.echo(json.dumps([one.as_dict() for one in found]))
    elif not found:
        click.echo("no event waits")
    else:
        _print_table(found)


@outbox.command()
@service_argument
@id_argument
@older_than
@rate
@with_databases
@with_channel
@click.pass_context
def nudge(
    context: click.Context,
    databases: Databases,
    broker: Broker,
    channel: Any,
    service: str | None,
    aggregate_id: str | None,
    older_than: timedelta | None,
    rate: float,
) -> None:
    """Publish what waits (of one SERVICE, or of one AGGREGATE_ID of it) now.

    By the relay's rules: each aggregate's whole outbox in order, every event confirmed by the
    broker before it counts as sent. So it is safe beside running services, and to interrupt: an
    event may then go out twice, under one id, which handlers know. Exit code 1 when the broker
    had no place for some of them.
    """
    found = [
        one for one in waiting(databases, service, older_than) if aggregate_id in (None, one.id)
    ]
    if aggregate_id and not found:
        raise Refusal(f"no event of {service} {aggregate_id} waits")
    total = sum(len(one.events) for one in found)
    click.echo(f"{total} events of {len(found)} aggregates wait", err=True)
    sent = _publish(databases, channel, found, rate) if found else 0
    click.echo(f"{sent} events published")
    context.exit(0 if sent == total else 1)


def waiting(
    databases: Databases, service: str | None = None, older_than: timedelta | None = None
) -> Iterator[Waiting]:
    """Aggregates with pending events; raises Refusal for a service without a database."""
    if service and service not in databases.services():
        raise Refusal(f"there is no database of {service}")
    for owner, name in databases.collections():
        if service in (None, owner):
            collection = databases.of(owner)[name]
            if AGGREGATE in (collection.find_one({}, {AGGREGATE: 1}) or ()):
                yield from _waiting_in(owner, collection, older_than or timedelta())


def _waiting_in(
    service: str, collection: Collection[Document], older_than: timedelta
) -> Iterator[Waiting]:
    """By the records of batches; a document that was saved twice may be in two of them."""
    horizon, seen = clock.now() - older_than, set()
    for id_, events in _outbox(service, collection).sweep(0):
        if id_ not in seen and events and events[0]["at"] <= horizon:
            seen.add(id_)
            yield Waiting(service, collection.name, id_, events)


def _publish(databases: Databases, channel: Any, found: list[Waiting], rate: float) -> int:
    pace, sent = Pace(rate, channel.connection.sleep), 0
    outboxes: dict[tuple[str, str], Outbox] = {}
    with progress("publishing", len(found)) as advance:
        for done, one in enumerate(found, start=1):
            key = one.service, one.collection
            outbox = outboxes.setdefault(key, _outbox(key[0], databases.of(key[0])[key[1]]))
            for event in one.events:
                pace.wait()
                if not _confirmed(channel, one, event):
                    break  # The later ones of its aggregate would overtake it.
                outbox.settle(one.id, event["id"])
                sent += 1
            if done % TRIMMED_AT_ONCE == 0 or done == len(found):
                for each in outboxes.values():
                    each.trim()
            advance(1)
    return sent


def _outbox(service: str, collection: Collection[Document]) -> Outbox:
    """As a service's process has it; its relay is never asked."""
    return Outbox(service, collection, collection.database[RECORDS], Relay("amqp://"), clock.now)


def _confirmed(channel: Any, one: Waiting, event: Pending) -> bool:
    about = pika.BasicProperties(
        content_type=CONTENT_TYPE,
        message_id=event["id"],
        type=event["type"],
        app_id=one.service,
        delivery_mode=2,
        timestamp=int(event["at"].timestamp()),
    )
    try:
        channel.basic_publish(EVENTS, event["type"], event["body"], about, mandatory=True)
    except (NackError, UnroutableError):
        click.echo(f"the broker has no place for {event['type']} {event['id']}", err=True)
        return False
    return True


def _print_table(found: list[Waiting]) -> None:
    table = Table("service", "aggregate", "events", "oldest", "types")
    for one in found:
        types = "\n".join(f"{n} x {t}" for t, n in one.as_dict()["types"].items())
        age = in_words(clock.now() - one.since)
        table.add_row(one.service, f"{one.collection} {one.id}", str(len(one.events)), age, types)
    console().print(table)
