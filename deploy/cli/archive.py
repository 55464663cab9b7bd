"""`stint archive ls|replay`: the stream of all events, shown or given to handlers again."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import click
import pika
from rich.table import Table

from deploy.cli.channel import declared, with_channel
from deploy.cli.conduct import Pace, agree, agreed, as_json, console, rate
from deploy.cli.main import Refusal
from deploy.cli.selection import Selection, selecting
from deploy.cli.stream import Archive, Archived
from deploy.cli.times import iso
from shared.config import Broker
from shared.envelope import CONTENT_TYPE
from shared.topology import ARCHIVE, REDELIVER, Handlers, queue_name, read_handlers

EVERYTHING = "#"


@click.group()
def archive() -> None:
    """Read the archive of all events, or give its events to handlers again.

    The broker keeps every event for 30 days in the stream stint.archive, in the order in which it
    got them. An event that was sent twice is in it twice, under the same id.
    """


@archive.command()
@selecting
@click.option("--count", "counted", is_flag=True, help="Only how many there are of each type.")
@as_json
@with_channel
def ls(broker: Broker, channel: Any, chosen: Selection, counted: bool, as_json: bool) -> None:
    """List archived events, oldest first: offset, time, type, subject and id.

    With --json one object a line, each the whole event; with --count one object.
    """
    found = chosen.read(Archive(broker.amqp_uri, channel.connection))
    if counted:
        _print_counts(Counter(entry.event.type for entry in found), as_json)
        return
    for entry in found:
        if as_json:
            click.echo(json.dumps({"offset": entry.offset, **json.loads(entry.body)}))
        else:
            click.echo(_line(entry))


@archive.command()
@selecting
@click.option(
    "--to-queue", metavar="QUEUE", help="The one queue that gets them, e.g. notifications.on_event."
)
@click.option("--to-all", is_flag=True, help="Every queue gets those that it takes.")
@rate
@agreed
@as_json
@with_channel
def replay(
    broker: Broker,
    channel: Any,
    chosen: Selection,
    to_queue: str | None,
    to_all: bool,
    rate: float,
    yes: bool,
    as_json: bool,
) -> None:
    """Give archived events to one queue, or to every one, again.

    A handler that has done its work before does nothing: replaying everything into every service
    changes nothing. What is missing is done: after a message was lost, after a restore, for a new
    service. A queue gets only the types that its handler takes. Copies are the archived
    bytes under the same id, with the header x-replay; nobody else sees them.

    \b
    Examples:
      stint archive replay --from 2h --to-queue payments.on_deliverable_accepted
      stint archive replay --from 2026-11-22T04:00Z --type 'payment.*' --to-all --rate 50
    """
    targets = _targets(channel, to_queue, to_all)
    archive_ = Archive(broker.amqp_uri, channel.connection)
    counts = _count(chosen, archive_, targets)
    total = sum(counts.values())
    if not as_json:
        click.echo(f"{total} copies of archived events", err=True)
    if total:
        agree((f"  {n} to {queue}" for queue, n in sorted(counts.items())), yes)
        _send(channel, chosen.read(archive_), targets, rate)
    click.echo(json.dumps(dict(counts)) if as_json else f"{total} sent")


def _line(entry: Archived) -> str:
    event = entry.event
    return f"{entry.offset:>9}  {iso(event.time)}  {event.type:<30} {event.subject}  {event.id}"


def _targets(channel: Any, to_queue: str | None, to_all: bool) -> Mapping[str, list[str]]:
    """Queue names by the event types that each takes; raises Refusal where there is no such."""
    if bool(to_queue) == to_all:
        raise Refusal("say --to-queue QUEUE, or --to-all")
    known = _queues(read_handlers())
    if to_queue and to_queue not in known:
        raise Refusal(f"no handler reads {to_queue}; queues are named <service>.<handler>")
    chosen = {to_queue: known[to_queue]} if to_queue else known
    missing = sorted(set(chosen) - set(declared(channel.connection, *chosen)))
    if missing:
        raise Refusal(f"there is no queue {', '.join(missing)}: run `stint topology apply`")
    return chosen


def _queues(handlers: Handlers) -> dict[str, list[str]]:
    return {
        queue_name(service, handler): keys
        for service, heard in handlers.items()
        for handler, keys in heard.items()
    }


def _takers(targets: Mapping[str, list[str]]) -> Callable[[str], list[str]]:
    """The queues that take an event type."""
    return lambda type_: [q for q, keys in targets.items() if type_ in keys or EVERYTHING in keys]


def _count(chosen: Selection, archive_: Archive, targets: Mapping[str, list[str]]) -> Counter[str]:
    takers = _takers(targets)
    return Counter(q for entry in chosen.read(archive_) for q in takers(entry.event.type))


def _send(
    channel: Any, entries: Iterator[Archived], targets: Mapping[str, list[str]], rate: float
) -> None:
    takers, replayed = _takers(targets), iso(datetime.now(UTC))
    pace = Pace(rate, channel.connection.sleep)
    for entry in entries:
        for queue in takers(entry.event.type):
            pace.wait()
            about = _properties(entry, replayed)
            channel.basic_publish(REDELIVER, queue, entry.body, about, mandatory=True)


def _properties(entry: Archived, replayed: str) -> pika.BasicProperties:
    """As the relay sent it, less what belongs to the stream."""
    found = entry.properties
    return pika.BasicProperties(
        headers={"x-replay": replayed},
        delivery_mode=2,
        content_type=found.get("content_type", CONTENT_TYPE),
        message_id=found.get("message_id"),
        type=found.get("type"),
        app_id=found.get("app_id"),
    )


def _print_counts(counts: Counter[str], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(dict(sorted(counts.items()))))
        return
    table = Table("type", "events", title=f"{sum(counts.values())} events in {ARCHIVE}")
    for type_, count in sorted(counts.items()):
        table.add_row(type_, str(count))
    console().print(table)
