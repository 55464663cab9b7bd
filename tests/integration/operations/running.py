"""A running stack: what is in it, when it is quiet, and one whose databases are filled first."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymongo

from deploy.embedded.processes import free_ports
from deploy.embedded.stack import Stack
from deploy.embedded.supervision import SERVICES
from shared.batch import SAVED_IN
from shared.batches import RECORDS
from shared.outbox import EARLIEST
from tests.e2e.journey import People
from tests.outboxes import waiting
from tests.waiting import wait_until

LADDER = "200ms,500ms,1s,2s,5s,10s"  # Who is made by a command is introduced seconds later.
BOOKKEEPING = ("handled", "outbox", SAVED_IN)
ENDS = ("ok", "duplicate", "parked")
Contents = dict[str, dict[str, Any]]


@dataclass
class Place:
    """A running stack and who plays on it."""

    stack: Stack
    people: People

    def stint(self, *arguments: str, code: int = 0) -> str:
        done = self.stack.run_command(*arguments)
        assert done.returncode == code, done.stderr + done.stdout
        return done.stdout

    def contents(self) -> Contents:
        """Every document by collection and id, without what only says which messages came."""
        with self._client() as client:
            return {
                f"{database}.{name}": {
                    document["_id"]: {k: v for k, v in document.items() if k not in BOOKKEEPING}
                    for document in client[database][name].find()
                }
                for database in sorted(client.list_database_names())
                if database.startswith("stint_")
                for name in client[database].list_collection_names()
                if name != RECORDS
            }

    def handled(self) -> int:
        """How many messages the services have finished with."""
        lines = (
            json.loads(line)
            for name in SERVICES
            for line in (self.stack.services.logs / f"{name}.log").read_text().splitlines()
            if '"handled"' in line and line.startswith("{")
        )
        return sum(line.get("outcome") in ENDS for line in lines)

    def addresses(self) -> list[str]:
        ports = self.stack.services.health_ports
        return [f"--service={name}=http://127.0.0.1:{port}" for name, port in ports.items()]

    def wait_quiet(self) -> None:
        """Until everybody has heard everything: nothing waits anywhere."""
        wait_until(lambda: self._quiet(), 60, lambda: self.stint("doctor", "--json"))

    def _quiet(self) -> bool:
        rows = self.stack.broker.api("GET", "queues/%2F")
        if any(row.get("messages", 0) for row in rows if row["name"] != "stint.archive"):
            return False
        with self._client() as client:
            mails = client["stint_notifications"]["notifications"]
            unsent = mails.count_documents({"due_at": {"$gt": EARLIEST}})
            return not unsent and not self._stragglers(client) and not self._pending(client)

    def _pending(self, client: Any) -> bool:
        return any(any(waiting(client[f"stint_{service}"])) for service in SERVICES)

    def _stragglers(self, client: Any) -> int:
        """Closed projects that are looked at once more a minute later: a change of their own."""
        closed = {"due_at": {"$gt": EARLIEST}, "close_reason": {"$gt": ""}}
        return int(client["stint_applications"]["project_cards"].count_documents(closed))

    def _client(self) -> pymongo.MongoClient[Any]:
        return pymongo.MongoClient(self.stack.database.uri)


class Restored(Stack):
    """A stack whose empty databases are filled before its services start."""

    backup: Path
    said = ""

    def _start_ground(self) -> None:
        super()._start_ground()
        self.http_port = self._pick_http_port()
        done = self.run_command("restore", str(self.backup))
        assert done.returncode == 0, done.stderr + done.stdout
        self.said = done.stdout


@contextmanager
def running(root: Path, kind: type[Stack] = Stack, **env: str) -> Iterator[Place]:
    (http_port,) = free_ports(1)
    more = {
        "RETRY_LADDER": LADDER,
        "HTTP_PORT": str(http_port),
        "RATE_LIMIT": "100000/minute",
        "SIGN_IN_LIMIT": "100000/minute",
        **env,
    }
    with kind(root, fresh=True, env=more) as stack:
        yield Place(stack, People(stack.url))
