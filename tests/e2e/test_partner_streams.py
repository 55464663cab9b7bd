"""Partners' own programs, as processes: by AMQP, webhook and polling they get the same events."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from click.testing import CliRunner

from deploy.cli.main import main
from deploy.embedded.processes import free_ports
from deploy.embedded.stack import Stack
from tests.e2e.journey import Api, Journey, People
from tests.waiting import wait_until

EXAMPLES = Path(__file__).parents[2] / "examples" / "partner"
OLDER_SECRET = "whsec_dGhlIHNlY3JldCBiZWZvcmUgdGhlIGxhc3Qgb25l"


class Program:
    """One of the examples, with an inbox of its own; `env` names what it signs in with."""

    def __init__(self, name: str, folder: Path, env: dict[str, str], *arguments: str) -> None:
        self.inbox, self._log = folder / f"{name}.sqlite", folder / f"{name}.log"
        self._output = folder / f"{name}.out"
        self._command = [sys.executable, str(EXAMPLES / f"{name}.py"), "--inbox", str(self.inbox)]
        self._command += arguments
        self._env = {**os.environ, **env}

    def __enter__(self) -> "Program":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        with self._log.open("a") as log, self._output.open("a") as output:
            self.process = subprocess.Popen(
                self._command, env=self._env, stdin=subprocess.DEVNULL, stdout=output, stderr=log
            )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def end(self) -> int:
        """The code that it ends with by itself."""
        return self.process.wait(20)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._output.read_text().splitlines()]

    def ids(self) -> list[str]:
        """What it has kept, in the order of arrival."""
        with sqlite3.connect(self.inbox) as database, suppress(sqlite3.OperationalError):
            return [id_ for (id_,) in database.execute("SELECT id FROM events ORDER BY rowid")]
        return []

    def wait(self, ids: list[str]) -> None:
        wait_until(lambda: set(ids) <= set(self.ids()), 20, lambda: self._log.read_text()[-1500:])


class Party:
    """A company with a partner, and what this one is told."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.people = stack, People(stack.url)
        self.owner: Api = self.people.owner()
        self.id = str(self.owner.post("/v1/partners", {"name": "Applicant tracking"})["id"])
        self.path = f"/v1/partners/{self.id}"

    def stint(self, *arguments: str) -> Any:
        """`stint partner ARGUMENTS --json`; what it refuses is raised."""
        done = CliRunner(env=self.stack.environment).invoke(main, ["partner", *arguments])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout) if "--json" in arguments else done.stdout

    def publish(self) -> None:
        """One event more."""
        Journey(self.people, self.owner, self.owner).publish()

    def told(self, count: int) -> list[str]:
        """The ids of so many events at least, as they are kept for the partner."""
        found: list[str] = []

        def there() -> bool:
            found[:] = [event["id"] for event in self.owner.get(f"{self.path}/events")["items"]]
            return len(found) >= count

        wait_until(there, 20, "events that are kept")
        return found

    def subscriber(self, folder: Path, access: dict[str, str]) -> Program:
        env = {"STINT_AMQP_URI": access["uri"]}
        return Program("subscribe", folder, env, "--partner", self.id)

    def poller(self, folder: Path) -> Program:
        body = {"name": "poller", "scopes": ["list_partner_events"]}
        env = {"STINT_API_KEY": self.owner.post("/v1/api-keys", body)["key"]}
        asked = ("--url", self.stack.url, "--partner", self.id, "--once")
        return Program("poll", folder, env, *asked)

    def receiver(self, folder: Path) -> Program:
        (port,) = free_ports(1)
        address = f"http://127.0.0.1:{port}/hooks"
        made = self.owner.post(f"{self.path}/endpoints", {"url": address})
        env = {"STINT_WEBHOOK_SECRETS": f"{OLDER_SECRET},{made['secret']}"}
        self.hook = address
        return Program("receive", folder, env, "--port", str(port))


@pytest.fixture(scope="module")
def party(stack: Stack) -> Party:
    return Party(stack)


def test_a_stream_is_read_on_after_a_crash_a_lost_connection_and_a_new_password(
    stack: Stack, party: Party, tmp_path: Path
) -> None:
    party.publish()
    party.told(1)
    access = party.stint("create", party.id, "--json")
    with party.subscriber(tmp_path, access) as subscriber:
        subscriber.wait(party.told(1))  # What happened before it had a stream.

        subscriber.kill()
        party.publish()
        subscriber.start()
        subscriber.wait(party.told(2))

        drop_connections(stack)  # Also ours: nothing is lost on either side.
        party.publish()
        subscriber.wait(party.told(3))

        assert subscriber.ids() == party.told(3)
        newer = party.stint("rotate", party.id, "--json")
        party.stint("rotate", party.id, "--finish")
        assert subscriber.end() == 2  # Cut off, and told why.

    rows = {row["id"]: row for row in party.stint("ls", "--json")}
    assert rows[party.id]["users"] == [newer["user"]] != [access["user"]]
    wait_until(lambda: lacking(party) == 0, 10)


def test_all_three_ways_bring_the_same_events_and_nobody_else_s(
    stack: Stack, party: Party, tmp_path: Path
) -> None:
    other = Party(stack)
    access = other.stint("create", other.id, "--json")
    with ExitStack() as running:
        receiver = running.enter_context(other.receiver(tmp_path))
        subscriber = running.enter_context(other.subscriber(tmp_path, access))
        other.publish()
        told = other.told(1)
        subscriber.wait(told)
        receiver.wait(told)
        poller = running.enter_context(other.poller(tmp_path))
        assert poller.end() == 0

        assert subscriber.ids() == receiver.ids() == poller.ids() == told
        assert not set(told) & set(party.told(0))

        forged = requests.post(other.hook, json={"id": "x"}, timeout=10)
        assert (forged.status_code, receiver.ids()) == (401, told)
    other.stint("revoke", other.id, "--delete-stream", "--yes")
    assert other.stint("ls", "--json") != []


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "par-nobody"),
        ("create", "not.an.id"),
        ("rotate", "par-nobody"),
        ("revoke", "par-nobody", "--yes"),
        ("revoke", "par-nobody"),
    ],
)
def test_what_cannot_be_done_for_a_partner_is_said_in_one_line(
    stack: Stack, arguments: tuple[str, ...]
) -> None:
    done = CliRunner(env=stack.environment).invoke(main, ["partner", *arguments])

    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.strip().splitlines()[-1].startswith("Error: ")


def lacking(party: Party) -> int:
    rows = {row["id"]: row for row in party.stint("ls", "--json")}
    return int(rows[party.id]["lacking"])


def drop_connections(stack: Stack) -> None:
    """As a broker does that lost its network."""
    for row in stack.broker.api("GET", "vhosts/partners/connections"):
        with suppress(OSError):  # It went by itself meanwhile.
            stack.broker.api("DELETE", f"connections/{quote(row['name'], safe='')}")
