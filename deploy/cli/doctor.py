"""`stint doctor`: is everything well? One line for each thing that has to be."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain

import click

from deploy.cli.broker_examination import examine_broker
from deploy.cli.conduct import as_json
from deploy.cli.examination import (
    Finding,
    State,
    examine_databases,
    examine_service,
    open_streams,
    unknown,
)
from deploy.cli.times import Age
from deploy.embedded import state
from shared import config

COLOURS = {State.OK: "green", State.WRONG: "red", State.UNKNOWN: "yellow"}


@click.command()
@click.option(
    "--lag", type=click.IntRange(min=0), default=1000, show_default=True, metavar="N",
    help="Messages that may wait in one queue.",
)  # fmt: skip
@click.option(
    "--outbox-age", type=Age(), default="60s", show_default=True, metavar="AGE",
    help="How long an event may wait in its outbox.",
)  # fmt: skip
@click.option(
    "--skew", type=Age(), default="2s", show_default=True, metavar="AGE",
    help="How far the database's clock may be from this machine's.",
)  # fmt: skip
@click.option(
    "--service", "services", multiple=True, metavar="NAME=URL", envvar="STINT_HEALTH",
    help="A service's health address, e.g. payments=http://payments:8080; may be repeated, and "
    "STINT_HEALTH may name them. Those of a stack that `stint run` started are known.",
)  # fmt: skip
@click.option(
    "--election", type=Age(), default="15s", show_default=True, metavar="AGE",
    envvar="STINT_ELECTION",
    help="How long a queue may show no leader, as new ones do; 0s does not wait for them.",
)  # fmt: skip
@click.option("--data", is_flag=True, help="Also walk through all data for what does not fit.")
@as_json
@click.pass_context
def doctor(
    context: click.Context,
    lag: int,
    outbox_age: timedelta,
    skew: timedelta,
    election: timedelta,
    services: tuple[str, ...],
    data: bool,
    as_json: bool,
) -> None:
    """Look at broker, database, clocks, topology, queues, partners, outboxes and services.

    One line for each: ok, wrong, or unknown where it cannot be asked (MANAGEMENT_URI tells more
    of the broker). A wrong line names the runbook in deploy/runbooks/ that says what to do. Exit
    code 1 when something is wrong. Changes nothing.
    """
    addresses = _addresses(services)
    found = []
    broker = examine_broker(config.read_broker(), lag, election.total_seconds(), open_streams())
    for finding in chain(broker, _others(outbox_age, skew, addresses, data)):
        found.append(finding)
        if not as_json:
            _tell(finding)
    if as_json:
        click.echo(json.dumps([finding.as_dict() for finding in found]))
    context.exit(1 if any(finding.state is State.WRONG for finding in found) else 0)


def _others(
    outbox_age: timedelta, skew: timedelta, addresses: dict[str, str], data: bool
) -> Iterator[Finding]:
    yield from examine_databases(outbox_age, skew, data)
    for name, address in addresses.items():
        yield examine_service(name, address)
    if not addresses:
        yield unknown("services", "no health address is known: --service NAME=URL")


def _tell(finding: Finding) -> None:
    state_ = click.style(f"{finding.state:<8}", fg=COLOURS[finding.state])
    page = f" -> deploy/runbooks/{finding.runbook}.md" if finding.runbook else ""
    click.echo(f"{state_} {finding.name:<14}{finding.text}{page}")


def _addresses(given: tuple[str, ...]) -> dict[str, str]:
    """Health addresses by service: those given, else those of the stack that is looked at."""
    if wrong := next((one for one in given if "=" not in one), None):
        raise click.BadParameter(f"{wrong!r} is not NAME=URL", param_hint="--service")
    return dict(one.split("=", 1) for one in given) or dict(_of_stack())


def _of_stack() -> Iterator[tuple[str, str]]:
    uri = os.environ.get("AMQP_URI")
    for stack in state.running().values():
        if stack["environment"]["AMQP_URI"] == uri:
            for name, port in stack["health_ports"].items():
                yield name, f"http://127.0.0.1:{port}"
