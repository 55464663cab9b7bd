"""Queues that do not answer: quorum queues that have elected no leader, and never will.

A node that is killed within seconds of a queue's declaration has forgotten on disk whose log is the
queue's: it makes the queue anew and elects nobody. The management API then tells neither its state
nor its messages. It tells neither of a new queue or a node that has just started, for some seconds.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from amqp.exceptions import InternalError, NotFound
from kombu import Connection

from deploy.cli.examination import Finding, first, ok, unknown, wrong
from deploy.cli.main import Refusal

ANSWER_SECONDS = 5.0  # Of one queue; one without a leader may never answer.
MOST_SILENT = 3  # After so many the others are not asked: each takes its time.
LOOK_AGAIN = 1.0
PAGE = "queue-without-leader"
Row = dict[str, Any]
Rows = Callable[[], list[Row]]


def answering(
    uri: str, names: Sequence[str], connect: Callable[..., Any] = Connection
) -> tuple[dict[str, Any], list[str]]:
    """What the broker says (`message_count`, `consumer_count`) of those queues that there are, and
    which of them said nothing in time."""
    found: dict[str, Any] = {}
    silent: list[str] = []
    asked = iter(names)
    while len(silent) < MOST_SILENT:
        late = _ask(uri, asked, found, connect)
        if late is None:
            break
        silent.append(late)
    return found, silent


def _ask(
    uri: str, names: Iterator[str], found: dict[str, Any], connect: Callable[..., Any]
) -> str | None:
    """Over one connection, which is good for nothing more once an answer is late: that queue."""
    options = {"read_timeout": ANSWER_SECONDS, "write_timeout": ANSWER_SECONDS}
    with connect(uri, connect_timeout=5, transport_options=options) as line:
        channel = line.channel()
        for name in names:
            try:
                found[name] = channel.queue_declare(name, passive=True)
            except TimeoutError:
                return name
            except NotFound:
                channel = line.channel()  # There is no such queue.
            except InternalError:
                return name  # The broker itself has waited in vain, and ends the connection.
    return None


def examine_leaders(rows: Rows | None, silent: Sequence[str], patience: float) -> Finding:
    """Whether each quorum queue has a leader; `patience` in seconds, 0 leaves it at who is silent.

    `rows` asks the management API about all queues.
    """
    if rows is None or not patience:
        return _told(list(silent), []) if silent else ok("leaders", "every queue answers")
    try:
        found = _without_leader(rows, patience)
    except Refusal as exc:
        return unknown("leaders", exc.message)
    waiting = [row["name"] for row in found if _away(row)]
    return _told(sorted({row["name"] for row in found} - {*waiting} | {*silent}), waiting)


def _without_leader(rows: Rows, patience: float) -> list[Row]:
    """Looks again and again while there are any: new ones show themselves within seconds."""
    until = time.monotonic() + patience
    while True:
        found = [row for row in rows() if row.get("type") == "quorum" and not _led(row)]
        if not found or time.monotonic() >= until:
            return found
        time.sleep(LOOK_AGAIN)


def _led(row: Row) -> bool:
    return row.get("state") not in (None, "down", "minority", "stopped") and "messages" in row


def _away(row: Row) -> list[str]:
    """Nodes that have a part of it and do not run: it may be well once they do."""
    return sorted(set(row.get("members", ())) - set(row.get("online", ())))


def _told(lost: list[str], waiting: list[str]) -> Finding:
    if waiting:
        return wrong("leaders", f"{first(waiting)} waits for nodes that are away", "broker-down")
    if not lost:
        return ok("leaders", "every quorum queue has one")
    text = f"{first(lost)} has no leader and never will: delete it, then `stint topology apply`"
    return wrong("leaders", text, PAGE)
