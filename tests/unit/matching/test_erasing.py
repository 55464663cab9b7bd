"""Who is erased is found by nobody, and an old event brings nothing back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import permutations
from types import SimpleNamespace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from services.matching.domain.entries import (
    CandidateEntry,
    Evidence,
    EvidenceStatus,
    ProjectEntry,
    ProjectStatus,
)
from services.matching.domain.recommendation import Recommendation
from services.matching.domain.scoring import Match, Need
from services.matching.service import MatchingService
from shared.data import read_yaml
from shared.envelope import CONTRACTS, Event
from tests.memory_store import MemoryStore

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def test_an_entry_is_emptied_for_good() -> None:
    entry = CandidateEntry("acc-kim")
    entry.update({"s1": 4}, True, 10, 1, NOW, NOW)
    for _ in range(2):
        entry.erase(NOW)
        entry.update({"s1": 4}, True, 10, 2, NOW, NOW)
        assert (entry.skills, entry.available, entry.weekly_hours) == ({}, False, 0)


def test_evidence_proves_nothing_any_more() -> None:
    evidence = Evidence("eng-1", "acc-kim")
    evidence.complete(["s1"], 80, NOW)
    evidence.erase(NOW)
    evidence.complete(["s1"], 80, NOW)
    evidence.evaluate(80, NOW)
    assert (evidence.proves, evidence.weighted_score) == ([], None)
    assert evidence.status is EvidenceStatus.CANCELLED
    changed = evidence.changed_at
    evidence.erase(datetime(2026, 4, 1, tzinfo=UTC))
    assert evidence.changed_at == changed


def test_a_score_stays_without_what_it_was_made_of() -> None:
    found = Recommendation("app-1", "prj-1", "org-1", "acc-kim")
    found.rate("acc-kim", Match(80, 80.0, ()), "1")
    found.erase()
    assert (found.score, found.points) == (80, [])


NEEDS = (Need("s1", "Statistics", True),)
KINDS: dict[str, type] = {
    "candidates": CandidateEntry,
    "evidence": Evidence,
    "recommendations": Recommendation,
    "projects": ProjectEntry,
}


class Pool:
    """Nothing is searched here."""

    def refresh(self) -> None: ...

    def proven(self, candidate_id: str) -> dict[str, int]:
        return {}


def service() -> Any:
    # The list of what was handled has an end.
    stores: dict[str, MemoryStore[Any]] = {
        name: MemoryStore(kind, "matching", lambda: NOW, forgetful=True)
        for name, kind in KINDS.items()
    }

    def of(name: str, id_: str) -> list[str]:
        return [one.id for one in stores[name].all() if one.candidate_id == id_]

    project = ProjectEntry("prj-1", needs=[*NEEDS], revision=1, status=ProjectStatus.OPEN)
    stores["projects"].put(project)
    desk = SimpleNamespace(
        **stores,
        pool=Pool(),
        taxonomy=SimpleNamespace(version="1"),
        people=SimpleNamespace(
            evidence_of=lambda id_: of("evidence", id_),
            recommendations_of=lambda id_: of("recommendations", id_),
        ),
    )
    made = MatchingService()
    made.desk, made.now = desk, lambda: NOW
    return made


def told(type_: str, **data: Any) -> Event:
    """The contract's example, about Kim."""
    example = read_yaml(CONTRACTS / f"{type_}.yml")["examples"][0]
    about = {name: value for name, value in data.items() if name in example}
    number = uuid5(NAMESPACE_URL, type_)
    return Event(str(number), type_, "tests", "any:one", NOW, {**example, **about}, 1)


KIM = {"candidate_id": "acc-kim", "project_id": "prj-1", "engagement_id": "eng-1"}
HANDLERS = {
    "on_candidate_updated": told("candidate.updated.v1", **KIM),
    "on_application_submitted": told("application.submitted.v1", **KIM),
    "on_engagement_completed": told("engagement.completed.v1", **KIM),
    "on_evaluation_released": told("evaluation.released.v1", **KIM),
    "on_account_erased": told("account.erased.v1", account_id="acc-kim"),
}


def orders() -> Iterator[tuple[str, ...]]:
    """Every order, and afterwards what is about the person again, as from the archive."""
    again = tuple(name for name in HANDLERS if name != "on_account_erased")
    return (order + again for order in permutations(HANDLERS))


def test_in_whatever_order_events_come_nothing_is_known_of_who_is_erased() -> None:
    for order in orders():
        made = service()
        for name in order:
            getattr(made, name)(HANDLERS[name])
        [entry] = made.desk.candidates.all()
        assert (entry.erased, entry.skills, entry.open_to_work) == (True, {}, False), order
        for evidence in made.desk.evidence.all():
            assert (evidence.skills, evidence.weighted_score) == ([], None), order
        for found in made.desk.recommendations.all():
            assert found.points == [], order
