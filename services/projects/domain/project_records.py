"""What a project keeps besides its brief: its review, older versions, applicants, questions."""

from dataclasses import dataclass, field
from datetime import datetime

from services.projects.domain.brief import Brief
from services.projects.domain.policy import Finding


@dataclass(frozen=True, kw_only=True)
class Reason:
    """What an operator wants changed in a field, and why."""

    field: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Review:
    """Why the brief was looked at, and what came of it: reasons, or none where it was approved."""

    submitted_at: datetime
    findings: list[Finding]
    decided_at: datetime | None = None
    decided_by: str | None = None
    reasons: list[Reason] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class BriefVersion:
    """The brief as it was `until` a change: who applied before relies on it."""

    number: int
    brief: Brief
    until: datetime
    changed: list[str]


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """Who relies on which version; `gone` once the application has ended."""

    candidate_id: str = ""
    brief_version: int = 1
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """A candidate's question about the brief, and the answer that everybody reads."""

    id: str
    candidate_id: str
    text: str
    asked_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None
