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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSubmitted:
    """A brief waits for an operator's look; told again while nobody has looked."""

    type: ClassVar[str] = "project.submitted.v1"
    project_id: str
    org_id: str
    title: str
    findings: list[dict[str, Any]]
    reminder: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectReturned:
    """An operator asks for changes, with a reason per field, before candidates see the brief."""

    type: ClassVar[str] = "project.returned.v1"
    project_id: str
    org_id: str
    title: str
    reasons: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectApproved:
    """An operator let the brief out as it is."""

    type: ClassVar[str] = "project.approved.v1"
    project_id: str
    org_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectExempted:
    """An operator allows a fee below the floor, for this reason, which everybody may read."""

    type: ClassVar[str] = "project.exempted.v1"
    project_id: str
    org_id: str
    title: str
    fee_amount: int
    fee_currency: str
    hours: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRevised:
    """A published brief was changed; `candidates` are applicants who relied on what was before."""

    type: ClassVar[str] = "project.revised.v1"
    project_id: str
    org_id: str
    title: str
    brief_version: int
    changed: list[str]
    candidates: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectReminded:
    """A published project has been quiet: is it still open? Without an answer it closes then."""

    type: ClassVar[str] = "project.reminded.v1"
    project_id: str
    org_id: str
    title: str
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryAsked:
    """A candidate asked about a brief; the company is not told who."""

    type: ClassVar[str] = "inquiry.asked.v1"
    inquiry_id: str
    project_id: str
    org_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryAnswered:
    """The company answered for everybody to read; `candidate_id` is who had asked."""

    type: ClassVar[str] = "inquiry.answered.v1"
    inquiry_id: str
    project_id: str
    org_id: str
    title: str
    candidate_id: str


BriefEvent = (
    ProjectPublished
    | ProjectClosed
    | ProjectSubmitted
    | ProjectReturned
    | ProjectApproved
    | ProjectExempted
    | ProjectRevised
    | ProjectReminded
    | InquiryAsked
    | InquiryAnswered
)
