"""A store in memory, and events as other services send them."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from services.projects import library
from services.projects.domain import thread
from services.projects.domain.engagement import Engagement
from services.projects.domain.evaluation import Evaluation
from services.projects.domain.midpoint import Midpoint
from services.projects.domain.organisation import Level, Organisation
from services.projects.domain.project import Project
from services.projects.service import ProjectsService
from services.projects.store import MOST_OPEN, MOST_WAITING, read_cursor
from shared.envelope import Event
from tests.examples import example_of
from tests.memory_store import CONTRACTS, MemoryStore
from tests.unit.projects.samples import NOW

A = TypeVar("A")
NUMBERS = count(1)


@dataclass
class FakeOpinions:
    """`store.Opinions` over the documents in memory."""

    world: "World"

    def ended(self, field: str, id_: str) -> list[dict[str, Any]]:
        rows = self._rows(self.world.evaluations, {field: id_})
        return [row for row in rows if row["status"] in ("released", "lapsed")]

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
        return sorted(rows, key=lambda row: row[moment])[:MOST_OPEN]

    @staticmethod
    def _rows(store: Any, where: dict[str, str]) -> list[dict[str, Any]]:
        return [
            {"id": id_, **document}
            for id_, document in store.documents.items()
            if where.items() <= document.items()
        ][:MOST_WAITING]


@dataclass
class World:
    """The service on stores in memory, at a time that a test moves."""

    now: datetime = NOW
    forgetful: bool = False
    service: Any = field(init=False)
    heard: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.projects = self._store(Project)
        self.engagements = self._store(Engagement)
        self.organisations = self._store(Organisation)
        self.organisations.create(None, Organisation("org-acme", Level.VERIFIED, revision=1))
        self.service = ProjectsService()
        self.service.organisations, self.service.policy = self.organisations, library.policy()
        self.service.templates = library.templates()
        self.service.projects, self.service.engagements = self.projects, self.engagements
        self.service.evaluations = self.evaluations = self._store(Evaluation)
        self.service.midpoints = self.midpoints = self._store(Midpoint)
        self.service.opinions = FakeOpinions(self)
        self.threads, self.messages = self._store(thread.Thread), self._store(thread.Message)
        self.service.threads, self.service.messages = self.threads, self.messages
        self.service.now = lambda: self.now

    def _store(self, aggregate: type[A]) -> MemoryStore[A]:
        return MemoryStore(aggregate, "projects", lambda: self.now, forgetful=self.forgetful)

    def find_messages(
        self, engagement_id: str, limit: int, after: str | None
    ) -> list[dict[str, Any]]:
        """As the store's query answers."""
        rows = [row for row in self.messages.rows() if row["engagement_id"] == engagement_id]
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
    CONTRACTS.check(type_, {**example, **data})
    return Event(
        id=f"evt-{next(NUMBERS)}",
        type=type_,
        source="elsewhere",
        subject="thing:1",
        time=time,
        data={**example, **data},
    )
