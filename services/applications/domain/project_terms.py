"""What selection knows of a published project, as its company has announced it."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.applications.domain.eligibility import Eligibility
from services.applications.domain.hire_terms import HireTerms
from services.applications.domain.standing import DECISION_DAYS
from shared.money import Money


class Visibility(StrEnum):
    """Who may apply: everybody, whom the company invited, or who has the link."""

    PUBLIC = "public"
    INVITE_ONLY = "invite_only"
    LINK_ONLY = "link_only"


@dataclass(frozen=True)
class Question:
    question_id: str
    text: str
    required: bool


@dataclass(frozen=True)
class RequiredSkill:
    skill_id: str
    label: str


@dataclass(frozen=True)
class HirePolicy:
    """What a good result leads to: an offer drafted for approval, or extended at once."""

    policy: str
    minimum_score: int
    terms: HireTerms

    def rewards(self, would_hire: bool, weighted_score: int) -> bool:
        return would_hire and weighted_score >= self.minimum_score


@dataclass(frozen=True)
class ProjectTerms:
    title: str
    fee: Money
    positions: int
    questions: list[Question]
    skills: list[RequiredSkill]
    blind_review: bool
    selection_hours: int
    apply_by: datetime | None = None
    hire_offer: HirePolicy | None = None
    hours: int = 0
    weeks: int = 1
    visibility: Visibility = Visibility.PUBLIC
    eligibility: Eligibility = field(default_factory=Eligibility)
    link_token_hash: str | None = None
    decision_days: int = DECISION_DAYS
    brief_version: int = 1

    def admits(self, token: str | None) -> bool:
        """Whether this is the token of the link to a project that is in no list."""
        given = hashlib.sha256((token or "").encode()).hexdigest()
        return hmac.compare_digest(given, self.link_token_hash or "")

    @property
    def weekly_hours(self) -> int:
        """Hours of work in each of its weeks, rounded up."""
        return -(-self.hours // self.weeks)
