"""A check-in half way: how it goes and what to change, while there is time to change it.

It is no rating: both read it at once, and it counts in nobody's record.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.projects import events as announce
from services.projects.domain.work import Party
from shared.errors import Conflict


class Stage(StrEnum):
    """`planned` until half of the time is over, `due` until both answered or the work ended."""

    PLANNED = "planned"
    DUE = "due"
    DONE = "done"
    LAPSED = "lapsed"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One side's view half way."""

    side: Party
    person_id: str
    on_track: bool
    going_well: str
    to_change: str
    answered_at: datetime


@dataclass
class Midpoint:
    """The check-in of one engagement; `due_at` is the moment half way."""

    id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    halfway_at: datetime
    status: Stage = Stage.PLANNED
    due_at: datetime | None = None
    answers: list[Answer] = field(default_factory=list)
    version: int = 0
    events: list[announce.Event] = field(default_factory=list)

    def settle(self, under_way: bool, now: datetime) -> None:
        """Ask both sides once half of the time is over, if the work is still under way."""
        if self.due_at is None or now < self.due_at:
            return
        self.due_at = None
        if not under_way:
            self.status = Stage.LAPSED
        elif self.status is Stage.PLANNED:
            self.status = Stage.DUE
            self.events.append(announce.MidpointDue(**self._whose(), waiting_for=self.waiting_for))

    def answer(self, answer: Answer) -> None:
        """Take a side's view, once; it may come early."""
        if self.status is Stage.LAPSED:
            raise Conflict("midpoint-over", "The work has ended; evaluate it instead.")
        if any(one.side is answer.side for one in self.answers):
            raise Conflict("already-answered", "Your side has answered.")
        self.answers.append(answer)
        if not self.waiting_for:
            self.status, self.due_at = Stage.DONE, None
        self.events.append(
            announce.MidpointAnswered(
                **self._whose(), by=answer.side.value, on_track=answer.on_track
            )
        )

    @property
    def waiting_for(self) -> list[str]:
        """The sides that have not answered."""
        given = {one.side for one in self.answers}
        return [side.value for side in (Party.COMPANY, Party.CANDIDATE) if side not in given]

    def _whose(self) -> dict[str, str]:
        return {
            "engagement_id": self.engagement_id,
            "project_id": self.project_id,
            "org_id": self.org_id,
            "candidate_id": self.candidate_id,
        }


def midpoint_id(engagement_id: str) -> str:
    """The one check-in of an engagement."""
    return f"mid-{engagement_id.removeprefix('eng-')}"
