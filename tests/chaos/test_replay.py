"""The whole archive, replayed into every service that has forgotten what it handled: no change.

One of those whom it tells of has been erased since: nothing of theirs comes back.

What comes back after days meets no list of handled messages, only status guards and derived ids.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pika
import pymongo
import pytest

from deploy.cli.stream import Archive
from deploy.embedded.supervision import SERVICES
from services.applications.domain.project_card import STRAGGLERS
from services.gateway.erasure import GRACE, QUIET, Stage, erasure_id
from shared.batch import SAVED_IN
from shared.batches import RECORDS
from shared.envelope import CONTENT_TYPE
from shared.topology import REDELIVER, Handlers, queue_name, read_handlers
from tests.chaos.findings import Findings, databases, gather
from tests.chaos.patience import PatientApi
from tests.chaos.play import Players, play
from tests.chaos.run import come_to_rest
from tests.chaos.stack import ChaosStack
from tests.chaos.verdict import verdict
from tests.e2e.journey import PASSWORD, Journey, People
from tests.waiting import wait_until

AGGREGATES, FORGET = {"version": {"$gt": 0}}, {"$set": {"handled": []}}
BOOKKEEPING = ("version", "handled", "outbox", SAVED_IN)
MARK = "words-of-somebody-who-is-erased"
Snapshot = dict[str, dict[str, Any]]


def snapshot(stack: ChaosStack) -> Snapshot:
    """Every document of every service, less what counts saves and messages."""
    with databases(stack) as of:
        return {
            f"{database.name}.{name} {document['_id']}": {
                key: value for key, value in document.items() if key not in BOOKKEEPING
            }
            for database in of.values()
            for name in database.list_collection_names()
            if name != RECORDS
            for document in database[name].find()
        }


def differences(before: Snapshot, after: Snapshot) -> dict[str, Any]:
    keys = [key for key in before | after if before.get(key) != after.get(key)]
    return {key: (before.get(key), after.get(key)) for key in keys}


def forget_what_was_handled(stack: ChaosStack) -> None:
    for service in SERVICES:
        stack.services.stop_one(service)
        (stack.services.logs / f"{service}.log").write_text("")
    with databases(stack) as of:
        for database in of.values():
            for name in database.list_collection_names():
                database[name].update_many(AGGREGATES, FORGET)
    for service in SERVICES:
        stack.services.start_one(service)
    for service in SERVICES:
        stack.wait_service(service, 90)


def outcomes(stack: ChaosStack) -> Counter[str]:
    """How what was replayed ended, as the logs tell."""
    logs = (stack.services.logs / f"{service}.log" for service in SERVICES)
    lines = [
        json.loads(line)
        for log in logs
        for line in log.read_text().splitlines()
        if '"handled"' in line
    ]
    return Counter(line["outcome"] for line in lines if "outcome" in line)


def in_order(stack: ChaosStack) -> None:
    done = stack.run_command("archive", "replay", "--to-all", "--yes", "--rate", "1000")
    assert done.returncode == 0, done.stderr


def backwards(stack: ChaosStack) -> None:
    """The newest event first."""
    with pika.BlockingConnection(pika.URLParameters(stack.broker.amqp_uri())) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        about = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2)
        handlers = read_handlers()
        for entry in reversed(list(Archive(stack.broker.amqp_uri(), connection).read())):
            for queue in takers(handlers, entry.event.type):
                channel.basic_publish(REDELIVER, queue, entry.body, about, mandatory=True)


def takers(handlers: Handlers, type_: str) -> Iterator[str]:
    for service, heard in handlers.items():
        for handler, types in heard.items():
            if type_ in types or types == ["#"]:
                yield queue_name(service, handler)


def closing(stack: ChaosStack) -> int:
    """Projects that were closed a moment ago: what comes by the clock is no effect of a replay."""
    with databases(stack) as of:
        closed = {"close_reason": {"$ne": None}, "due_at": {"$ne": None}}
        found: int = of["applications"]["project_cards"].count_documents(closed)
        return found


def forget_somebody(stack: ChaosStack) -> None:
    """A candidate who has worked and written, and is erased."""
    people = People(stack.url, client=PatientApi)
    journey = Journey.of(people)
    play(journey)
    candidate = journey.candidate
    profile = candidate.get("/v1/profile")
    names = ("skills", "weekly_hours", "portfolio", "open_to_work")
    candidate.put("/v1/profile", {**{name: profile[name] for name in names}, "headline": MARK})
    wait_until(lambda: MARK in str(snapshot(stack)), 30, "what is to be forgotten")
    asked = candidate.post("/v1/me/erasure", {"password": PASSWORD})
    assert asked["hindrances"] == []
    for step, stage in ((GRACE, Stage.CLOSING), (QUIET, Stage.ERASED)):
        stack.travel(step.total_seconds() + 60)
        wait_until(partial(reached, stack, candidate.account["id"], stage), 60, stage)


def reached(stack: ChaosStack, account_id: str, stage: Stage) -> bool:
    """The account's own standing changes before the next step's time is set."""
    with pymongo.MongoClient(stack.database.uri) as client:
        found = client["stint_gateway"]["erasures"].find_one({"_id": erasure_id(account_id)})
    return bool(found and found["stage"] == stage)


@pytest.fixture(scope="module")
def lived_in(chaos_stack: ChaosStack) -> ChaosStack:
    """A stack in which some engagements have come to their end."""
    players = Players(chaos_stack.url, 3)
    players.start()
    wait_until(lambda: len(players.played) >= 3, 180, "three journeys")
    played = players.finish()
    assert [one.problem for one in played if one.problem] == []
    assert come_to_rest(chaos_stack) == ""
    forget_somebody(chaos_stack)
    assert come_to_rest(chaos_stack) == ""
    chaos_stack.travel(2 * STRAGGLERS.total_seconds())
    wait_until(lambda: not closing(chaos_stack), 60, "closed projects settled")
    return chaos_stack


@pytest.mark.timeout(600)
@pytest.mark.parametrize("replay", [in_order, backwards])
def test_the_archive_replayed_into_every_service_changes_nothing(
    lived_in: ChaosStack, replay: Callable[[ChaosStack], None]
) -> None:
    forget_what_was_handled(lived_in)
    before = snapshot(lived_in)
    assert any(".escrows " in name for name in before)
    assert MARK not in str(before)

    replay(lived_in)

    assert come_to_rest(lived_in) == ""
    assert differences(before, snapshot(lived_in)) == {}
    assert outcomes(lived_in).keys() == {"ok"}  # Nothing was known for a duplicate.
    complaints = verdict(gather(lived_in, Findings(relayed=Counter(confirmed=1))))
    assert set(complaints) == {"journeys_end"}, complaints  # This test has played none.
