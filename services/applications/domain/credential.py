"""Proof of finished work, the candidate's to keep."""

from dataclasses import dataclass, field
from datetime import datetime

from services.applications.domain.project_terms import RequiredSkill
from services.applications.events import CredentialIssued, Event


@dataclass
class Credential:
    """It follows the accepted work, never the payout; scores come once they are released."""

    id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    project_title: str
    skills: list[RequiredSkill]
    hours: int
    automatic: bool
    completed_at: datetime
    issued_at: datetime
    weighted_score: int | None = None
    scores: dict[str, int] | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def note_scores(self, scores: dict[str, int] | None, weighted_score: int | None) -> None:
        """What the company said of the work, once both sides may read it."""
        self.scores, self.weighted_score = scores, weighted_score

    def issue(self) -> None:
        self.events.append(
            CredentialIssued(
                self.id,
                self.engagement_id,
                self.project_id,
                self.org_id,
                self.candidate_id,
                skills=[skill.skill_id for skill in self.skills],
                issued_at=self.issued_at,
            )
        )
