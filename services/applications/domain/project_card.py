"""This service's copy of a published project, and the slots that selection fills."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.applications.domain.hire_offer import HireTerms
from services.applications.events import ApplicationSelected, Event
from shared.errors import Conflict
from shared.money import Money

# Long after the last request that may have read the card before it closed has ended.
STRAGGLERS = timedelta(minutes=1)


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


@dataclass(frozen=True)
class Slot:
    """A position held for an application, until its candidate answers or lets it expire."""

    expires_at: datetime
    filled: bool = False


@dataclass
class ProjectCard:
    """Only an application's own end frees its slot, never this card's clock.

    So a candidate who accepts in the last second can never find the slot given to another.
    """

    id: str
    org_id: str
    terms: ProjectTerms
    announced_version: int = 0
    slots: dict[str, Slot] = field(default_factory=dict)
    close_reason: str | None = None
    due_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def publish(self, terms: ProjectTerms, announced_version: int) -> None:
        """Take over newer terms; slots stay, and an old announcement changes nothing."""
        if announced_version > self.announced_version:
            self.terms, self.announced_version = terms, announced_version

    def close(self, reason: str, now: datetime) -> None:
        if self.close_reason is None:
            self.close_reason, self.due_at = reason, now + STRAGGLERS

    def settle(self) -> None:
        """The applications that came while it closed have been declined too."""
        self.due_at = None

    def require_open(self, now: datetime) -> None:
        """Raise Conflict where the project takes no more applications."""
        if self.close_reason is not None:
            raise Conflict("project-closed", "This project takes no more applications.")
        if self.terms.apply_by is not None and now > self.terms.apply_by:
            raise Conflict("applications-closed", "The time to apply for this project is over.")

    def select(self, application_id: str, candidate_id: str, now: datetime) -> None:
        """Hold a position for this application; Conflict where none is left."""
        if application_id in self.slots:
            return
        if self.close_reason is not None:
            raise Conflict("project-closed", "The project is closed: nobody can be selected.")
        if len(self.slots) >= self.terms.positions:
            raise Conflict("position-taken", "Every position of this project is taken.")
        expires_at = now + timedelta(hours=self.terms.selection_hours)
        self.slots[application_id] = Slot(expires_at)
        self.events.append(
            ApplicationSelected(application_id, self.id, self.org_id, candidate_id, expires_at)
        )

    def fill(self, application_id: str) -> None:
        """The candidate accepted. Without a slot this is old news: it was freed since."""
        slot = self.slots.get(application_id)
        if slot is not None:
            self.slots[application_id] = Slot(slot.expires_at, filled=True)

    def free(self, application_id: str) -> None:
        self.slots.pop(application_id, None)

    def skill_label(self, skill_id: str) -> str:
        """How the project calls the skill; its id where the project does not name it."""
        labels = {skill.skill_id: skill.label for skill in self.terms.skills}
        return labels.get(skill_id, skill_id)
