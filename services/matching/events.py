"""What matching announces."""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class MatchScored:
    """`points` sum to `score` (0..100): skill_id, label, points, and the work that proves it."""

    type: ClassVar[str] = "match.scored.v1"
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    score: int
    points: list[dict[str, Any]]
    model_version: str
    taxonomy_version: str


@dataclass(frozen=True)
class MatchSuggested:
    """`candidates`: candidate_id and score, best first, at most twenty."""

    type: ClassVar[str] = "match.suggested.v1"
    project_id: str
    org_id: str
    candidates: list[dict[str, Any]]


Event = MatchScored | MatchSuggested
