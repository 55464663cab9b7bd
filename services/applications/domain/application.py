"""One candidate's application to one project, from the answers to the end of the engagement."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.applications.domain.candidate import Skill
from services.applications.domain.ids import sibling_id
from services.applications.domain.project_card import Question
from services.applications.events import (
    ApplicationAccepted,
    ApplicationDeclined,
    ApplicationShortlisted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    Event,
)
from shared.errors import Conflict, Invalid, NotYet
from shared.money import Money

UNSCORED = -1  # Sorts after every score.


class Status(StrEnum):
    SUBMITTED = "submitted"
    SHORTLISTED = "shortlisted"
    SELECTED = "selected"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


OPEN = frozenset({Status.SUBMITTED, Status.SHORTLISTED})
OVER = frozenset({Status.DECLINED, Status.WITHDRAWN, Status.EXPIRED})
ENGAGEMENT_ORDER = {None: 0, "started": 1, "completed": 2, "cancelled": 2}


@dataclass(frozen=True)
class Answer:
    question_id: str
    text: str


@dataclass
class Application:
    """What is announced about a slot is the card's; this document alone says how it ended."""

    id: str
    project_id: str
    org_id: str
    candidate_id: str
    project_title: str
    blind_review: bool
    skills: list[Skill]
    submitted_at: datetime
    answers: list[Answer] = field(default_factory=list)
    status: Status = Status.SUBMITTED
    score: int = UNSCORED
    points: list[dict[str, Any]] = field(default_factory=list)
    scored_at: datetime | None = None
    expires_at: datetime | None = None
    due_at: datetime | None = None
    accepted_at: datetime | None = None
    decline_reason: str | None = None
    withdraw_reason: str | None = None
    engagement_id: str | None = None
    engagement_status: str | None = None
    payment_problem: str | None = None
    payment_heard_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def submit(self, questions: list[Question], answers: list[Answer]) -> None:
        """Answer the project's questions; the answers are kept in the order of the questions."""
        by_question = {answer.question_id: answer for answer in answers}
        errors = _answer_errors(questions, answers)
        if errors:
            raise Invalid("answers-invalid", "The answers do not fit the questions.", errors)
        self.answers = [
            by_question[question.question_id]
            for question in questions
            if question.question_id in by_question
        ]
        skills = [{"skill_id": skill.skill_id, "level": skill.level} for skill in self.skills]
        self.events.append(ApplicationSubmitted(self.id, **self._whose(), skills=skills))

    def rate(self, score: int, points: list[dict[str, Any]], at: datetime) -> None:
        """Keep the newest score; an older one that comes late is dropped."""
        if self.scored_at is None or at > self.scored_at:
            self.score, self.points, self.scored_at = score, points, at

    def shortlist(self) -> None:
        if self.status is Status.SHORTLISTED:
            return
        self._require("shortlisted", Status.SUBMITTED)
        self.status = Status.SHORTLISTED
        self.events.append(ApplicationShortlisted(self.id, **self._whose()))

    def decline(self, reason: str) -> None:
        """The company's no. A selection that waits for its answer can be taken back too."""
        if self.status is Status.DECLINED:
            return
        self._require("declined", *OPEN, Status.SELECTED)
        self._end(Status.DECLINED)
        self.decline_reason = reason
        self.events.append(ApplicationDeclined(self.id, **self._whose(), reason=reason))

    def close(self, reason: str) -> None:
        """The project takes nobody else; who is selected keeps the offer until it expires."""
        if self.status in OPEN:
            self.decline(reason)

    def require_selectable(self) -> None:
        """Raise Conflict where the company cannot select it, or has done so already."""
        self._require("selected", *OPEN, Status.SELECTED)

    def follow_selection(self, expires_at: datetime) -> None:
        """The card holds a slot for it; where the application has moved on, its state stands."""
        if self.status in OPEN:
            self.status, self.expires_at, self.due_at = Status.SELECTED, expires_at, expires_at

    def accept(self, fee: Money, now: datetime) -> None:
        if self.status is Status.ACCEPTED:
            return
        self._require("accepted", Status.SELECTED)
        if self._is_past(now):
            raise Conflict("selection-expired", "The time to accept this selection is over.")
        self.status, self.accepted_at, self.due_at = Status.ACCEPTED, now, None
        self.engagement_id = sibling_id("eng", self.id)
        self.events.append(
            ApplicationAccepted(
                self.id,
                self.engagement_id,
                **self._whose(),
                fee_amount=fee.amount,
                fee_currency=fee.currency,
            )
        )

    def withdraw(self, reason: str | None) -> None:
        """The candidate steps back; after the kick-off it is the engagement that is cancelled."""
        if self.status is Status.WITHDRAWN:
            return
        self._require("withdrawn", *OPEN, Status.SELECTED, Status.ACCEPTED)
        if self.engagement_status is not None:
            raise Conflict(
                "engagement-started", "The engagement has started: cancel the engagement instead."
            )
        self.withdraw_reason = reason
        self._step_back(Status.WITHDRAWN, "candidate")

    def expire(self, now: datetime) -> None:
        """Silence until the selection's end is a no; nothing where it was answered."""
        if (
            self.status is Status.SELECTED
            and self.expires_at is not None
            and now >= self.expires_at
        ):
            self._step_back(Status.EXPIRED, "expired")

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

    def _is_past(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at

    def _engaged(self) -> bool:
        if self.status in OPEN or self.status is Status.SELECTED:
            raise NotYet("application-not-accepted", f"{self.id} is {self.status}, not accepted.")
        return self.status is Status.ACCEPTED

    def _step_back(self, status: Status, reason: str) -> None:
        previous = self.status
        self._end(status)
        self.events.append(
            ApplicationWithdrawn(
                self.id,
                **self._whose(),
                engagement_id=self.engagement_id,
                reason=reason,
                previous_status=previous,
            )
        )

    def _end(self, status: Status) -> None:
        self.status, self.due_at, self.payment_problem = status, None, None

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


def _answer_errors(questions: list[Question], answers: list[Answer]) -> dict[str, str]:
    """One sentence for each question or answer that does not fit, by question id."""
    known = {question.question_id for question in questions}
    given = [answer.question_id for answer in answers]
    errors = {id_: "The project does not ask this." for id_ in given if id_ not in known}
    errors |= {id_: "This question is answered twice." for id_ in given if given.count(id_) > 1}
    answered = {answer.question_id for answer in answers if answer.text.strip()}
    for question in questions:
        if question.required and question.question_id not in answered:
            errors[question.question_id] = "This question needs an answer."
    return errors
