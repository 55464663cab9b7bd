"""A service that does what its messages say: the worst that handlers and methods can do."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import eventlet
from mongoengine import DynamicDocument
from nameko.extensions import DependencyProvider
from pymongo.errors import AutoReconnect

from shared.envelope import Call, Event
from shared.errors import Conflict, Invalid, NotFound, NotYet, Unavailable
from shared.messaging import every, on, provide
from shared.rpc import rpc
from shared.store import Store

CONTRACTS = Path(__file__).parent / "contracts"
LIMIT = 3  # seconds
RAISES = {
    "conflict": Conflict("thing-is-taken", "Somebody has it."),
    "invalid": Invalid("thing-is-wrong", "It is not as it has to be."),
    "not-found": NotFound("thing-not-found", "There is no such thing."),
    "not-yet": NotYet("thing-not-seen", "It comes later."),
    "unavailable": Unavailable("bank-unavailable", "The bank is away."),
    "bug": ValueError("a bug, with a secret of a person"),
    "stray-timeout": eventlet.Timeout(None),
    "exit": SystemExit(3),
}


class Moody(DependencyProvider):
    """Fails before the method, or after it, where the event says so."""

    def worker_setup(self, worker_ctx: Any) -> None:
        self._fail("setup-fails", worker_ctx)

    def worker_teardown(self, worker_ctx: Any) -> None:
        self._fail("teardown-fails", worker_ctx)

    def _fail(self, when: str, worker: Any) -> None:
        event = worker.args[0] if worker.args else None
        if isinstance(event, Event) and event.data.get("do") == when:
            raise AutoReconnect("the dependency's server is away")


class TallyDocument(DynamicDocument):
    meta: ClassVar = {"collection": "tallies", "auto_create_index": False}


@dataclass
class Tally:
    id: str
    count: int = 0
    version: int = 0
    events: list[Any] = field(default_factory=list)

    def add(self) -> None:
        self.count += 1


class SampleService:
    name = "sample"
    moody = Moody()
    runs = provide(lambda platform: platform.database["runs"])
    tallies = provide(lambda platform: Store(platform, Tally, TallyDocument))

    @on("thing.done.v1", limit=LIMIT)
    def on_thing_done(self, event: Event) -> None:
        self._began(event.id)
        times = event.data.get("times")
        if times is None or self.runs.count_documents({"message": event.id}) <= times:
            self._do(event.data["do"], event.data.get("seconds", 0))
        self.runs.insert_one({"ended": event.id})

    @on("thing.seen.v1", prefetch=1)
    def on_thing_seen(self, event: Event) -> None:
        self._began(event.id)
        tally = event.data.get("tally", event.id)
        self.tallies.change(tally, event, Tally.add, new=lambda: Tally(tally))

    @every(0.2)
    def sweep(self) -> None:
        self.runs.update_one({"_id": "sweep"}, {"$inc": {"rounds": 1}}, upsert=True)
        raise RAISES["unavailable"]

    @rpc
    def echo(self, call: Call, value: Any = None) -> dict[str, Any]:
        return {
            "value": value,
            "by": call.principal.id,
            "role": call.principal.role,
            "org_id": call.principal.org_id,
            "correlation_id": call.correlation_id,
            "traceparent": call.traceparent,
            "expected_version": call.expected_version,
            "at": datetime(2030, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
        }

    @rpc
    def do(self, call: Call, what: str, seconds: float = 0) -> str:
        self._began(call.id)
        self._do(what, seconds)
        self.runs.insert_one({"ended": call.id})
        return "done"

    @rpc
    def no_json(self, call: Call) -> object:
        return object()

    def _began(self, id_: str) -> None:
        self.runs.insert_one({"message": id_, "at": time.time()})

    def _do(self, what: str, seconds: float) -> None:
        if what in RAISES:
            raise RAISES[what]
        if what == "stubborn":
            _never_give_up()
        eventlet.sleep(seconds)


def _never_give_up() -> None:
    while True:
        try:
            eventlet.sleep(0.1)
        except Exception:  # noqa: BLE001 (what careless code does)
            continue
