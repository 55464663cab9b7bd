"""A project: written as a draft, published for candidates, closed once and for good."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.projects.domain.brief import Brief
from services.projects.events import Event, ProjectClosed, ProjectPublished
from shared.errors import Conflict, Invalid


class Status(StrEnum):
    """Where a project stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """Why no more applications are taken."""

    FILLED = "filled"
    COMPANY = "company"
    EXPIRED = "expired"


@dataclass
class Project:
    """`due_at` is the moment that the sweep acts on: `apply_by` while the project is published.

    Positions are two growing sets of application ids, accepted and given up, so that it does not
    matter how often or in which order we hear of them.
    """

    id: str
    org_id: str
    brief: Brief
    created_at: datetime
    status: Status = Status.DRAFT
    close_reason: CloseReason | None = None
    published_at: datetime | None = None
    closed_at: datetime | None = None
    due_at: datetime | None = None
    accepted: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    version: int = 0
    events: list[Event] = field(default_factory=list)

    @property
    def public(self) -> bool:
        """Everybody may read it: it is, or once was, published."""
        return self.published_at is not None

    @property
    def positions_filled(self) -> int:
        """How many positions are taken by an accepted application now."""
        return len(set(self.accepted) - set(self.given_up))

    def edit(self, brief: Brief) -> None:
        """Replace the brief of a draft: what candidates have read does not change under them."""
        if self.status is not Status.DRAFT:
            raise Conflict("project-not-draft", "Only a draft can be changed; write a new project.")
        self.brief = brief

    def publish(self, now: datetime) -> None:
        """Open a draft for candidates; a published project stays as it is."""
        if self.status is Status.PUBLISHED:
            return
        if self.status is Status.CLOSED:
            raise Conflict("project-closed", "A closed project stays closed; write a new one.")
        apply_by = self.brief.apply_by
        if apply_by and apply_by <= now:
            sentence = "Set apply_by to a time in the future, or leave it out."
            raise Invalid("brief-invalid", "The deadline has passed.", {"apply_by": sentence})
        self.status, self.published_at, self.due_at = Status.PUBLISHED, now, apply_by
        self.events.append(
            ProjectPublished(project_id=self.id, org_id=self.org_id, **self.brief.published())
        )

    def close(self, reason: CloseReason, now: datetime) -> None:
        """Take no more applications. A draft is put away in silence: nobody has heard of it."""
        if self.status is Status.CLOSED:
            return
        if self.public:
            title = self.brief.title
            self.events.append(
                ProjectClosed(project_id=self.id, org_id=self.org_id, title=title, reason=reason)
            )
        self.status, self.close_reason, self.closed_at = Status.CLOSED, reason, now
        self.due_at = None

    def expire(self, now: datetime) -> None:
        """Close at the deadline; does nothing where another replica was here first."""
        if self.due_at and self.due_at <= now:
            self.close(CloseReason.EXPIRED, now)

    def fill_position(self, application_id: str, now: datetime) -> None:
        """An applicant accepted a position, which closes the project if it was the last one."""
        if application_id in self.accepted:
            return
        self.accepted.append(application_id)
        if self.positions_filled >= self.brief.positions:
            self.close(CloseReason.FILLED, now)

    def free_position(self, application_id: str) -> None:
        """The applicant's engagement came to nothing; a closed project stays closed."""
        if application_id not in self.given_up:
            self.given_up.append(application_id)
