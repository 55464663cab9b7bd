"""One candidate's application to one project, from the answers to the end of the engagement."""

from dataclasses import dataclass
from datetime import datetime

from services.applications.domain.answers import Answer, answers_in_order
from services.applications.domain.application_state import ApplicationState
from services.applications.domain.blind import Reveal, disguise
from services.applications.domain.ids import sibling_id
from services.applications.domain.project_terms import Question, RequiredSkill
from services.applications.domain.standing import (
    CHOOSABLE,
    OPEN,
    PENDING,
    REMINDER,
    RESERVED,
    Remark,
    Status,
    Step,
)
from services.applications.events import (
    ApplicationAccepted,
    ApplicationDeclined,
    ApplicationReserved,
    ApplicationShortlisted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    IdentityRevealed,
)
from shared.errors import Conflict
from shared.money import Money
from shared.redaction import Identity


@dataclass
class Application(ApplicationState):
    """What happens to an application: each method is one decision of somebody, or of the clock."""

    def submit(self, questions: list[Question], answers: list[Answer]) -> None:
        """Answer the project's questions; the company's time to decide begins."""
        self.answers = answers_in_order(questions, answers)
        self.history = [Step(self.status, self.submitted_at)]
        if self.decide_by is not None:
            self.due_at = self.decide_by - REMINDER
        skills = [{"skill_id": skill.skill_id, "level": skill.level} for skill in self.skills]
        version, whose = self.brief_version, self._whose()
        self.events.append(
            ApplicationSubmitted(self.id, **whose, skills=skills, brief_version=version)
        )

    def disguise(self, pseudonym: str, identity: Identity, asked: list[RequiredSkill]) -> None:
        """Make what reviewers see; `identity` is what it must not tell, and is not kept."""
        self.blind = disguise(pseudonym, identity, self.answers, self.skills, asked)

    def reveal(self, reviewer_id: str, now: datetime) -> None:
        """Let this reviewer know who it is, on record and for good."""
        if not self.blind_review:
            raise Conflict("review-not-blind", "This review is not blind: you see who it is.")
        if any(reveal.reviewer_id == reviewer_id for reveal in self.reveals):
            return
        self.reveals.append(Reveal(reviewer_id, now))
        self.events.append(IdentityRevealed(self.id, **self._whose(), reviewer_id=reviewer_id))

    def shortlist(self, now: datetime) -> None:
        """Keep for the final choice: no answer yet, the time to decide runs on."""
        if self.status is Status.SHORTLISTED:
            return
        self._require("shortlisted", *CHOOSABLE)
        if self.status is Status.ALTERNATE:
            self.rank = self.reserved_until = None
            self.due_at = self.decide_by
        self._enter(Status.SHORTLISTED, now)
        self.events.append(ApplicationShortlisted(self.id, **self._whose()))

    def reserve(self, rank: int, now: datetime) -> None:
        """Keep as an alternate for a while, the lowest rank first in line."""
        if self.status is Status.ALTERNATE and self.rank == rank:
            return
        self._require("reserved", *CHOOSABLE)
        self._respond(now)
        if self.status is not Status.ALTERNATE:
            self._enter(Status.ALTERNATE, now)
            self.reserved_until = self.due_at = now + RESERVED
        self.rank = rank
        until = self.reserved_until or now
        self.events.append(
            ApplicationReserved(self.id, **self._whose(), rank=rank, reserved_until=until)
        )

    def decline(self, reason: str, now: datetime, feedback: list[Remark] | None = None) -> None:
        """The company's no. A selection that waits for its answer can be taken back too."""
        if self.status is Status.DECLINED:
            return
        self._require("declined", *PENDING)
        self._respond(now)
        self.feedback = feedback or []
        self._decline(reason, now)

    def close(self, reason: str, now: datetime) -> None:
        """The project takes nobody else; who is selected keeps the offer until it expires.

        A filled project keeps its alternates, who are for the case that somebody drops out.
        """
        kept = reason == "position-filled" and self.status is Status.ALTERNATE
        if self.status in CHOOSABLE and not kept:
            self.decline(reason, now)

    def require_declinable(self) -> None:
        """Raise Conflict where it is too late for a no."""
        self._require("declined", *PENDING, Status.DECLINED)

    def require_selectable(self) -> None:
        """Raise Conflict where the company cannot select it, or has done so already."""
        self._require("selected", *PENDING)

    def follow_selection(self, expires_at: datetime, now: datetime) -> None:
        """The card holds a slot for it; where the application has moved on, its state stands."""
        if self.status in CHOOSABLE:
            self._respond(now)
            self._enter(Status.SELECTED, now)
            self.expires_at = self.due_at = expires_at

    def accept(self, fee: Money, now: datetime) -> None:
        if self.status is Status.ACCEPTED:
            return
        self._require("accepted", Status.SELECTED)
        if self._is_past(now):
            raise Conflict("selection-expired", "The time to accept this selection is over.")
        self._engage(fee, now)

    def take_on(self, fee: Money, now: datetime) -> None:
        """The candidate took a position that was offered without this application.

        One that is over stays so; one that was sent before has its answer.
        """
        if self.status in PENDING:
            if self.history:
                self._respond(now)
            self._engage(fee, now)

    def _engage(self, fee: Money, now: datetime) -> None:
        self._enter(Status.ACCEPTED, now)
        self.accepted_at, self.due_at = now, None
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

    def refuse(self, reason: str, now: datetime) -> None:
        """The candidate's no to an offered position; the company reads the reason, a code."""
        if self.status is Status.WITHDRAWN:
            return
        self._require("turned down", Status.SELECTED)
        self.withdraw_reason = reason
        self._step_back(Status.WITHDRAWN, "candidate", now, reason)

    def withdraw(self, reason: str | None, now: datetime) -> None:
        """The candidate steps back; after the kick-off it is the engagement that is cancelled."""
        if self.status is Status.WITHDRAWN:
            return
        self._require("withdrawn", *PENDING, Status.ACCEPTED)
        if self.engagement_status is not None:
            raise Conflict(
                "engagement-started", "The engagement has started: cancel the engagement instead."
            )
        self.withdraw_reason = reason
        self._step_back(Status.WITHDRAWN, "candidate", now)

    def reminder_is_due(self, now: datetime) -> bool:
        """The company has not decided, and its last days to do so have begun."""
        return self.status in OPEN and self._is_due(now) and self.due_at != self.decide_by

    def pass_time(self, now: datetime) -> None:
        """What silence means in each state; nothing where somebody was faster."""
        if not self._is_due(now):
            return
        if self.status is Status.SELECTED:
            self._step_back(Status.EXPIRED, "expired", now)
        elif self.status is Status.ALTERNATE:
            self._decline("alternate-released", now)
        elif self.decide_by is not None and now >= self.decide_by:
            self.responded = False if self.responded is None else self.responded
            self._decline("no-decision", now)
        else:
            self.due_at = self.decide_by

    def _decline(self, reason: str, now: datetime) -> None:
        self._end(Status.DECLINED, now)
        self.decline_reason = reason
        self.events.append(ApplicationDeclined(self.id, **self._whose(), reason=reason))

    def _step_back(
        self, status: Status, reason: str, now: datetime, code: str | None = None
    ) -> None:
        previous = self.status
        self._end(status, now)
        self.events.append(
            ApplicationWithdrawn(
                self.id,
                **self._whose(),
                engagement_id=self.engagement_id,
                reason=reason,
                previous_status=previous,
                code=code,
            )
        )
