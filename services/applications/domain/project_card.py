"""This service's copy of a published project, and the slots that selection fills."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.applications.domain.invitation import PER_PROJECT
from services.applications.domain.project_terms import ProjectTerms
from services.applications.events import (
    ApplicationSelected,
    DecisionDue,
    Event,
    ReengagementOffered,
)
from shared.errors import Conflict

# Long after the last request that may have read the card before it closed has ended.
STRAGGLERS = timedelta(minutes=1)

# Why a project takes no more applications and still chooses among those it has.
STILL_CHOOSES = frozenset({"expired", "idle"})


@dataclass(frozen=True)
class Slot:
    """A position held for an application, until its candidate answers or lets it expire.

    `held_by` is the call that took it, so that a call which picks somebody itself finds whom.
    """

    expires_at: datetime
    filled: bool = False
    held_by: str = ""


@dataclass(frozen=True)
class Suggestion:
    """Somebody who fits, as matching has found."""

    candidate_id: str
    score: int


@dataclass
class ProjectCard:
    """Only an application's own end frees its slot, never this card's clock.

    So a candidate who accepts in the last second can never find the slot given to another.
    """

    id: str
    org_id: str
    terms: ProjectTerms
    announced_version: int = 0
    published_at: datetime | None = None
    slots: dict[str, Slot] = field(default_factory=dict)
    close_reason: str | None = None
    invited: list[str] = field(default_factory=list)
    assessed: list[str] = field(default_factory=list)
    usable_as_assessment: bool = False
    suggestions: list[Suggestion] = field(default_factory=list)
    suggested_version: int = 0
    reminded_of: datetime | None = None
    due_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def publish(self, terms: ProjectTerms, announced_version: int, at: datetime) -> None:
        """Take over newer terms; slots stay, and an old announcement only tells when it was."""
        self.published_at = min(self.published_at or at, at)
        if announced_version > self.announced_version:
            self.terms, self.announced_version = terms, announced_version

    def close(self, reason: str, now: datetime) -> None:
        if self.close_reason is None:
            self.close_reason = reason
            self.due_at = None if self.still_chooses else now + STRAGGLERS

    def settle(self) -> None:
        """The applications that came while it closed have been declined too."""
        self.due_at = None

    def require_open(self, now: datetime) -> None:
        """Raise Conflict where the project takes no more applications."""
        if self.close_reason is not None:
            raise Conflict("project-closed", "This project takes no more applications.")
        if self.terms.apply_by is not None and now > self.terms.apply_by:
            raise Conflict("applications-closed", "The time to apply for this project is over.")

    def suggest(self, suggestions: list[Suggestion], announced_version: int) -> None:
        """Take over the newest suggestions."""
        if announced_version > self.suggested_version:
            self.suggestions, self.suggested_version = suggestions, announced_version

    def invite(self, invitation_id: str, now: datetime) -> None:
        """Note who is asked to apply; the number of invitations is limited."""
        if invitation_id in self.invited:
            return
        self.require_open(now)
        if len(self.invited) - len(self.assessed) >= PER_PROJECT:
            sentence = f"A project may send {PER_PROJECT} invitations."
            raise Conflict("too-many-invitations", sentence)
        self.invited.append(invitation_id)

    def admit(self, invitation_id: str, now: datetime) -> None:
        """Somebody whom the company's ATS has sent here; those are limited where they are sent."""
        if invitation_id not in self.invited:
            self.require_open(now)
            self.invited.append(invitation_id)
            self.assessed.append(invitation_id)

    def offer_as_assessment(self, usable: bool) -> None:
        """The company's ATS may send people here from now on, or may not."""
        self.usable_as_assessment = usable

    def remind(self, due_at: datetime) -> None:
        """Decisions are due at that moment: tell the company, once for all of that day."""
        if self.reminded_of is None or due_at > self.reminded_of:
            self.reminded_of = due_at
            self.events.append(DecisionDue(self.id, self.org_id, due_at))

    def select(
        self, application_id: str, candidate_id: str, now: datetime, held_by: str = ""
    ) -> None:
        """Hold a position for this application; Conflict where none is left.

        A project that takes no more applications still chooses among those it has.
        """
        if application_id not in self.slots:
            expires_at = self._hold(application_id, now, held_by)
            self.events.append(
                ApplicationSelected(application_id, self.id, self.org_id, candidate_id, expires_at)
            )

    def reengage(
        self, reengagement_id: str, candidate_id: str, former_engagement_id: str, now: datetime
    ) -> None:
        """Hold a position for somebody who is asked without an application.

        The slot is not under the application's id: it must tell nobody whether there is one.
        """
        if reengagement_id not in self.slots:
            expires_at = self._hold(reengagement_id, now)
            self.events.append(
                ReengagementOffered(
                    reengagement_id,
                    self.id,
                    self.org_id,
                    candidate_id,
                    former_engagement_id,
                    expires_at,
                )
            )

    def fill_reengaged(self, reengagement_id: str, application_id: str, now: datetime) -> None:
        """They said yes: the position is their application's. Heard again, it changes nothing."""
        slot = self.slots.pop(reengagement_id, None)
        if slot is not None:
            self.slots.setdefault(application_id, slot)
            self.fill(application_id, now)

    def _hold(self, id_: str, now: datetime, held_by: str = "") -> datetime:
        if self.close_reason == "company":
            raise Conflict("project-closed", "The project is closed: nobody can be selected.")
        if len(self.slots) >= self.terms.positions:
            raise Conflict("position-taken", "Every position of this project is taken.")
        expires_at = now + timedelta(hours=self.terms.selection_hours)
        self.slots[id_] = Slot(expires_at, held_by=held_by)
        return expires_at

    def fill(self, application_id: str, now: datetime) -> None:
        """The candidate accepted. Without a slot this is old news: it was freed since.

        Who decides after the time to apply has filled the project with the last position.
        """
        slot = self.slots.get(application_id)
        if slot is None or slot.filled:
            return
        self.slots[application_id] = replace(slot, filled=True)
        taken = sum(slot.filled for slot in self.slots.values())
        if self.still_chooses and taken >= self.terms.positions:
            self.close_reason, self.due_at = "filled", now

    @property
    def still_chooses(self) -> bool:
        """The time to apply is over, the time to decide is not."""
        return self.close_reason in STILL_CHOOSES

    @property
    def has_room(self) -> bool:
        """There is a position that nobody holds."""
        return len(self.slots) < self.terms.positions and self.close_reason != "company"

    def free(self, application_id: str) -> None:
        self.slots.pop(application_id, None)

    def skill_label(self, skill_id: str) -> str:
        """How the project calls the skill; its id where the project does not name it."""
        labels = {skill.skill_id: skill.label for skill in self.terms.skills}
        return labels.get(skill_id, skill_id)
