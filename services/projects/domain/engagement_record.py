"""What is kept of an engagement, and how it ends without accepted work."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.projects import events as announce
from services.projects.domain.kickoff import Kickoff
from services.projects.domain.work import (
    SENTENCES,
    Cancellation,
    Fault,
    Freeze,
    Payment,
    Revision,
    Status,
    Submission,
    Terms,
)
from services.projects.domain.workroom import Flag, Milestone, Order, Reflection, TimeNote
from shared.errors import Conflict


@dataclass
class Record:
    """One candidate's work on one project; its terms are copied from the brief when it is made.

    `due_at` is the moment that the sweep acts on next; `work_due_at` is what was promised.
    `silence` says by side since when it owes an answer; `heard` when it was last heard of.
    """

    id: str
    application_id: str
    project_id: str
    org_id: str
    candidate_id: str
    terms: Terms
    created_at: datetime
    status: Status = Status.AWAITING_FUNDING
    payment: Payment = field(default_factory=Payment)
    due_at: datetime | None = None
    kickoff: Kickoff | None = None
    started_at: datetime | None = None
    work_due_at: datetime | None = None
    submissions: list[Submission] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    automatic: bool = False
    completed_at: datetime | None = None
    rights_assigned_at: datetime | None = None
    licence_revoked_at: datetime | None = None
    cancellation: Cancellation | None = None
    freeze: Freeze | None = None
    disputes: list[str] = field(default_factory=list)
    review_due_at: datetime | None = None
    remind_at: datetime | None = None
    missed_at: datetime | None = None
    no_show_at: datetime | None = None
    no_show_suspected_at: datetime | None = None
    heard: dict[str, datetime] = field(default_factory=dict)
    silence: dict[str, datetime] = field(default_factory=dict)
    milestones: list[Milestone] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    flags_open_since: datetime | None = None
    time_note: TimeNote | None = None
    noted_template: str | None = None  # The project's, where there is a note of the time.
    reflection: Reflection | None = None
    version: int = 0
    events: list[announce.Event] = field(default_factory=list)

    def _cancel(
        self,
        reason: str,
        fault: Fault,
        now: datetime,
        comment: str = "",
        cause: str | None = None,
    ) -> None:
        self.status, self.due_at, self.freeze = Status.CANCELLED, None, None
        self.cancellation = Cancellation(reason, fault, comment, now, cause)
        self._announce(
            announce.EngagementCancelled,
            application_id=self.application_id,
            reason=reason,
            fault=fault.value,
            cause=cause,
            started=self.started_at is not None,
            hours=self.terms.hours if self.started_at else None,
        )

    def _require(self, *allowed: Status) -> None:
        if self.status not in allowed:
            code = f"engagement-{self.status.value.replace('_', '-')}"
            raise Conflict(code, SENTENCES[self.status])

    def _announce(self, kind: Callable[..., announce.Event], /, **facts: Any) -> None:
        self.events.append(
            kind(
                engagement_id=self.id,
                project_id=self.project_id,
                org_id=self.org_id,
                candidate_id=self.candidate_id,
                **facts,
            )
        )
