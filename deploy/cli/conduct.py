"""How a command behaves that changes much: it says what it will do, asks, keeps pace and count."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.cli.main import Refusal

WIDTH = 180  # characters that a table may take where nobody's window limits it

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
agreed = click.option("--yes", is_flag=True, help="Do it without asking.")
rate = click.option(
    "--rate",
    type=click.FloatRange(min=1),
    default=200.0,
    show_default=True,
    metavar="N",
    help="Messages a second at most, so that the services keep up with their usual work.",
)


def agree(plan: Iterable[str], yes: bool) -> None:
    """Say on stderr what will be done, and go on only with a yes; raises Refusal without one."""
    for line in plan:
        click.echo(line, err=True)
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refusal("nothing was done: say --yes where nobody can be asked")
    click.confirm("Do it?", abort=True, err=True)


class Pace:
    """At most `rate` a second, evenly. `sleep` is the connection's own, which keeps it alive."""

    def __init__(
        self,
        rate: float,
        sleep: Callable[[float], object] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gap, self._sleep, self._now = 1 / rate, sleep, now
        self._next = now()

    def wait(self) -> None:
        """Return when the next one may go; what was missed is not caught up on."""
        early = self._next - self._now()
        if early > 0:
            self._sleep(early)
        self._next = max(self._next, self._now()) + self._gap


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr where somebody looks on; yields `advance(by)`."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda by: bar.advance(task, by)


def console() -> Console:
    """For tables on stdout: wide enough for a pipe or a file."""
    found = Console()
    return found if found.is_terminal else Console(width=max(WIDTH, found.width))
