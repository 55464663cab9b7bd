"""What one person says about the other side of an engagement, and what is said to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.projects.domain.engagement import Engagement
from services.projects.domain.rubric import COMPANY_WEIGHTS, WEIGHTS, weighted_score
from services.projects.domain.work import Party
from shared.errors import Invalid

# In whose place somebody of the company rates.
RATER_ROLES = ("supervisor", "mentor", "peer", "recruiter")
CANDIDATE_ROLE = "candidate"
# The closing questions of each side, yes or no.
ANSWERS = {
    Party.COMPANY: ("would_engage_again", "would_hire"),
    Party.CANDIDATE: ("would_engage_again", "would_recommend"),
}


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a score rests on: a version of the work, or one of its files; `note` says where."""

    dimension: str
    version: int
    file_id: str | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """A rating as it is given: `comment` may be shown to others, `private_comment` never is."""

    scores: dict[str, int]
    answers: dict[str, bool]
    role: str = CANDIDATE_ROLE
    custom: dict[str, int] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    comment: str = ""
    private_comment: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Rating:
    """One rater's opinion, locked from the moment it is given."""

    rater_id: str
    side: Party
    opinion: Opinion
    weighted_score: int
    rated_at: datetime

    @classmethod
    def of(cls, side: Party, rater_id: str, opinion: Opinion, now: datetime) -> "Rating":
        """The weighted score follows from the scores, by the weights of the side's rubric."""
        weights: Mapping[str, int] = WEIGHTS if side is Party.COMPANY else COMPANY_WEIGHTS
        return cls(
            rater_id=rater_id,
            side=side,
            opinion=opinion,
            weighted_score=weighted_score(opinion.scores, weights),
            rated_at=now,
        )


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The one answer of a side to what was said about it."""

    side: Party
    text: str
    replied_at: datetime


@dataclass(frozen=True, kw_only=True)
class Report:
    """A side asks operators to look at what counts against it; `outcome` is what they decided."""

    side: Party
    reason: str
    text: str
    reported_at: datetime
    outcome: str | None = None
    note: str = ""
    judged_at: datetime | None = None


def require_grounded(opinion: Opinion, engagement: Engagement) -> None:
    """Raise Invalid where it rates criteria that were not agreed, or points at no such work."""
    errors = _criteria_at_fault(opinion, engagement)
    files = {one.version: {file.file_id for file in one.files} for one in engagement.submissions}
    for place, link in enumerate(opinion.evidence):
        if link.dimension not in (*opinion.scores, *opinion.custom):
            errors[f"evidence.{place}.dimension"] = "Name a dimension that you score."
        if link.version not in files:
            errors[f"evidence.{place}.version"] = "There is no such version of the work."
        elif link.file_id and link.file_id not in files[link.version]:
            errors[f"evidence.{place}.file_id"] = "That version has no such file."
    if errors:
        raise Invalid("evaluation-invalid", "Some fields need a change.", errors)


def _criteria_at_fault(opinion: Opinion, engagement: Engagement) -> dict[str, str]:
    agreed = {one.criterion_id for one in engagement.terms.evaluation_criteria}
    unknown = {f"custom.{name}": "The brief has no such criterion." for name in opinion.custom}
    found = {f"custom.{name}": "Score each criterion of the brief, 1 to 5." for name in agreed}
    given = set(opinion.custom)
    return {name: text for name, text in {**found, **unknown}.items()
            if name.removeprefix("custom.") in agreed ^ given}  # fmt: skip
