"""One reviewer's judgement of one application: a draft, then locked for good."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import mean

from services.applications.events import Event, ScorecardLocked
from shared.errors import Conflict, Invalid

LOWEST, HIGHEST = 1, 5
# What is judged, and what the ends and the middle of the scale mean.
CRITERIA: Mapping[str, tuple[str, str, str]] = {
    "skills": ("names none of the skills", "names the skills", "shows work done with the skills"),
    "problem_solving": ("repeats the brief", "says how to begin", "names the risks and a way out"),
    "communication": ("hard to follow", "clear", "clear, short and to the point"),
    "motivation": ("could be about any project", "about this project", "about what it is good for"),
}


@dataclass
class Scorecard:
    id: str
    application_id: str
    project_id: str
    org_id: str
    reviewer_id: str
    scores: dict[str, int] = field(default_factory=dict)
    comment: str = ""
    locked_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def write(self, scores: dict[str, int], comment: str) -> None:
        """Judge, or change one's mind; not once it is locked."""
        if self.locked_at is not None:
            if (scores, comment) == (self.scores, self.comment):
                return
            raise Conflict("scorecard-locked", "These scores are locked and cannot be changed.")
        self.scores, self.comment = scores, comment

    def lock(self, now: datetime) -> None:
        """From now on its reviewer may see what the others think, and nothing changes any more."""
        if self.locked_at is not None:
            return
        missing = {name: "Score from 1 to 5." for name in CRITERIA if name not in self.scores}
        if missing:
            raise Invalid("scorecard-incomplete", "Score every criterion before you lock.", missing)
        self.locked_at = now
        self.events.append(
            ScorecardLocked(self.application_id, self.project_id, self.org_id, self.reviewer_id)
        )


def spread(cards: list[dict[str, int]]) -> dict[str, dict[str, float]]:
    """Per criterion the mean of these scores, and how far apart they are."""
    scores = {name: [card[name] for card in cards] for name in CRITERIA}
    return {
        name: {
            "mean": round(mean(values), 2),
            "lowest": min(values),
            "highest": max(values),
            "spread": max(values) - min(values),
        }
        for name, values in scores.items()
        if values
    }
