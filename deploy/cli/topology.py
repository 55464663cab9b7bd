"""`stint topology apply|diff`: the broker's exchanges and queues, as the contracts want them."""

import json
from collections.abc import Iterator
from typing import Any

import click

from deploy.cli.main import Refusal
from deploy.cli.management import Management, compare
from deploy.cli.partner_access import Access, open_to_partners
from deploy.cli.partner_examination import differences as partner_differences
from deploy.cli.partner_examination import look
from deploy.cli.settings import with_broker
from shared.config import Broker
from shared.topology import EVENTS, Mismatch, Topology, apply, plan, read_handlers, unbind

OURS = ("stint.", "rpc-")  # Besides the services' own names, what a leftover of ours begins with.


@click.group()
def topology() -> None:
    """Declare the exchanges and queues, or compare them with what the contracts want."""


@topology.command("apply")
@with_broker
def apply_command(broker: Broker) -> None:
    """Declare everything; what is there already stays as it is."""
    wanted = plan(read_handlers(), broker.ladder)
    try:
        apply(broker.amqp_uri, wanted)
        gone = stale_bindings(broker, wanted) if broker.management_uri else []
        unbind(broker.amqp_uri, gone)
    except Mismatch as exc:
        raise Refusal(f"{exc}; `stint topology diff` shows all") from None
    for source, queue, key in gone:
        click.echo(f"removed binding {source} -> {queue} ({key})")
    click.echo(f"{len(wanted.exchanges)} exchanges and {len(wanted.queues)} queues are in place")
    open_to_partners(broker)


@topology.command()
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
@with_broker
@click.pass_context
def diff(context: click.Context, broker: Broker, as_json: bool) -> None:
    """Print each difference, partners' included; exit code 1 when there is one."""
    found = list(differences(plan(read_handlers(), broker.ladder), _management(broker)))
    try:
        found += partner_differences(look(Access(broker)))
    except Refusal as exc:
        click.echo(f"what partners have was not looked at: {exc.message}", err=True)
    if as_json:
        click.echo(json.dumps(found))
    else:
        for line in found or ["the broker is as the contracts want it"]:
            click.echo(line)
    context.exit(1 if found else 0)


def differences(wanted: Topology, management: Management) -> Iterator[str]:
    """One line for each thing that is missing, different, or there without being wanted."""
    exchanges = {each["name"]: each for each in management.every("exchanges")}
    queues = {each["name"]: each for each in management.every("queues")}
    for exchange in wanted.exchanges:
        there = exchanges.get(exchange.name)
        expected = {"type": exchange.kind, "durable": True, "arguments": dict(exchange.arguments)}
        yield from compare(f"exchange {exchange.name}", expected, there)
    for queue in wanted.queues:
        expected = {"durable": True, "arguments": dict(queue.arguments)}
        yield from compare(f"queue {queue.name}", expected, queues.get(queue.name))
    yield from _binding_differences(wanted, management, set(queues))
    yield from _leftovers(wanted, exchanges, queues)


def stale_bindings(broker: Broker, wanted: Topology) -> list[tuple[str, str, str]]:
    """Events that still reach a queue of ours whose service no longer wants them."""
    names = {queue.name for queue in wanted.queues}
    extra = _bindings(_management(broker)) - _wanted_bindings(wanted)
    return sorted(each for each in extra if each[0] == EVENTS and each[1] in names)


def _binding_differences(
    wanted: Topology, management: Management, queues: set[str]
) -> Iterator[str]:
    names = {queue.name for queue in wanted.queues}
    expected, there = _wanted_bindings(wanted), _bindings(management)
    for source, queue, key in sorted(expected - there):
        if queue in queues:
            yield f"missing binding {source} -> {queue} ({key})"
    for source, queue, key in sorted(there - expected):
        if queue in names:
            yield f"leftover binding {source} -> {queue} ({key})"


def _leftovers(
    wanted: Topology, exchanges: dict[str, Any], queues: dict[str, Any]
) -> Iterator[str]:
    services = {queue.name.split(".")[0] for queue in wanted.queues if "." in queue.name}
    prefixes = (*OURS, *(f"{service}." for service in services))
    transient = {name for name, queue in queues.items() if queue.get("exclusive")}
    known = {queue.name for queue in wanted.queues} | {each.name for each in wanted.exchanges}
    for kind, there in (("exchange", exchanges), ("queue", queues)):
        for name in sorted(set(there) - known - transient):
            if name.startswith(prefixes):
                yield f"leftover {kind} {name}"


def _wanted_bindings(wanted: Topology) -> set[tuple[str, str, str]]:
    return {
        (exchange, queue.name, key) for queue in wanted.queues for exchange, key in queue.bindings
    }


def _bindings(management: Management) -> set[tuple[str, str, str]]:
    """As (exchange, queue, key), without the default exchange's own."""
    return {
        (each["source"], each["destination"], each["routing_key"])
        for each in management.every("bindings")
        if each["source"] and each["destination_type"] == "queue"
    }


def _management(broker: Broker) -> Management:
    if not broker.management_uri:
        raise Refusal("comparing needs MANAGEMENT_URI, the broker's management API")
    return Management(broker.management_uri, broker.amqp_uri)
