"""What is announced of briefs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPublished:
    """A brief is open for candidates."""

    type: ClassVar[str] = "project.published.v1"
    project_id: str
    org_id: str
    title: str
    summary: str
    skills: list[dict[str, Any]]
    hours: int
    weeks: int
    fee_amount: int
    fee_currency: str
    positions: int
    questions: list[dict[str, Any]]
    location_mode: str
    apply_by: datetime | None
    blind_review: bool
    selection_hours: int
    hire_offer: dict[str, Any] | None
    unpaid_basis: str | None
    brief_version: int | None = None
    visibility: str | None = None
    link_token_hash: str | None = None
    decision_days: int | None = None
    eligibility: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectClosed:
    """No more applications are taken."""

    type: ClassVar[str] = "project.closed.v1"
    project_id: str
    org_id: str
    title: str
    reason: str


BriefEvent = ProjectPublished | ProjectClosed
