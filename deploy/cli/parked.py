"""`stint parked ls|show|redrive|discard`: the messages that handlers gave up on."""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import click
import pika
from rich.console import Console
from rich.table import Table

from deploy.cli.main import Refusal
from deploy.cli.parked_queue import Parked, ParkedQueue, names
from deploy.cli.settings import with_broker
from shared.config import Broker
from shared.topology import rpc_name

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
every = click.option("--all", "every", is_flag=True, help="All messages of the queue.")


def with_channel(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its `broker` and a pika `channel`, on which every publish is confirmed."""

    @wraps(command)
    @with_broker
    def run(*args: Any, broker: Broker, **options: Any) -> Any:
        with _connect(broker.amqp_uri) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            return command(*args, broker=broker, channel=channel, **options)

    return run


@click.group()
def parked() -> None:
    """Look at parked messages, give them back to their handlers, or throw them away."""


@parked.command()
@as_json
@with_channel
def ls(broker: Broker, channel: Any, as_json: bool) -> None:
    """Count the parked messages of each queue, with their most frequent errors."""
    rows = []
    for name in names(broker, channel):
        queue = ParkedQueue.open(channel, name)
        if queue.count:
            errors = Counter(message.error for message in queue.peek(limit=1000))
            rows.append({"queue": name, "count": queue.count, "errors": dict(errors.most_common())})
    if as_json:
        click.echo(json.dumps(rows))
    elif not rows:
        click.echo("nothing is parked")
    else:
        _print_table(rows)


@parked.command()
@click.argument("queue")
@click.argument("message_id", required=False)
@as_json
@with_channel
def show(broker: Broker, channel: Any, queue: str, message_id: str | None, as_json: bool) -> None:
    """Show one message of a queue, or its first ones."""
    opened = _open(broker, channel, queue)
    found = list(_select(opened, message_id) if message_id else opened.peek(limit=20))
    facts = [message.as_dict() for message in found]
    if as_json:
        click.echo(json.dumps(facts[0] if message_id else facts, default=str))
        return
    for each in facts:
        for name, value in each.items():
            click.echo(f"{name:14} {value}")
        click.echo()


@parked.command()
@click.argument("queue")
@click.argument("message_id", required=False)
@every
@with_channel
def redrive(broker: Broker, channel: Any, queue: str, message_id: str | None, every: bool) -> None:
    """Give one message, or all of a queue, back to the handler, with all its attempts.

    Safe to interrupt: each leaves the parked queue only when it is back in the handler's.
    """
    opened = _open(broker, channel, queue)
    if opened.target.startswith(rpc_name("")):
        raise Refusal("calls are not run again: their callers are gone; show or discard them")
    if not opened.target_exists():
        raise Refusal(f"there is no queue {opened.target} to give them back to")
    moved = _for_each(opened, message_id, every, opened.redrive)
    click.echo(f"{moved} given back to {opened.target}")


@parked.command()
@click.argument("queue")
@click.argument("message_id", required=False)
@every
@click.option("--yes", is_flag=True, help="They cannot be had back: really.")
@with_channel
def discard(
    broker: Broker, channel: Any, queue: str, message_id: str | None, every: bool, yes: bool
) -> None:
    """Throw one message, or all of a queue, away for good."""
    opened = _open(broker, channel, queue)
    if not yes:
        raise Refusal("what is discarded is gone for good: say --yes")
    gone = _for_each(opened, message_id, every, opened.discard)
    click.echo(f"{gone} discarded from {opened.name}")


def _connect(uri: str) -> Any:
    logging.getLogger("pika").setLevel(
        logging.CRITICAL
    )  # It tells in seven lines what we do in one.
    try:
        return pika.BlockingConnection(pika.URLParameters(uri))
    except pika.exceptions.AMQPConnectionError as exc:
        raise Refusal(f"the broker does not answer: {exc!r}") from None


def _open(broker: Broker, channel: Any, name: str) -> ParkedQueue:
    wanted = name if name.endswith(".parked") else f"{name}.parked"
    if wanted not in names(broker, channel):
        raise Refusal(f"there is no parked queue {wanted}; `stint parked ls` shows what there is")
    return ParkedQueue.open(channel, wanted)


def _for_each(
    queue: ParkedQueue, message_id: str | None, every: bool, act: Callable[[Parked], None]
) -> int:
    if bool(message_id) == every:
        raise Refusal("name one message, or say --all")
    done = 0
    for message in _select(queue, message_id) if message_id else queue.peek():
        act(message)
        done += 1
    return done


def _select(queue: ParkedQueue, message_id: str) -> Iterator[Parked]:
    for message in queue.peek():
        if message.id == message_id:
            yield message
            return
    raise Refusal(f"there is no message {message_id} in {queue.name}")


def _print_table(rows: list[dict[str, Any]]) -> None:
    table = Table("queue", "messages", "errors")
    for row in rows:
        errors = "\n".join(f"{count} x {error}" for error, count in row["errors"].items())
        table.add_row(row["queue"], str(row["count"]), errors)
    Console().print(table)
