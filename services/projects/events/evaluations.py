"""What is announced of what both sides say about each other, during the work and after it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationCompleted:
    """The company's first rating is in; the candidate does not see it before the release."""

    type: ClassVar[str] = "evaluation.completed.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    scores: dict[str, int]
    weighted_score: int
    would_engage_again: bool
    would_hire: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSubmitted:
    """Somebody has rated; what they said stays hidden until the release."""

    type: ClassVar[str] = "evaluation.submitted.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    by: str
    raters: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReleased:
    """Both sides read what there is: both have rated, or the time was over."""

    type: ClassVar[str] = "evaluation.released.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    scores: dict[str, int] | None
    weighted_score: int | None
    raters: int
    disagreement: list[str]
    company_scores: dict[str, int] | None
    company_weighted_score: int | None
    released_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReplied:
    """One side has answered what was said about it."""

    type: ClassVar[str] = "evaluation.replied.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReported:
    """One side asks operators to look at what counts against it."""

    type: ClassVar[str] = "evaluation.reported.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationJudged:
    """An operator decided on the appeal of the side `by`."""

    type: ClassVar[str] = "evaluation.judged.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    by: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MidpointDue:
    """Half of the time is over: whoever is waited for says how it goes."""

    type: ClassVar[str] = "midpoint.due.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    waiting_for: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MidpointAnswered:
    """One side said half way how it goes."""

    type: ClassVar[str] = "midpoint.answered.v1"
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    by: str
    on_track: bool


EvaluationEvent = (
    EvaluationCompleted
    | EvaluationSubmitted
    | EvaluationReleased
    | EvaluationReplied
    | EvaluationReported
    | EvaluationJudged
    | MidpointDue
    | MidpointAnswered
)
