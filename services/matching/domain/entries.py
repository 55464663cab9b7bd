"""What matching keeps of projects, candidates and finished work, as it hears of them.

Events of different services come in any order and come again: each entry keeps the revision of its
source, so that an older fact never replaces a newer one. `changed_at` tells the other replicas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.matching.domain.scoring import Need, distinct
from services.matching.events import Event

NEVER = -1
PASS = 50  # Work that was evaluated below this weighted score proves no skill.


class ProjectStatus(StrEnum):
    UNKNOWN = "unknown"  # It was closed here before it was heard of.
    OPEN = "open"
    CLOSED = "closed"


@dataclass
class ProjectEntry:
    """What a project asks for, and whether it still takes candidates."""

    id: str
    org_id: str = ""
    title: str = ""
    needs: list[Need] = field(default_factory=list)
    status: ProjectStatus = ProjectStatus.UNKNOWN
    revision: int = NEVER
    listed: bool = True  # For everybody, and not by invitation or link alone.
    changed_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def publish(
        self,
        org_id: str,
        title: str,
        needs: Sequence[Need],
        revision: int,
        now: datetime,
        listed: bool = True,
    ) -> None:
        """Take the brief as of this revision; a project that is closed stays closed."""
        if revision <= self.revision:
            return
        self.org_id, self.title, self.needs = org_id, title, distinct(needs)
        self.revision, self.changed_at, self.listed = revision, now, listed
        if self.status is ProjectStatus.UNKNOWN:
            self.status = ProjectStatus.OPEN

    def close(self, now: datetime) -> None:
        if self.status is not ProjectStatus.CLOSED:
            self.status, self.changed_at = ProjectStatus.CLOSED, now

    @property
    def offered(self) -> bool:
        """Candidates may be told of it who have not heard of it otherwise."""
        return self.listed and self.status is ProjectStatus.OPEN

    @property
    def published(self) -> bool:
        return self.revision > NEVER


@dataclass
class CandidateEntry:
    """The skills that a candidate declares, and whether work is wanted."""

    id: str
    skills: dict[str, int] = field(default_factory=dict)
    open_to_work: bool = False
    weekly_hours: int = 0
    revision: int = NEVER
    updated_at: datetime | None = None
    hired_at: datetime | None = None
    changed_at: datetime | None = None
    erased: bool = False
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def update(
        self,
        skills: Mapping[str, int],
        open_to_work: bool,
        weekly_hours: int,
        revision: int,
        at: datetime,
        now: datetime,
    ) -> None:
        """Take the profile as of this revision, which was announced `at` that time."""
        if self.erased or revision <= self.revision:
            return
        self.skills, self.open_to_work = dict(skills), open_to_work
        self.weekly_hours, self.revision = weekly_hours, revision
        self.updated_at, self.changed_at = at, now

    def hire(self, at: datetime, now: datetime) -> None:
        if self.hired_at is None or at > self.hired_at:
            self.hired_at, self.changed_at = at, now

    def erase(self, now: datetime) -> None:
        """Nobody is behind this id any more, whatever an old event tells again."""
        if not self.erased:
            self.skills, self.open_to_work, self.weekly_hours = {}, False, 0
            self.erased, self.changed_at = True, now

    @property
    def available(self) -> bool:
        """Open to work, and not hired since saying so."""
        return self.open_to_work and (
            self.hired_at is None or self.updated_at is None or self.updated_at > self.hired_at
        )


class EvidenceStatus(StrEnum):
    PENDING = "pending"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass
class Evidence:
    """What one engagement proves: a document of its own, so that nothing needs to be counted up."""

    id: str
    candidate_id: str
    skills: list[str] = field(default_factory=list)
    weighted_score: int | None = None
    removed: bool = False  # An operator has struck out the rating, on appeal.
    status: EvidenceStatus = EvidenceStatus.PENDING
    changed_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def evaluate(self, weighted_score: int, now: datetime) -> None:
        known = self.weighted_score is not None or self.removed
        if not known and self.status is not EvidenceStatus.CANCELLED:
            self.weighted_score, self.changed_at = weighted_score, now

    def complete(self, skills: Sequence[str], weighted_score: int | None, now: datetime) -> None:
        if self.status is EvidenceStatus.PENDING:
            self.status, self.skills = EvidenceStatus.COMPLETED, sorted(set(skills))
            self.changed_at = now
            if weighted_score is not None and not self.removed:
                self.weighted_score = weighted_score

    def disregard_score(self, now: datetime) -> None:
        """As if nobody had rated; the work stays accepted."""
        self.removed = True
        if self.weighted_score is not None:
            self.weighted_score, self.changed_at = None, now

    def cancel(self, now: datetime) -> None:
        if self.status is EvidenceStatus.PENDING:
            self.status, self.changed_at = EvidenceStatus.CANCELLED, now

    def erase(self, now: datetime) -> None:
        """It proves nothing of anybody any more."""
        if self.skills or self.weighted_score is not None or self.status is EvidenceStatus.PENDING:
            self.skills, self.weighted_score = [], None
            self.status, self.changed_at = EvidenceStatus.CANCELLED, now

    @property
    def proves(self) -> list[str]:
        """The skills it proves. Work that was accepted by silence, without scores, proves them."""
        passed = self.weighted_score is None or self.weighted_score >= PASS
        return self.skills if passed and self.status is EvidenceStatus.COMPLETED else []
