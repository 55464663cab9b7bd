"""Which parked messages a command is about: one, all of a queue, or those that filters let pass."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import wraps
from typing import Any

import click

from deploy.cli.main import Refusal
from deploy.cli.parked_queue import Parked, ParkedQueue
from deploy.cli.times import Age

OPTIONS = (
    click.option(
        "--type",
        "types",
        multiple=True,
        metavar="TYPE",
        help="Only of this type, e.g. 'payment.*'; may be repeated.",
    ),
    click.option("--error", metavar="TEXT", help="Only where the error has this text in it."),
    click.option("--older-than", type=Age(), metavar="AGE", help="Only what failed before that."),
    click.option("--newer-than", type=Age(), metavar="AGE", help="Only what failed since then."),
)


@dataclass(frozen=True)
class Choice:
    """Ages count from the first failure; a message that names none passes no age filter."""

    message_id: str | None = None
    types: tuple[str, ...] = ()
    error: str | None = None
    older_than: timedelta | None = None
    newer_than: timedelta | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def filters(self) -> bool:
        """Whether it says anything besides the message's id."""
        return bool(self.types or self.error or self.older_than or self.newer_than)

    def takes(self, message: Parked) -> bool:
        return (
            self.message_id in (None, message.id)
            and (not self.types or any(fnmatchcase(message.type, one) for one in self.types))
            and (not self.error or self.error.lower() in message.error.lower())
            and self._takes_age(message.since)
        )

    def of(self, queue: ParkedQueue) -> Iterator[Parked]:
        """The messages of the queue that it takes, in order; a single one ends the search."""
        for message in queue.peek():
            if self.takes(message):
                yield message
                if self.message_id:
                    return

    def _takes_age(self, since: datetime | None) -> bool:
        if self.older_than is None and self.newer_than is None:
            return True
        if since is None:
            return False
        age = self.now - since
        old = self.older_than is None or age >= self.older_than
        return old and (self.newer_than is None or age <= self.newer_than)


@dataclass
class Summary:
    """What is chosen of one queue."""

    queue: ParkedQueue
    count: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    oldest: datetime | None = None

    @classmethod
    def of(cls, queue: ParkedQueue, choice: Choice) -> "Summary":
        found = cls(queue)
        for message in choice.of(queue):
            found.count += 1
            found.errors[message.error] += 1
            found.types[message.type] += 1
            if message.since:
                found.oldest = min(found.oldest or message.since, message.since)
        return found


def choosing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the filter options and its `choice`; its `message_id` is part of it."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> Any:
        names = ("message_id", "types", "error", "older_than", "newer_than")
        given = {name: options.pop(name) for name in names if name in options}
        choice = Choice(**given)
        if choice.message_id and choice.filters:
            raise Refusal("one message needs no filter")
        return command(*args, choice=choice, **options)

    for option in reversed(OPTIONS):
        run = option(run)
    return run
