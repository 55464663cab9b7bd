"""Which archived events a command is about: a span of time, some types."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from functools import wraps
from typing import Any

import click

from deploy.cli.main import Refusal
from deploy.cli.stream import Archive, Archived
from deploy.cli.times import Moment
from shared.envelope import Event

OPTIONS = (
    click.option(
        "--from",
        "since",
        type=Moment(),
        metavar="TIME",
        help="Events of that time or later: 2026-11-22T04:00Z, or 2h for two hours ago.",
    ),
    click.option("--to", "until", type=Moment(), metavar="TIME", help="Events before that time."),
    click.option(
        "--type",
        "types",
        multiple=True,
        metavar="TYPE",
        help="Only of this type, e.g. 'payment.*'; may be repeated.",
    ),
)


@dataclass(frozen=True)
class Selection:
    """Times are those that the events name; nothing given means everything."""

    since: datetime | None = None
    until: datetime | None = None
    types: tuple[str, ...] = ()

    def takes(self, event: Event) -> bool:
        return (
            (self.since is None or event.time >= self.since)
            and (self.until is None or event.time < self.until)
            and (not self.types or any(fnmatchcase(event.type, one) for one in self.types))
        )

    def read(self, archive: Archive) -> Iterator[Archived]:
        """The chosen entries, in the archive's order."""
        return (entry for entry in archive.read(self.since) if self.takes(entry.event))


def selecting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options and what is `chosen` by them."""

    @wraps(command)
    def run(
        *args: Any,
        since: datetime | None,
        until: datetime | None,
        types: tuple[str, ...],
        **options: Any,
    ) -> Any:
        if since and until and since >= until:
            raise Refusal("--from is not before --to")
        return command(*args, chosen=Selection(since, until, types), **options)

    for option in reversed(OPTIONS):
        run = option(run)
    return run
