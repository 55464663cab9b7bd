"""What is kept of an application, and what others tell of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.applications.domain.answers import Answer, Resume
from services.applications.domain.blind import Blind, Reveal
from services.applications.domain.candidate import PortfolioItem, Skill
from services.applications.domain.standing import (
    ENGAGEMENT_ORDER,
    OVER,
    PENDING,
    Remark,
    Status,
    Step,
)
from services.applications.events import Event
from shared.errors import Conflict, NotYet

UNSCORED = -1  # Sorts after every score.


@dataclass
class ApplicationState:
    """What is announced about a slot is the card's; this document alone says how it ended.

    `due_at` is the next moment at which silence has a meaning. `responded` says whether the company
    answered in time; None while it may, and where the candidate did not wait for it.
    """

    id: str
    project_id: str
    org_id: str
    candidate_id: str
    project_title: str
    blind_review: bool
    skills: list[Skill]
    submitted_at: datetime
    answers: list[Answer] = field(default_factory=list)
    portfolio: list[PortfolioItem] = field(default_factory=list)
    resume: Resume | None = None
    blind: Blind | None = None
    reveals: list[Reveal] = field(default_factory=list)
    weekly_hours: int = 0
    brief_version: int = 1
    status: Status = Status.SUBMITTED
    history: list[Step] = field(default_factory=list)
    score: int = UNSCORED
    points: list[dict[str, Any]] = field(default_factory=list)
    scored_at: datetime | None = None
    decide_by: datetime | None = None
    responded: bool | None = None
    rank: int | None = None
    reserved_until: datetime | None = None
    expires_at: datetime | None = None
    due_at: datetime | None = None
    accepted_at: datetime | None = None
    decline_reason: str | None = None
    feedback: list[Remark] = field(default_factory=list)
    withdraw_reason: str | None = None
    engagement_id: str | None = None
    engagement_status: str | None = None
    payment_problem: str | None = None
    payment_heard_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def rate(self, score: int, points: list[dict[str, Any]], at: datetime) -> None:
        """Keep the newest score; an older one that comes late is dropped."""
        if self.scored_at is None or at > self.scored_at:
            self.score, self.points, self.scored_at = score, points, at

    def follow_payment(self, problem: str | None, at: datetime) -> None:
        """The newest word of the payment: a problem's code, or None once the fee is held."""
        if self._engaged() and (self.payment_heard_at is None or at > self.payment_heard_at):
            self.payment_problem, self.payment_heard_at = problem, at

    def follow_engagement(self, status: str) -> None:
        """Started, then completed or cancelled; never backwards."""
        is_news = ENGAGEMENT_ORDER[status] > ENGAGEMENT_ORDER[self.engagement_status]
        if self._engaged() and is_news:
            self.engagement_status = status

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    def _is_due(self, now: datetime) -> bool:
        return self.due_at is not None and now >= self.due_at

    def _is_past(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at

    def _engaged(self) -> bool:
        if self.status in PENDING:
            raise NotYet("application-not-accepted", f"{self.id} is {self.status}, not accepted.")
        return self.status is Status.ACCEPTED

    def _respond(self, now: datetime) -> None:
        """The first answer counts, and only in time."""
        if self.responded is None:
            self.responded = self.decide_by is None or now < self.decide_by

    def _end(self, status: Status, now: datetime) -> None:
        self._enter(status, now)
        self.due_at = self.payment_problem = None

    def _enter(self, status: Status, now: datetime) -> None:
        self.status = status
        self.history.append(Step(status, now))

    def _require(self, participle: str, *allowed: Status) -> None:
        if self.status not in allowed:
            raise Conflict(
                f"application-{self.status}",
                f"The application is {self.status}: it cannot be {participle}.",
            )

    def _whose(self) -> dict[str, str]:
        return {
            "project_id": self.project_id,
            "org_id": self.org_id,
            "candidate_id": self.candidate_id,
        }
