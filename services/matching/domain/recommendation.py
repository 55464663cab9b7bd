"""What matching said, to whom, and why: the record of a decision, and its announcement."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.matching.domain.scoring import MODEL_VERSION, Match, Point, Ranked
from services.matching.events import Event, MatchScored, MatchSuggested

SUGGESTED_AT_MOST = 20


@dataclass(frozen=True)
class Suggested:
    candidate_id: str
    score: int


@dataclass
class Recommendation:
    """Of one application (`candidate_id`, score and points) or of one project (`candidates`)."""

    id: str
    project_id: str
    org_id: str
    candidate_id: str | None = None
    score: int | None = None
    points: list[Point] = field(default_factory=list)
    withdrawn: bool = False
    candidates: list[Suggested] = field(default_factory=list)
    revision: int = -1  # Of the project, when candidates were suggested last.
    model_version: str = MODEL_VERSION
    taxonomy_version: str = ""
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def rate(self, candidate_id: str, found: Match, taxonomy_version: str) -> None:
        """Score the application, once: a score that people have seen does not move."""
        if self.score is not None:
            return
        self.candidate_id, self.score, self.points = candidate_id, found.score, list(found.points)
        self.model_version, self.taxonomy_version = MODEL_VERSION, taxonomy_version
        self.events.append(
            MatchScored(
                self.id,
                self.project_id,
                self.org_id,
                candidate_id,
                found.score,
                [public(point) for point in found.points],
                self.model_version,
                taxonomy_version,
            )
        )

    def withdraw(self) -> None:
        self.withdrawn = True

    def erase(self) -> None:
        """The number stays, since people have seen it; what it was made of goes."""
        self.points = []

    def suggest(self, best: Sequence[Ranked], revision: int, taxonomy_version: str) -> None:
        """Announce who fits this revision of the project; nobody is announced for it twice."""
        if revision <= self.revision:
            return
        known = {suggested.candidate_id for suggested in self.candidates}
        new = [Suggested(one.id, one.match.score) for one in best if one.id not in known]
        self.revision, self.taxonomy_version = revision, taxonomy_version
        self.model_version = MODEL_VERSION
        self.candidates += new
        if new:
            told = [{"candidate_id": one.candidate_id, "score": one.score} for one in new]
            self.events.append(MatchSuggested(self.project_id, self.org_id, told))


def public(point: Point) -> dict[str, object]:
    """The point as the event tells it: no level, which is for those who may see the profile."""
    return {
        "skill_id": point.skill_id,
        "label": point.label,
        "points": point.points,
        "evidence": point.evidence,
    }
