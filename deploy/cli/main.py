"""The `stint` command: one group, whose subcommands are imported only when they are asked for."""

import importlib
import importlib.util
import warnings
from typing import Any

import click

from deploy.embedded import state
from deploy.embedded.processes import EmbeddedError

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")  # Not the reader's matter.

# Each as module:attribute. A module that this installation lacks is a command that it lacks.
COMMANDS = {
    "run": "deploy.cli.stack:run",
    "stop": "deploy.cli.stack:stop",
    "status": "deploy.cli.stack:status",
    "topology": "deploy.cli.topology:topology",
    "parked": "deploy.cli.parked:parked",
    "outbox": "deploy.cli.outbox:outbox",
    "archive": "deploy.cli.archive:archive",
    "trace": "deploy.cli.trace:trace",
    "backup": "deploy.cli.backup:backup",
    "restore": "deploy.cli.restore:restore",
    "doctor": "deploy.cli.doctor:doctor",
    "partner": "deploy.cli.partner:partner",
    "review": "deploy.cli.review:review",
    "disputes": "deploy.cli.disputes:disputes",
    "funds": "deploy.cli.funds:funds",
    "ledger": "deploy.cli.ledger:ledger",
    "account": "services.gateway.cli:account",
    "mail": "services.notifications.cli:mail",
    "audit": "services.gateway.audit_cli:audit",
}
ABOUT_STACKS = ("run", "stop", "status")


class Refusal(click.ClickException):
    """What was asked for cannot be done here; one sentence, no stack trace."""

    exit_code = 2


class Commands(click.Group):
    """Subcommands by name, from COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, where in COMMANDS.items() if _exists(where.partition(":")[0])]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EmbeddedError as error:
            raise Refusal(str(error)) from None


@click.group(cls=Commands)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Run and operate Stint.

    Commands read where things are from the variables that services read: AMQP_URI, MANAGEMENT_URI,
    MONGO_URI, DATABASE_PREFIX, FILES_DIR. Without AMQP_URI they take the stack of `make run`. Exit
    code 2 means that nothing could be done; the reason is one line on stderr.
    """
    if ctx.invoked_subcommand not in ABOUT_STACKS:
        state.adopt_environment()


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
