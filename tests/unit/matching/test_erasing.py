"""Who is erased is found by nobody, and an old event brings nothing back."""

from datetime import UTC, datetime

from services.matching.domain.entries import CandidateEntry, Evidence, EvidenceStatus
from services.matching.domain.recommendation import Recommendation
from services.matching.domain.scoring import Match

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
