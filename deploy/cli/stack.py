"""`stint run`, `stop` and `status`: the embedded stack of this checkout."""

import json
import signal
import sys
import time
from pathlib import Path

import click

from deploy.embedded import state
from deploy.embedded.stack import Stack, to_stderr

LOOK_SECONDS = 0.5


@click.command()
@click.option("--fresh", is_flag=True, help="Throw away the data of earlier runs first.")
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    default=state.STACKS / "run",
    help="The folder of its data, logs and mail.",
)
def run(root: Path, fresh: bool) -> None:
    """Run the six services and all they need until Ctrl-C."""
    leave_on_signals()
    with Stack(root, fresh=fresh) as stack:
        for name, address in stack.addresses.items():
            click.echo(f"{name:<10}{address}")
        click.echo("Ctrl-C stops everything; new mail is listed below.")
        try:
            _watch(stack)
        except KeyboardInterrupt:
            to_stderr("stopping")


def leave_on_signals() -> None:
    """Let a polite kill, or the terminal's end, clean up as Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))


def _watch(stack: Stack) -> None:
    seen = len(stack.mail.messages())
    while not (complaint := stack.complaint()):
        messages = stack.mail.messages()
        for mail in messages[seen:]:
            click.echo(f"mail      {', '.join(mail['to'])}: {mail['subject']}")
        seen = len(messages)
        time.sleep(LOOK_SECONDS)
    raise click.ClickException(complaint)


@click.command()
@click.option("--root", type=click.Path(path_type=Path), help="Only the stack of this folder.")
def stop(root: Path | None) -> None:
    """End every stack of this checkout, also what a crash has left."""
    if root:
        state.stop(root)
    else:
        state.stop_all(to_stderr)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Everything, for programs.")
def status(as_json: bool) -> None:
    """Say which stacks run, and where they answer."""
    stacks = state.running()
    if as_json:
        click.echo(json.dumps(stacks, indent=2))
        return
    if not stacks:
        click.echo("nothing runs")
    for name, stack in stacks.items():
        click.echo(f"{name} (pid {stack['owner']})")
        for what, address in stack["addresses"].items():
            click.echo(f"  {what:<10}{address}")
