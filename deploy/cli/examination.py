"""What `stint doctor` tells, and how it looks at the services and the databases."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from pymongo.errors import PyMongoError

from deploy.cli.consistency import lasting_complaints
from deploy.cli.databases import Databases, open_databases, reason
from deploy.cli.main import Refusal
from deploy.cli.outbox import waiting
from deploy.cli.times import in_words
from shared import clock

HEALTH_SECONDS = 3
SHOWN = 3


class State(StrEnum):
    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """One line; `runbook` is the page of deploy/runbooks/ that says what to do."""

    name: str
    state: State
    text: str
    runbook: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def ok(name: str, text: str) -> Finding:
    return Finding(name, State.OK, text)


def wrong(name: str, text: str, runbook: str = "") -> Finding:
    return Finding(name, State.WRONG, text, runbook)


def unknown(name: str, text: str) -> Finding:
    return Finding(name, State.UNKNOWN, text)


def first(lines: Sequence[str], between: str = ", ") -> str:
    """As many of them as a line has room for, and how many more there are."""
    more = f" and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return between.join(lines[:SHOWN]) + more


def examine_service(name: str, address: str) -> Finding:
    """Whether a service says that it is ready, or which of its checks does not hold."""
    try:
        with urllib.request.urlopen(f"{address}/health/ready", timeout=HEALTH_SECONDS):
            return ok(name, "ready")
    except urllib.error.HTTPError as exc:
        return wrong(name, f"not ready: {_failing(exc.read()) or exc.reason}")
    except (OSError, http.client.HTTPException, ValueError) as exc:
        return wrong(name, f"does not answer at {address}: {reason(exc)}")


def _failing(body: bytes) -> str:
    try:
        return ", ".join(check for check, holds in json.loads(body).items() if not holds)
    except (ValueError, AttributeError):
        return ""


def examine_databases(outbox_age: timedelta, skew: timedelta, data: bool) -> Iterator[Finding]:
    """Whether the database answers, its clock, the outboxes; with `data`, whether all fits."""
    try:
        databases = open_databases()
    except Refusal as exc:
        yield unknown("database", exc.message)
        return
    with databases.client:
        answer, found = _answers(databases)
        yield found
        if answer is None:
            yield unknown("outboxes", "the database is away")
            return
        yield _clock(answer, skew)
        try:
            yield _outboxes(databases, outbox_age)
            if data:
                yield _data(databases)
        except PyMongoError as exc:
            yield wrong("outboxes", f"the database broke off: {reason(exc)}", "database-down")


def open_streams() -> list[str]:
    """Partners to whom events are to be brought over AMQP, as far as the database tells."""
    try:
        databases = open_databases()
        with databases.client:
            streams = databases.of("notifications")["streams"].find({"open": True}, {"_id": 1})
            return [str(stream["_id"]) for stream in streams]
    except (Refusal, PyMongoError):
        return []


def _answers(databases: Databases) -> tuple[timedelta | None, Finding]:
    """How far its clock is ahead of ours, where it answers."""
    began = datetime.now(UTC)
    try:
        hello: dict[str, Any] = databases.client.admin.command("hello")
        count = len(databases.services())
    except PyMongoError as exc:
        return None, wrong("database", f"does not answer: {reason(exc)}", "database-down")
    took = datetime.now(UTC) - began
    ahead = hello["localTime"].replace(tzinfo=UTC) - (began + took / 2)
    milliseconds = took / timedelta(milliseconds=1)
    return ahead, ok("database", f"answers in {milliseconds:.0f} ms; {count} services' databases")


def _clock(ahead: timedelta, skew: timedelta) -> Finding:
    milliseconds = abs(ahead) / timedelta(milliseconds=1)
    where = "ahead of" if ahead > timedelta() else "behind"
    text = f"the database is {milliseconds:,.0f} ms {where} this machine"
    return ok("clock", text) if abs(ahead) <= skew else wrong("clock", text)


def _outboxes(databases: Databases, limit: timedelta) -> Finding:
    count, oldest = 0, None
    for one in waiting(databases):
        count += len(one.events)
        oldest = one if oldest is None or one.since < oldest.since else oldest
    if oldest is None:
        return ok("outboxes", "no event waits")
    age = clock.now() - oldest.since
    text = f"{count} events wait, the oldest for {in_words(age)}: {oldest.service} {oldest.id}"
    return wrong("outboxes", text, "old-outbox") if age > limit else ok("outboxes", text)


def _data(databases: Databases) -> Finding:
    began, found = time.monotonic(), lasting_complaints(databases)
    if not found:
        return ok("data", f"everything fits; read in {time.monotonic() - began:.1f} s")
    return wrong("data", first(found, "; "), "stuck-payout")
