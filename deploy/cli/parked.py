"""`stint parked ls|show|redrive|discard`: the messages that handlers gave up on."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import click
from rich.table import Table

from deploy.cli.channel import with_channel
from deploy.cli.conduct import Pace, agree, agreed, as_json, console, progress, rate
from deploy.cli.main import Refusal
from deploy.cli.parked_choice import Choice, Summary, choosing
from deploy.cli.parked_queue import Parked, ParkedQueue, names
from deploy.cli.times import in_words, iso
from shared.config import Broker
from shared.topology import rpc_name

CALLS = rpc_name("")
SHOWN = 20

every = click.option("--all", "every", is_flag=True, help="All messages: of QUEUE, or of every.")
queue_argument = click.argument("queue", required=False)
message_argument = click.argument("message_id", required=False)


@click.group()
def parked() -> None:
    """Look at parked messages, give them back to their handlers, or throw them away.

    A message is parked when its handler can never take it (it breaks its contract, or a rule), or
    has failed on every step of the retry ladder. It waits in <queue>.parked, byte for byte, with
    the error, the number of attempts and the time of the first failure, until somebody decides.

    Redriving is safe at any time: a handler that has done the work before does nothing. Mend the
    cause first: deploy/runbooks/parked-messages.md.
    """


@parked.command()
@choosing
@as_json
@with_channel
def ls(broker: Broker, channel: Any, choice: Choice, as_json: bool) -> None:
    """Count the parked messages of each queue, with their types, errors and age."""
    found = _summaries(channel, names(broker, channel), choice)
    if as_json:
        click.echo(json.dumps([_facts(each) for each in found]))
    elif not found:
        click.echo("nothing is parked")
    else:
        _print_table(found)


@parked.command()
@click.argument("queue")
@message_argument
@choosing
@as_json
@with_channel
def show(broker: Broker, channel: Any, queue: str, choice: Choice, as_json: bool) -> None:
    """Show one message of QUEUE, or the first 20 that the filters let pass."""
    opened = _open(broker, channel, queue)
    facts = [message.as_dict() for message in islice(choice.of(opened), SHOWN)]
    if choice.message_id and not facts:
        raise Refusal(f"there is no message {choice.message_id} in {opened.name}")
    if as_json:
        click.echo(json.dumps(facts[0] if choice.message_id else facts, default=str))
        return
    for each in facts:
        for name, value in each.items():
            click.echo(f"{name:14} {value}")
        click.echo()


@parked.command()
@queue_argument
@message_argument
@every
@choosing
@rate
@agreed
@with_channel
def redrive(
    broker: Broker,
    channel: Any,
    queue: str | None,
    choice: Choice,
    every: bool,
    rate: float,
    yes: bool,
) -> None:
    """Give messages back to their handler, with all their attempts before them.

    Name one message of a QUEUE; or take --all of a QUEUE, or --all of every queue; or let filters
    choose. What will be done is said first. Safe to interrupt and to repeat: each message leaves
    the parked queue only when it is back in the handler's.

    \b
    Examples:
      stint parked redrive payments.on_deliverable_accepted --all
      stint parked redrive --error 'bank-away' --newer-than 2h --rate 50
    """
    opened = _chosen_queues(broker, channel, queue, choice, every)
    for one in opened:
        _require_target(one)
    plan = _summaries(channel, [each.name for each in opened], choice)
    _tell_of_none(plan, choice)
    if plan and not choice.message_id:
        agree(_plan(plan, "will be given back to {queue.target}"), yes)
    for each in plan:
        moved = _move(each, choice, rate, each.queue.redrive)
        click.echo(f"{moved} given back to {each.queue.target}")


@parked.command()
@queue_argument
@message_argument
@every
@choosing
@rate
@click.option("--yes", is_flag=True, help="They cannot be had back: really.")
@with_channel
def discard(
    broker: Broker,
    channel: Any,
    queue: str | None,
    choice: Choice,
    every: bool,
    rate: float,
    yes: bool,
) -> None:
    """Throw messages away for good; what to name is as for `redrive`.

    The archive keeps its own copy of each event for 30 days: `stint archive replay`.
    """
    opened = _chosen_queues(broker, channel, queue, choice, every)
    plan = _summaries(channel, [each.name for each in opened], choice)
    _tell_of_none(plan, choice)
    if plan:
        agree(_plan(plan, "will be gone for good"), yes)
    for each in plan:
        gone = _move(each, choice, rate, each.queue.discard)
        click.echo(f"{gone} discarded from {each.queue.name}")


def _chosen_queues(
    broker: Broker, channel: Any, queue: str | None, choice: Choice, every: bool
) -> list[ParkedQueue]:
    if bool(choice.message_id) + every + choice.filters != 1 and not (every and choice.filters):
        raise Refusal("name one message, say --all, or say which by --type, --error or an age")
    if queue:
        return [_open(broker, channel, queue)]
    opened = [ParkedQueue.open(channel, name) for name in names(broker, channel)]
    return [each for each in opened if not each.target.startswith(CALLS)]


def _require_target(queue: ParkedQueue) -> None:
    if queue.target.startswith(CALLS):
        raise Refusal("calls are not run again: their callers are gone; show or discard them")
    if queue.count and not queue.target_exists():
        raise Refusal(f"there is no queue {queue.target} to give them back to")


def _tell_of_none(plan: list[Summary], choice: Choice) -> None:
    if choice.message_id and not plan:
        raise Refusal(f"there is no message {choice.message_id} there")
    if not plan:
        click.echo("nothing that is parked is chosen", err=True)


def _open(broker: Broker, channel: Any, name: str) -> ParkedQueue:
    wanted = name if name.endswith(".parked") else f"{name}.parked"
    if wanted not in names(broker, channel):
        raise Refusal(f"there is no parked queue {wanted}; `stint parked ls` shows what there is")
    return ParkedQueue.open(channel, wanted)


def _summaries(channel: Any, queues: list[str], choice: Choice) -> list[Summary]:
    """Of the queues that hold anything that is chosen."""
    with progress("reading what is parked", len(queues)) as advance:
        found = []
        for name in queues:
            found.append(Summary.of(ParkedQueue.open(channel, name), choice))
            advance(1)
    return [each for each in found if each.count]


def _plan(plan: list[Summary], fate: str) -> Iterator[str]:
    for each in plan:
        yield f"{each.count} messages of {each.queue.name} {fate.format(queue=each.queue)}:"
        for error, count in each.errors.most_common():
            yield f"  {count} x {error}"


def _move(summary: Summary, choice: Choice, rate: float, act: Callable[[Parked], None]) -> int:
    queue, done = summary.queue, 0
    pace = Pace(rate, queue.channel.connection.sleep)
    with progress(queue.name, summary.count) as advance:
        for message in choice.of(queue):
            pace.wait()
            act(message)
            done += 1
            advance(1)
    return done


def _facts(summary: Summary) -> dict[str, Any]:
    return {
        "queue": summary.queue.name,
        "count": summary.count,
        "errors": dict(summary.errors.most_common()),
        "types": dict(summary.types.most_common()),
        "oldest": iso(summary.oldest) if summary.oldest else None,
    }


def _print_table(found: list[Summary]) -> None:
    table = Table("queue", "messages", "oldest", "types", "errors")
    now = datetime.now(UTC)
    for each in found:
        age = in_words(now - each.oldest) if each.oldest else "-"
        errors = "\n".join(f"{count} x {error}" for error, count in each.errors.most_common())
        types = "\n".join(f"{count} x {type_}" for type_, count in each.types.most_common())
        table.add_row(each.queue.name, str(each.count), age, types, errors)
    console().print(table)
