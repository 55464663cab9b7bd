"""Where matching keeps its entries, and how each process keeps what it ranks from fresh."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from mongoengine import DynamicDocument

from services.matching.domain.entries import (
    CandidateEntry,
    Evidence,
    ProjectEntry,
)
from services.matching.domain.recommendation import Recommendation
from services.matching.domain.scoring import Profile, profile
from services.matching.usecases import Index, Projects
from shared.exporting import Rows, rows_of
from shared.platform import Platform
from shared.store import Store

EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
# Between the stamp of a change and its save: a store gives up a save after 5 s.
OVERLAP = timedelta(seconds=10)


class ProjectEntryDocument(DynamicDocument):
    meta = {"collection": "projects", "auto_create_index": False, "indexes": ["changed_at"]}


class CandidateEntryDocument(DynamicDocument):
    meta = {"collection": "candidates", "auto_create_index": False, "indexes": ["changed_at"]}


class EvidenceDocument(DynamicDocument):
    meta = {
        "collection": "evidence",
        "auto_create_index": False,
        "indexes": ["changed_at", "candidate_id"],
    }


class RecommendationDocument(DynamicDocument):
    meta = {
        "collection": "recommendations",
        "auto_create_index": False,
        "indexes": ["candidate_id", "project_id"],
    }


def projects(platform: Platform) -> Store[ProjectEntry]:
    return Store(platform, ProjectEntry, ProjectEntryDocument)


def candidates(platform: Platform) -> Store[CandidateEntry]:
    return Store(platform, CandidateEntry, CandidateEntryDocument)


def evidence(platform: Platform) -> Store[Evidence]:
    return Store(platform, Evidence, EvidenceDocument)


def recommendations(platform: Platform) -> Store[Recommendation]:
    return Store(platform, Recommendation, RecommendationDocument)


class Applications:
    """Who has applied where, as the recommendations know."""

    def of_project(self, project_id: str) -> set[str]:
        found = RecommendationDocument.objects(project_id=project_id, candidate_id__ne=None)
        return set(found.scalar("candidate_id"))

    def of_candidate(self, candidate_id: str) -> set[str]:
        return set(RecommendationDocument.objects(candidate_id=candidate_id).scalar("project_id"))


class People:
    """What is kept of one candidate."""

    def __init__(self, platform: Platform) -> None:
        self._database = platform.database

    def sections(self, candidate_id: str) -> dict[str, Rows]:
        """As it is handed out to them."""
        entry = rows_of(self._database["candidates"], _id=candidate_id)
        return {
            "candidate": lambda after, limit: [] if after else entry("", limit),
            "evidence": rows_of(self._database["evidence"], candidate_id=candidate_id),
            "recommendation": rows_of(self._database["recommendations"], candidate_id=candidate_id),
        }

    def evidence_of(self, candidate_id: str) -> list[str]:
        found = EvidenceDocument.objects(candidate_id=candidate_id)
        return [str(id_) for id_ in found.scalar("id")]

    def recommendations_of(self, candidate_id: str) -> list[str]:
        found = RecommendationDocument.objects(candidate_id=candidate_id)
        return [str(id_) for id_ in found.scalar("id")]


class Pool:
    """What this process ranks from, made of the stored entries.

    Every answer is preceded by `refresh`, which reads what any replica has saved since the last
    one; so all replicas answer alike, and a restart changes nothing.
    """

    def __init__(self, index: Index, projects: Projects, stores: dict[str, Store[Any]]) -> None:
        self.index, self.projects = index, projects
        self.titles: dict[str, str] = {}
        self._stores = stores
        self._entries: dict[str, CandidateEntry] = {}
        self._proofs: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
        self._seen: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._latest = dict.fromkeys(stores, EARLIEST)

    def refresh(self) -> None:
        """Take over what has changed; a version that is here already is not read again."""
        for project in self._changed("projects"):
            self._take_project(project)
        stale = {one.candidate_id for one in map(self._take_proof, self._changed("evidence"))}
        for entry in self._changed("candidates"):
            self._entries[entry.id] = entry
            stale.add(entry.id)
        for candidate_id in stale:
            self._place(candidate_id)

    def profile(self, candidate_id: str) -> Profile:
        """The skills of one candidate, available or not."""
        entry = self._entries.get(candidate_id)
        return profile(entry.skills if entry else {}, self.proven(candidate_id))

    def proven(self, candidate_id: str) -> dict[str, int]:
        """How many finished engagements prove each skill."""
        counts: defaultdict[str, int] = defaultdict(int)
        for skills in self._proofs.get(candidate_id, {}).values():
            for skill_id in skills:
                counts[skill_id] += 1
        return dict(counts)

    def _take_project(self, project: ProjectEntry) -> None:
        if project.offered:
            self.projects.put(project.id, project.needs)
            self.titles[project.id] = project.title
        else:
            self.projects.remove(project.id)
            self.titles.pop(project.id, None)

    def _take_proof(self, evidence: Evidence) -> Evidence:
        self._proofs[evidence.candidate_id][evidence.id] = evidence.proves
        return evidence

    def _place(self, candidate_id: str) -> None:
        entry = self._entries.get(candidate_id)
        if entry is not None and entry.available:
            self.index.put(candidate_id, self.profile(candidate_id))
        else:
            self.index.remove(candidate_id)

    def _changed(self, name: str) -> Iterator[Any]:
        """Aggregates newer than those here. Nothing waits between reading one and taking it."""
        store, seen = self._stores[name], self._seen[name]
        since = {"changed_at": {"$gt": self._latest[name] - OVERLAP, "$lt": LATEST}}
        known = store.collection.find(since, {"version": 1, "changed_at": 1})
        newer = [row for row in known if row["version"] > seen.get(row["_id"], 0)]
        for at in range(0, len(newer), 1000):
            ids = [row["_id"] for row in newer[at : at + 1000]]
            for document in list(store.collection.find({"_id": {"$in": ids}})):
                aggregate = store.codec.read(document)
                if aggregate.version > seen.get(aggregate.id, 0):
                    seen[aggregate.id] = aggregate.version
                    yield aggregate
        self._latest[name] = max([self._latest[name], *(row["changed_at"] for row in newer)])
