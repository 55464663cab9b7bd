"""The operators' commands on a running stack: nothing changes that should not, and life goes on."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymongo
import pytest

from deploy.embedded.processes import free_ports
from deploy.embedded.stack import Stack
from deploy.embedded.supervision import SERVICES
from shared.outbox import EARLIEST
from tests.e2e.journey import Api, Journey, People, status
from tests.servers import SHORT_LADDER, coverage_environment
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(600)

BOOKKEEPING = ("handled", "outbox")
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
            }

    def forget_messages(self) -> None:
        """As if every message had been handled long ago: its id is nowhere any more."""
        with self._client() as client:
            for name in SERVICES:
                database = client[f"stint_{name}"]
                for collection in database.list_collection_names():
                    known = {"handled": {"$exists": True}}
                    database[collection].update_many(known, {"$set": {"handled": []}})

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

    @contextmanager
    def services_stopped(self) -> Iterator[None]:
        with ThreadPoolExecutor() as pool:
            list(pool.map(self.stack.services.stop_one, SERVICES))
        yield
        for name in SERVICES:
            self.stack.services.start_one(name)
        for name in SERVICES:
            self.stack.wait_service(name, 120)

    def _quiet(self) -> bool:
        rows = self.stack.broker.api("GET", "queues/%2F")
        if any(row.get("messages", 0) for row in rows if row["name"] != "stint.archive"):
            return False
        with self._client() as client:
            mails = client["stint_notifications"]["notifications"]
            unsent = mails.count_documents({"due_at": {"$gt": EARLIEST}})
            return not unsent and not self._stragglers(client) and not self._pending(client)

    def _pending(self, client: Any) -> bool:
        return any(
            client[f"stint_{service}"][name].find_one({"outbox.at": {"$gt": EARLIEST}})
            for service in SERVICES
            for name in client[f"stint_{service}"].list_collection_names()
        )

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
        "RETRY_LADDER": SHORT_LADDER,
        "HTTP_PORT": str(http_port),
        "RATE_LIMIT": "100000/minute",
        "SIGN_IN_LIMIT": "100000/minute",
        **coverage_environment(),
        **env,
    }
    with kind(root, fresh=True, env=more) as stack:
        yield Place(stack, People(stack.url))


@pytest.fixture(scope="module")
def clock(servers_folder: Path) -> Path:
    """The file that moves the clock of every stack of this module."""
    file = servers_folder / "operations-clock"
    file.write_text("0")
    return file


@pytest.fixture(scope="module")
def place(servers_folder: Path, clock: Path) -> Iterator[Place]:
    with running(servers_folder / "operations", CLOCK_OFFSET_FILE=str(clock)) as place:
        yield place


@pytest.fixture(scope="module")
def finished(place: Place, clock: Path) -> Journey:
    """From the brief to the accepted hire offer, all of it heard by everybody."""
    journey = Journey.of(place.people).to_submitted().evaluate()
    journey.paid()
    offer = journey.offer()
    journey.candidate.until("/v1/credentials", lambda page: page["items"], "the credential")
    journey.candidate.post(f"/v1/hire-offers/{offer['id']}/accept")
    clock.write_text("120")
    place.wait_quiet()
    return journey


def replay_everything(place: Place) -> None:
    before = place.handled()
    sent = json.loads(
        place.stint("archive", "replay", "--to-all", "--yes", "--json", "--rate", "1000")
    )
    assert sum(sent.values()) > 40
    wait_until(lambda: place.handled() >= before + sum(sent.values()), 120, "handling the copies")
    place.wait_quiet()


def assert_same(before: Contents, after: Contents) -> None:
    """Compared one by one, so that a difference is told in a few words."""
    for collection in before.keys() | after.keys():
        was, is_ = before.get(collection, {}), after.get(collection, {})
        assert was.keys() == is_.keys(), collection
        for id_, document in was.items():
            assert document == is_[id_], f"{collection} {id_}"


@pytest.mark.parametrize("long_ago", [False, True], ids=["at-once", "when-all-ids-are-forgotten"])
def test_replaying_the_whole_archive_into_every_service_changes_nothing(
    place: Place, finished: Journey, long_ago: bool
) -> None:
    """Nor when no document remembers any more which messages it has handled."""
    if long_ago:
        with place.services_stopped():
            place.forget_messages()
    before, mails = place.contents(), place.stack.mail.messages()
    archived = place.stint("archive", "ls", "--count", "--json")

    replay_everything(place)

    assert_same(before, place.contents())
    assert place.stack.mail.messages() == mails
    assert place.stint("archive", "ls", "--count", "--json") == archived
    assert place.stint("parked", "ls") == "nothing is parked\n"


def test_the_story_of_a_journey_is_told_across_the_services(
    place: Place, finished: Journey
) -> None:
    rows = json.loads(place.stint("trace", finished.engagement_id, "--json"))

    types = [row["type"].removesuffix(".v1") for row in rows]
    road = ["application.submitted", "application.accepted", "payment.funded", "engagement.opened"]
    road += ["engagement.started", "deliverable.submitted", "deliverable.accepted"]
    road += ["payout.released", "payout.paid", "hire-offer.accepted"]
    assert [type_ for type_ in types if type_ in road] == road
    numbers = {row["type"].removesuffix(".v1"): row["number"] for row in rows}
    causes = {row["type"].removesuffix(".v1"): row["because_of"] for row in rows}
    assert causes["payout.released"] == numbers["deliverable.accepted"]
    assert causes["credential.issued"] == numbers["engagement.completed"]
    assert {row["source"] for row in rows} == {"projects", "applications", "matching", "payments"}
    assert place.stint("trace", finished.engagement_id).startswith(f"{finished.engagement_id}, ")


def test_the_doctor_finds_nothing_wrong_with_a_running_stack(
    place: Place, finished: Journey
) -> None:
    found = json.loads(place.stint("doctor", "--json", "--data", *place.addresses()))

    assert {finding["state"] for finding in found} == {"ok"}
    assert {finding["name"] for finding in found} >= {"broker", "queues", "data", *SERVICES}


def test_a_backup_is_restored_into_an_empty_stack_and_everybody_plays_on(
    place: Place, finished: Journey, clock: Path, servers_folder: Path, tmp_path: Path
) -> None:
    under_way = Journey.of(place.people).to_submitted()
    clock.write_text("240")
    place.wait_quiet()
    place.stint("backup", str(tmp_path / "backup"))
    key = place.stack.environment["ID_KEY"]
    env = {"ID_KEY": key, "CLOCK_OFFSET_FILE": str(clock)}
    Restored.backup = tmp_path / "backup"
    with running(servers_folder / "restored", Restored, **env) as other:
        assert isinstance(other.stack, Restored)
        assert "everything fits" in other.stack.said
        assert_same(place.contents(), other.contents())
        _move(other, under_way.owner, under_way.candidate, finished.candidate)

        under_way.evaluate().paid()
        offer = under_way.offer()
        under_way.candidate.post(f"/v1/hire-offers/{offer['id']}/accept")
        assert finished.paid()["status"] == "paid"
        content = under_way.owner.get(under_way.engagement)["deliverables"][0]["files"][0]
        assert under_way.owner.fetch(f"/v1/files/{content['file_id']}").startswith(b"name,email")
        later = Journey.of(other.people).to_submitted().evaluate()
        later.paid()
        later.owner.until(later.engagement, status("completed"), "completion")
        clock.write_text("360")
        other.wait_quiet()
        found = json.loads(other.stint("doctor", "--json", "--data", *other.addresses()))
        assert {finding["state"] for finding in found} == {"ok"}, found


def _move(place: Place, *people: Api) -> None:
    """They go on at another address, with the tokens that they have."""
    for api in people:
        api.base = place.stack.url
