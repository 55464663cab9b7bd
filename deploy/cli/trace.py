"""`stint trace`: the story of one engagement across the services, told from the archive."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from deploy.cli.channel import with_channel
from deploy.cli.conduct import as_json, console
from deploy.cli.main import Refusal
from deploy.cli.selection import Selection, selecting
from deploy.cli.stream import Archive
from deploy.cli.times import in_words, iso
from shared.config import Broker
from shared.envelope import Event
from shared.topology import Handlers, read_handlers

EVERYTHING = "#"
LONGEST_FACTS = 48  # characters
UNTOLD = ("_id", "_at", "_version", "title")


@dataclass
class Story:
    """The events about one engagement, each once, in the order of their times.

    To it belongs what names the engagement, or the application that it grew from, and whatever
    shares a correlation with an event that names the engagement: its more distant effects.
    """

    engagement_id: str
    names: set[str] = field(default_factory=set)
    correlations: set[str] = field(default_factory=set)
    events: dict[str, Event] = field(default_factory=dict)
    repeats: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names.add(self.engagement_id)

    def learn(self, event: Event) -> None:
        """In a first reading: by which other names its events are known."""
        if self.engagement_id in _named(event):
            self.correlations.add(event.correlation_id)
            if application := event.data.get("application_id"):
                self.names.add(application)

    def hear(self, event: Event) -> None:
        """In a second reading: keep what belongs to it."""
        if event.id in self.events:
            self.repeats[event.id] = self.repeats.get(event.id, 0) + 1
        elif self.names & _named(event) or event.correlation_id in self.correlations:
            self.events[event.id] = event

    def mentions(self, body: bytes) -> bool:
        """Whether a body may be of interest, without decoding it."""
        return any(word.encode() in body for word in (*self.names, *self.correlations))

    def in_order(self) -> list[Event]:
        """By time; of the same time, causes before effects."""
        ordered: list[Event] = []
        waiting = sorted(self.events.values(), key=lambda event: (event.time, event.id))
        while waiting:
            ids = {event.id for event in waiting}
            first = next((e for e in waiting if e.causation_id not in ids - {e.id}), waiting[0])
            waiting.remove(first)
            ordered.append(first)
        return ordered


@click.command()
@click.argument("engagement_id")
@selecting
@as_json
@with_channel
def trace(
    broker: Broker, channel: Any, engagement_id: str, chosen: Selection, as_json: bool
) -> None:
    """Tell the story of ENGAGEMENT_ID across the services, from the archive.

    One line an event: its number, its time, how long after the one before, what happened, who
    announced it, who hears it, and because of which earlier event (or of whose request) it came to
    be. Reads the whole archive twice; --from and --to make that shorter.
    """
    archive = Archive(broker.amqp_uri, channel.connection)
    story = Story(engagement_id)
    for entry in archive.read(chosen.since, story.mentions):
        story.learn(entry.event)
    for entry in archive.read(chosen.since, story.mentions):
        if chosen.takes(entry.event):
            story.hear(entry.event)
    if not story.events:
        raise Refusal(f"the archive knows nothing of {engagement_id}")
    rows = _rows(story, read_handlers())
    if as_json:
        click.echo(json.dumps(rows))
    else:
        console().print(_table(story, rows, set(hearers(read_handlers(), EVERYTHING))))


def _rows(story: Story, handlers: Handlers) -> list[dict[str, Any]]:
    events = story.in_order()
    numbers = {event.id: number for number, event in enumerate(events, start=1)}
    before = events[0].time
    rows = []
    for event in events:
        cause = numbers.get(event.causation_id)
        rows.append(
            {
                "number": numbers[event.id],
                "time": iso(event.time),
                "after_ms": round((event.time - before) / timedelta(milliseconds=1)),
                "type": event.type,
                "subject": event.subject,
                "source": event.source,
                "heard_by": hearers(handlers, event.type),
                "because_of": cause if cause and event.causation_id != event.id else None,
                "causation_id": event.causation_id,
                "correlation_id": event.correlation_id,
                "id": event.id,
                "sent": 1 + story.repeats.get(event.id, 0),
                "data": event.data,
            }
        )
        before = event.time
    return rows


def hearers(handlers: Handlers, type_: str) -> list[str]:
    """The services that take an event of this type."""
    return [
        service
        for service, heard in handlers.items()
        if any(type_ in keys or EVERYTHING in keys for keys in heard.values())
    ]


def _named(event: Event) -> set[str]:
    """Whom it is about: its subject and the ids in its data."""
    ids = {value for value in event.data.values() if isinstance(value, str)}
    return ids | {event.subject.partition(":")[2]}


def _table(story: Story, rows: list[dict[str, Any]], taps: set[str]) -> Table:
    span = in_words(timedelta(milliseconds=sum(row["after_ms"] for row in rows)))
    start = rows[0]["time"].partition("T")[0]
    title = f"{story.engagement_id}, {start} (UTC): {len(rows)} events in {span}"
    if taps:
        title += f"; {', '.join(sorted(taps))} hears each"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("#", "time", "after", "event", "by", "heard by", "because of", "with"):
        table.add_column(name, justify="right" if name in ("#", "after") else "left")
    for row in rows:
        table.add_row(*_cells(story, row, start, taps))
    return table


def _cells(story: Story, row: dict[str, Any], start: str, taps: set[str]) -> tuple[str, ...]:
    date, _, clock = row["time"].removesuffix("+00:00").partition("T")
    again = f" ({row['sent']} x)" if row["sent"] > 1 else ""
    return (
        str(row["number"]),
        clock if date == start else f"{date} {clock}",
        in_words(timedelta(milliseconds=row["after_ms"]))
        if row["after_ms"] >= 1000
        else f"{row['after_ms']} ms",
        row["type"] + again,
        row["source"],
        ", ".join(one for one in row["heard_by"] if one not in taps),
        f"#{row['because_of']}" if row["because_of"] else _origin(story, row),
        _facts(row["data"]),
    )


def _origin(story: Story, row: Mapping[str, Any]) -> str:
    """What no event of the story has caused: a request, a due time, or an answer of the bank."""
    cause: str = row["causation_id"]
    if cause == row["id"]:
        return "time"
    if cause.startswith(f"{story.engagement_id}:"):
        return " ".join(cause.split(":")[1:4])  # An operation: its kind, number and outcome.
    return f"request {cause[:8]}"


def _facts(data: Mapping[str, Any]) -> str:
    """The short facts that are new at this step; ids and times are in the JSON."""
    told = {
        name: value
        for name, value in data.items()
        if not name.endswith(UNTOLD) and isinstance(value, str | int)
    }
    text = ", ".join(f"{name} {value}" for name, value in told.items())
    return text if len(text) <= LONGEST_FACTS else f"{text[: LONGEST_FACTS - 1]}…"
