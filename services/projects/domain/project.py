"""A project: drafted, reviewed where that is due, published, closed once and for good."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest

from services.projects.domain.brief import Brief
from services.projects.domain.policy import PayException
from services.projects.domain.project_records import Applicant, BriefVersion, Inquiry, Review
from services.projects.events import Event, ProjectClosed, ProjectPublished
from shared.errors import Conflict

ASK_AFTER = timedelta(days=21)  # of silence: is the project still open?


class Status(StrEnum):
    """Where a project stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    PUBLISHED = "published"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """Why no more applications are taken."""

    FILLED = "filled"
    COMPANY = "company"
    EXPIRED = "expired"
    IDLE = "idle"


EDITABLE = (Status.DRAFT, Status.CHANGES_REQUESTED)


@dataclass
class Project:
    """`due_at` is the moment that the sweep acts on: the deadline, or the end of a silence.

    Positions are two growing sets of application ids, accepted and given up, so that it does not
    matter how often or in which order we hear of them. `applicants` are kept by application id.
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
    review: Review | None = None
    pay_exception: PayException | None = None
    link_token: str | None = None
    brief_version: int = 1
    revised_at: datetime | None = None
    history: list[BriefVersion] = field(default_factory=list)
    applicants: dict[str, Applicant] = field(default_factory=dict)
    invited: list[str] = field(default_factory=list)
    inquiries: list[Inquiry] = field(default_factory=list)
    stirred_at: datetime | None = None
    reminders: int = 0
    copied_from: str | None = None
    template_id: str | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    @property
    def public(self) -> bool:
        """Candidates may have read it: it is, or once was, published."""
        return self.published_at is not None

    @property
    def positions_filled(self) -> int:
        """How many positions are taken by an accepted application now."""
        return len(set(self.accepted) - set(self.given_up))

    def readable_by(self, person_id: str, link_token: str | None) -> bool:
        """Whether somebody outside the organisation may read it."""
        if not self.public:
            return False
        if self.brief.visibility == "public" or self.knows(person_id):
            return True
        opens = self.brief.visibility == "link_only" and self.link_token and link_token
        return bool(opens and compare_digest(_bytes(self.link_token), _bytes(link_token)))

    def knows(self, person_id: str) -> bool:
        """Whether this person was invited, or has applied."""
        applied = (one.candidate_id for one in self.applicants.values())
        return person_id in self.invited or person_id in applied

    def invite(self, candidate_id: str) -> None:
        """This person was asked to apply, and may read it."""
        if candidate_id not in self.invited:
            self.invited.append(candidate_id)

    def edit(self, brief: Brief) -> None:
        """Replace a brief that candidates have not seen, and that nobody is looking at."""
        if self.status not in EDITABLE:
            raise Conflict("project-not-draft", "Only a draft can be changed freely.")
        self.brief = brief

    def publish(self, now: datetime) -> None:
        """Open it for candidates; a published project stays as it is."""
        if self.status is Status.PUBLISHED:
            return
        self.require_not_closed()
        self.status, self.published_at = Status.PUBLISHED, now
        self.stir(now)
        self.announce()

    def announce(self) -> None:
        """Tell others the whole brief, for the first time or anew."""
        hidden = self.brief.visibility == "link_only" and self.link_token
        facts = {
            **self.brief.published(),
            "brief_version": self.brief_version,
            "link_token_hash": sha256(str(self.link_token).encode()).hexdigest()
            if hidden
            else None,
        }
        self.events.append(ProjectPublished(project_id=self.id, org_id=self.org_id, **facts))

    def stir(self, at: datetime) -> None:
        """A sign of life of the company: for a while nobody asks if the project is still open.

        Older signs than the last, heard late or again, say nothing.
        """
        if self.status is Status.PUBLISHED and (self.stirred_at is None or at > self.stirred_at):
            self.stirred_at = at
            self.quiet_until(at + ASK_AFTER, reminders=0)

    def quiet_until(self, due_at: datetime, reminders: int) -> None:
        """Look again then, or at the deadline, if that is sooner."""
        self.reminders = reminders
        self.due_at = min(due_at, self.brief.apply_by or due_at)

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

    def require_not_closed(self) -> None:
        """Raise Conflict where it is over."""
        if self.status is Status.CLOSED:
            raise Conflict("project-closed", "A closed project stays closed; repost it.")

    def fill_position(self, application_id: str, now: datetime) -> None:
        """An applicant accepted a position, which closes the project if it was the last one."""
        if application_id in self.accepted:
            return
        self.accepted.append(application_id)
        self.stir(now)
        if self.positions_filled >= self.brief.positions:
            self.close(CloseReason.FILLED, now)

    def free_position(self, application_id: str) -> None:
        """The applicant's engagement came to nothing; a closed project stays closed."""
        if application_id not in self.given_up:
            self.given_up.append(application_id)


def _bytes(token: str | None) -> bytes:
    return str(token).encode()
