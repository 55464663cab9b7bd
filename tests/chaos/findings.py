"""What a run has left behind, read from every database, every queue and the mail server."""

import re
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pika
import pymongo

from deploy.embedded.supervision import SERVICES
from tests.chaos.faults import Done
from tests.chaos.play import Played
from tests.chaos.stack import ChaosStack
from tests.outboxes import waiting

RELAYED = re.compile(r'^stint_relay_events\{what="(\w+)"\} ([\d.]+)', re.MULTILINE)
Row = dict[str, Any]
Databases = dict[str, Any]


@dataclass(frozen=True)
class Mailed:
    """A mail that the server took: to whom, when (seconds since the epoch)."""

    message_id: str
    to: str
    at: float


@dataclass
class Findings:
    """`relayed` is what the relays counted while nothing was wrong."""

    played: Sequence[Played] = ()
    faults: Sequence[Done] = ()
    relayed: Counter[str] = field(default_factory=Counter)
    poison: set[str] = field(default_factory=set)
    escrows: list[Row] = field(default_factory=list)
    charges: list[Row] = field(default_factory=list)
    journal: list[Row] = field(default_factory=list)
    credentials: list[Row] = field(default_factory=list)
    offers: list[Row] = field(default_factory=list)
    notifications: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    mails: list[Mailed] = field(default_factory=list)
    unrest: str = ""  # What was still under way when nobody would wait any longer.
    pending: dict[str, int] = field(default_factory=dict)  # Events in outboxes, by document.
    parked: list[tuple[str, str]] = field(default_factory=list)  # (queue, message id)


def gather(stack: ChaosStack, found: Findings) -> Findings:
    """Add what the stack holds to what the run already knows."""
    with databases(stack) as of:
        found.escrows = list(of["payments"]["escrows"].find())
        found.charges = list(of["payments"]["bank_charges"].find())
        found.journal = list(of["payments"]["journal"].find())
        found.credentials = list(of["applications"]["credentials"].find())
        found.offers = list(of["applications"]["hire_offers"].find())
        found.notifications = list(of["notifications"]["notifications"].find())
        found.events = list(of["notifications"]["events"].find())
        found.pending = dict(outboxes(of))
    found.mails = list(mails(stack))
    found.parked = list(parked(stack))
    return found


@contextmanager
def databases(stack: ChaosStack) -> Iterator[Databases]:
    with pymongo.MongoClient[Row](stack.database.uri, tz_aware=True) as client:
        yield {name: client[f"stint_{name}"] for name in SERVICES}


def outboxes(of: Databases) -> Iterator[tuple[str, int]]:
    """Documents whose events wait, of every collection there is."""
    for database in of.values():
        for name, id_, events in waiting(database):
            yield f"{database.name}.{name} {id_}", len(events)


def queues(stack: ChaosStack) -> dict[str, int]:
    """Messages per queue, those that consumers hold included."""
    rows = stack.broker.api("GET", "queues/%2F")
    return {row["name"]: int(row.get("messages", 0)) for row in rows}


def parked(stack: ChaosStack) -> Iterator[tuple[str, str]]:
    """What lies in the parked queues and where nobody takes it; reading it takes it out."""
    names = [n for n in queues(stack) if n.endswith(".parked") or n == "stint.unrouted"]
    with pika.BlockingConnection(pika.URLParameters(stack.broker.amqp_uri())) as connection:
        channel = connection.channel()
        for name in names:
            while (got := channel.basic_get(name, auto_ack=True))[0] is not None:
                yield name, str(got[1].message_id)


def mails(stack: ChaosStack) -> Iterator[Mailed]:
    for mail in stack.mail.messages():
        at = (stack.mail.folder / mail["file"]).stat().st_mtime
        for to in mail["to"]:
            yield Mailed(mail["message_id"], to, at)


def unsent(of: Databases) -> int:
    """Mails that are still to be sent."""
    return int(of["notifications"]["notifications"].count_documents({"mail": "pending"}))


def relayed(stack: ChaosStack) -> Counter[str]:
    """What the relays of all services have counted since each started."""
    counts: Counter[str] = Counter()
    for port in stack.services.health_ports.values():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            for what, number in RELAYED.findall(answer.read().decode()):
                counts[what] += int(float(number))
    return counts


@dataclass(frozen=True)
class UnderWay:
    """What has not come to rest: messages by queue, events by document, mails to send."""

    queues: dict[str, int]
    outboxes: dict[str, int]
    mails: int

    @property
    def only_mails(self) -> bool:
        return bool(self.mails) and not self.queues and not self.outboxes

    def __bool__(self) -> bool:
        return bool(self.queues or self.outboxes or self.mails)


def under_way(stack: ChaosStack) -> UnderWay:
    with databases(stack) as of:
        pending, letters = dict(outboxes(of)), unsent(of)
    waiting = {
        name: number
        for name, number in queues(stack).items()
        if number and not name.endswith((".parked", "stint.archive", "stint.unrouted"))
    }
    return UnderWay(waiting, pending, letters)


def under_way_for_long(stack: ChaosStack) -> UnderWay:
    """The same, looked at twice: the management API is up to a second behind."""
    now = under_way(stack)
    if not now:
        time.sleep(1.5)
        now = under_way(stack)
    return now
