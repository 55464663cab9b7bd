"""A store in memory, and events as other services send them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, Generic, TypeVar

from services.projects import library
from services.projects.domain import thread
from services.projects.domain.engagement import Engagement
from services.projects.domain.evaluation import Evaluation
from services.projects.domain.midpoint import Midpoint
from services.projects.domain.organisation import Level, Organisation
from services.projects.domain.project import Project
from services.projects.service import ProjectsService
from services.projects.store import read_cursor
from shared.codec import Codec
from shared.envelope import Contracts, Event, Message, pack, parse
from shared.errors import Conflict, NotFound
from tests.examples import example_of
from tests.unit.projects.samples import NOW

A = TypeVar("A")
KEEPS = Contracts.load()
NUMBERS = count(1)


class FakeStore(Generic[A]):
    """`shared.store.Store` without a database; `forgetful` does not know what it has handled."""

    def __init__(self, aggregate: type[A], *, forgetful: bool = False) -> None:
        self.codec, self.forgetful = Codec(aggregate), forgetful
        self.documents: dict[str, dict[str, Any]] = {}
        self.announced: list[Event] = []

    def find(self, id: str) -> A | None:
        document = self.documents.get(id)
        return self.codec.read(document) if document else None

    def load(self, id: str) -> A:
        if (found := self.find(id)) is None:
            raise NotFound(f"{self.codec.kind}-not-found", "There is no such thing.")
        return found

    def change(
        self,
        id: str,
        message: Message | None,
        use_case: Callable[[A], object],
        *,
        new: Callable[[], A] | None = None,
    ) -> A:
        document = self.documents.get(id, {"version": 0, "handled": []})
        if message and message.id in document["handled"] and not self.forgetful:
            return self.load(id)
        thing: Any = self.find(id) or (new and new()) or self.load(id)
        expected = getattr(message, "expected_version", None)
        if expected not in (None, document["version"]):
            raise Conflict("version-changed", "It was changed meanwhile.")
        before = document if id not in self.documents else self.codec.write(thing)
        use_case(thing)
        if self.codec.write(thing) != before or thing.events:
            self._save(thing, document, message)
        return thing

    def create(self, message: Message | None, aggregate: Any) -> A:
        return self.change(aggregate.id, message, lambda _: None, new=lambda: aggregate)

    def due(self, now: datetime) -> list[str]:
        found = [d for d in self.documents.values() if d.get("due_at") and d["due_at"] <= now]
        return [document["_id"] for document in found]

    def _save(self, thing: Any, document: dict[str, Any], message: Message | None) -> None:
        version = document["version"] + 1
        handled = [*document["handled"], *([message.id] if message else [])]
        state = self.codec.write(thing)
        self.documents[thing.id] = {**state, "version": version, "handled": handled}
        for fact in thing.events:
            subject = f"{self.codec.kind}:{thing.id}"
            entry = pack(fact, source="projects", subject=subject, version=version, now=NOW)
            event = parse(entry["body"])
            KEEPS.check(event.type, event.data)
            self.announced.append(event)
        thing.version, thing.events = version, []


@dataclass
class FakeOpinions:
    """`store.Opinions` over the documents in memory."""

    world: "World"

    def ended(self, field: str, id_: str) -> list[dict[str, Any]]:
        rows = self._rows(self.world.evaluations, {field: id_})
        return [row for row in rows if row["status"] != "open"]

    def cancelled(self, field: str, id_: str) -> list[dict[str, Any]]:
        return self._rows(self.world.engagements, {field: id_, "status": "cancelled"})

    def engaged(self, org_id: str, candidate_id: str) -> bool:
        both = {"org_id": org_id, "candidate_id": candidate_id}
        return bool(self._rows(self.world.engagements, both))

    def unrated(self, scope: dict[str, str]) -> list[dict[str, Any]]:
        return self._rows(self.world.evaluations, {**scope, "status": "open"})

    def unanswered(self, scope: dict[str, str]) -> list[dict[str, Any]]:
        return self._rows(self.world.midpoints, {**scope, "status": "due"})

    def noted_hours(self, template_id: str) -> list[float]:
        rows = self._rows(self.world.engagements, {"noted_template": template_id})
        return [row["time_note"]["hours"] for row in rows]

    def flagged(self) -> list[dict[str, Any]]:
        return self._since(self.world.engagements, "flags_open_since")

    def reported(self) -> list[dict[str, Any]]:
        return self._since(self.world.evaluations, "reports_open_since")

    @staticmethod
    def _since(store: Any, moment: str) -> list[dict[str, Any]]:
        found = {id_: one for id_, one in store.documents.items() if one.get(moment)}
        rows = [{"id": id_, **document} for id_, document in found.items()]
        return sorted(rows, key=lambda row: row[moment])

    @staticmethod
    def _rows(store: Any, where: dict[str, str]) -> list[dict[str, Any]]:
        return [
            {"id": id_, **document}
            for id_, document in store.documents.items()
            if where.items() <= document.items()
        ]


@dataclass
class World:
    """The service on stores in memory, at a time that a test moves."""

    now: datetime = NOW
    forgetful: bool = False
    service: Any = field(init=False)
    heard: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.projects = FakeStore(Project, forgetful=self.forgetful)
        self.engagements = FakeStore(Engagement, forgetful=self.forgetful)
        self.organisations = FakeStore(Organisation)
        self.organisations.create(None, Organisation("org-acme", Level.VERIFIED, revision=1))
        self.service = ProjectsService()
        self.service.organisations, self.service.policy = self.organisations, library.policy()
        self.service.templates = library.templates()
        self.service.projects, self.service.engagements = self.projects, self.engagements
        self.service.evaluations = self.evaluations = FakeStore(
            Evaluation, forgetful=self.forgetful
        )
        self.service.midpoints = self.midpoints = FakeStore(Midpoint, forgetful=self.forgetful)
        self.service.opinions = FakeOpinions(self)
        self.threads, self.messages = FakeStore(thread.Thread), FakeStore(thread.Message)
        self.service.threads, self.service.messages = self.threads, self.messages
        self.service.now = lambda: self.now

    def find_messages(
        self, engagement_id: str, limit: int, after: str | None
    ) -> list[dict[str, Any]]:
        """As the store's query answers."""
        rows = [{"id": id_, **row} for id_, row in self.messages.documents.items()]
        found = sorted(rows, key=lambda row: (row["posted_at"], row["id"]), reverse=True)
        if after:
            behind = read_cursor(after)
            found = [row for row in found if (row["posted_at"], row["id"]) < behind]
        return found[:limit]

    def hear(self, noun_and_verb: str, **data: Any) -> Event:
        """An event of another service, as its contract's first example says with these changes."""
        event = make(noun_and_verb, self.now, **data)
        self.heard.append(event)
        self.deliver(event)
        return event

    def deliver(self, event: Event) -> None:
        """Hand an event to its handler."""
        name = event.type.removesuffix(".v1").replace(".", "_").replace("-", "_")
        getattr(self.service, f"on_{name}")(event)

    def told(self) -> list[str]:
        """What the service has announced, in order within each aggregate type."""
        stores = (self.projects, self.engagements, self.evaluations, self.midpoints)
        announced = [event for store in stores for event in store.announced]  # type: ignore[attr-defined]
        return [event.type.removesuffix(".v1") for event in announced]

    def everything(self) -> Any:
        """All that is kept and announced, to compare."""
        kept = (self.projects.documents, self.engagements.documents)
        bare = [
            {id: {k: v for k, v in d.items() if k != "handled"} for id, d in documents.items()}
            for documents in kept
        ]
        return bare, self.told()


def make(noun_and_verb: str, time: datetime, **data: Any) -> Event:
    """An event that keeps its contract."""
    type_ = f"{noun_and_verb}.v1"
    example = example_of(type_)
    KEEPS.check(type_, {**example, **data})
    return Event(
        id=f"evt-{next(NUMBERS)}",
        type=type_,
        source="elsewhere",
        subject="thing:1",
        time=time,
        data={**example, **data},
    )
