"""The applications service as a process of its own, and what stands around it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pika
import pytest

from deploy.embedded.database import Database
from services.applications import store
from services.applications.config import Settings
from shared import topology
from shared.caller import Caller
from shared.envelope import CONTENT_TYPE, Call
from shared.platform import Platform
from shared.principal import Principal
from tests.servers import SHORT_LADDER, ServiceProcess, Vhost
from tests.unit.applications.world import ANSWERS, PROFILE, PROJECT
from tests.waiting import wait_until

LADDER_SECONDS = (0.2, 0.5, 1.0)
STOP_SECONDS = 15
KEY = "k" * 32
STORES: tuple[Any, ...] = (
    *(store.allowances, store.candidates, store.cards, store.applications),
    *(store.invitations, store.scorecards, store.hire_offers, store.credentials),
    *(store.facts, store.reengagements, store.talents),
)


@dataclass
class Around:
    """The rest of the platform: it calls, it tells, it listens, and it moves the clock.

    The tests share a service process, so each has people, ids and events of its own, by its tag.
    """

    caller: Caller
    channel: Any
    listening: str
    process: ServiceProcess
    clock: Path
    tag: str = field(default_factory=lambda: uuid4().hex[:8])
    told: list[dict[str, Any]] = field(default_factory=list)

    def own(self, name: str) -> str:
        return f"{name}-{self.tag}"

    def who(self, by: Principal) -> Principal:
        return Principal(self.own(by.id), by.role, by.org_id and self.own(by.org_id))

    def ask(self, by: Principal, method: str, /, **arguments: Any) -> Any:
        return self.repeat(Call(principal=self.who(by)), method, **arguments)

    def repeat(self, call: Call, method: str, /, **arguments: Any) -> Any:
        return self.caller.call("applications", method, call, **arguments)

    def tell(self, noun_and_verb: str, data: dict[str, Any], id_: str = "") -> dict[str, Any]:
        """Publish an event of another service."""
        event = {
            "specversion": "1.0",
            "id": id_ or str(uuid4()),
            "source": "elsewhere",
            "type": f"{noun_and_verb}.v1",
            "subject": "thing:1",
            "time": self.now().isoformat(timespec="milliseconds"),
            "aggregateversion": 1,
            "data": data,
        }
        self.publish(event)
        return event

    def publish(self, event: dict[str, Any]) -> None:
        properties = pika.BasicProperties(
            content_type=CONTENT_TYPE, message_id=event["id"], delivery_mode=2
        )
        body = orjson.dumps(event)
        self.channel.basic_publish(topology.EVENTS, event["type"], body, properties)

    def hear(self, noun_and_verb: str, times: int = 1) -> dict[str, Any]:
        """Wait until the service has announced this so often; the data of the last one."""
        found = wait_until(lambda: self._announced(noun_and_verb, times), 30, noun_and_verb)
        return dict(found[times - 1]["data"])

    def _announced(self, noun_and_verb: str, times: int) -> list[dict[str, Any]]:
        self.listen()
        found = [event for event in self.told if event["type"] == f"{noun_and_verb}.v1"]
        return found if len(found) >= times else []

    def listen(self) -> list[dict[str, Any]]:
        """What the service has announced of this test's things so far."""
        while (got := self.channel.basic_get(self.listening, auto_ack=True))[0]:
            event = orjson.loads(got[2])
            known = any(event["id"] == one["id"] for one in self.told)
            ours = event["data"].get("candidate_id", "").endswith(self.tag)
            if event["source"] == "applications" and ours and not known:
                self.told.append(event)
        return self.told

    def handled(self, event: dict[str, Any]) -> bool:
        """Whether the process has finished with this event, however often it tried."""
        lines = [line for line in self.process.lines() if line.get("event") == "handled"]
        return any(line["event_id"] == event["id"] and line["outcome"] == "ok" for line in lines)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._offset())

    def later(self, **time: float) -> None:
        """Move the service's clock on."""
        self.clock.write_text(str(self._offset() + timedelta(**time).total_seconds()))

    def _offset(self) -> float:
        return float(self.clock.read_text())

    # Steps of the journey

    def about(self, application_id: str, candidate: Principal) -> dict[str, Any]:
        """The ids that every event of an engagement carries."""
        return {
            "application_id": application_id,
            "engagement_id": application_id.replace("app-", "eng-"),
            "project_id": self.own("prj-1"),
            "org_id": self.own("org-acme"),
            "candidate_id": self.own(candidate.id),
        }

    def open_project(self, **changes: Any) -> str:
        """Publish a project and wait until the service knows it."""
        ids = {"project_id": self.own("prj-1"), "org_id": self.own("org-acme")}
        event = self.tell("project.published", {**PROJECT, **ids, **changes})
        wait_until(lambda: self.handled(event), 20, "hearing of the project")
        return ids["project_id"]

    def apply(self, by: Principal) -> str:
        self.ask(by, "put_profile", profile=PROFILE)
        project_id = self.own("prj-1")
        sent = self.ask(by, "submit_application", project_id=project_id, answers=ANSWERS)
        return str(sent["id"])

    def until(self, by: Principal, application_id: str, **fields: Any) -> dict[str, Any]:
        """The application once these fields of its view are so."""

        def reached() -> dict[str, Any] | None:
            view: dict[str, Any] = self.ask(by, "get_application", application_id=application_id)
            return view if fields.items() <= view.items() else None

        found = wait_until(reached, 30, lambda: f"waiting for {fields}")
        assert found
        return found


@pytest.fixture(scope="module")
def running(
    module_vhost: Vhost,
    database: Database,
    module_database_prefix: str,
    servers_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[ServiceProcess, Path]]:
    """One process for the tests of a module, and the file that moves its clock."""
    clock = tmp_path_factory.mktemp("clock") / "offset"
    clock.write_text("0")
    env = {
        "STINT_ENV": "development",
        "AMQP_URI": module_vhost.amqp_uri,
        "MONGO_URI": database.uri,
        "DATABASE_PREFIX": module_database_prefix,
        "RETRY_LADDER": SHORT_LADDER,
        "CLOCK_OFFSET_FILE": str(clock),
        "ID_KEY": KEY,
    }
    ladder = dict(zip(SHORT_LADDER.split(","), LADDER_SECONDS, strict=True))
    topology.apply(module_vhost.amqp_uri, topology.plan(topology.read_handlers(), ladder))
    process = ServiceProcess("applications", env, servers_folder)
    process.start()
    try:
        process.wait_ready()
        yield process, clock
    finally:
        process.terminate(STOP_SECONDS)


@pytest.fixture
def around(module_vhost: Vhost, running: tuple[ServiceProcess, Path]) -> Iterator[Around]:
    connection = pika.BlockingConnection(pika.URLParameters(module_vhost.amqp_uri))
    channel = connection.channel()
    listening = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(listening, topology.EVENTS, "#")
    caller = Caller(module_vhost.amqp_uri, limit=10)
    caller.start()
    yield Around(caller, channel, listening, *running)
    caller.stop()
    connection.close()


@pytest.fixture
def quiet(database: Database, database_prefix: str) -> Iterator[Platform]:
    """A platform that loads and saves and announces nothing: this process is not patched."""
    made = Platform(
        Settings(
            environment="development",
            amqp_uri="amqp://nowhere",
            mongo_uri=database.uri,
            database_prefix=database_prefix,
            id_key=KEY,
        ),
        "applications",
    )
    for factory in STORES:
        factory(made)
    made.prepare()
    yield made
    made.stop()
