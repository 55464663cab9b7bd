"""How work is handed in, and handed back for another version."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from services.projects import events as announce
from services.projects.domain.clocks import Clocks
from services.projects.domain.work import (
    MAKING,
    REVISION_TIME,
    AIUse,
    File,
    Party,
    Revision,
    Status,
    Submission,
)
from shared.errors import Conflict


@dataclass
class Delivering(Clocks):
    """Versions of the work, and the rounds of revisions between them."""

    @property
    def deliverable_id(self) -> str:
        """What is handed in carries one id, however many versions it takes."""
        return f"dlv-{self.id.removeprefix('eng-')}"

    @property
    def rounds_left(self) -> int:
        """How many more revisions the company may ask for."""
        return self.terms.max_revision_rounds - len(self.revisions)

    def submit(
        self, files: list[File], note: str, now: datetime, ai_use: AIUse | None = None
    ) -> None:
        """Hand in the next version; the review window starts anew."""
        self._require(*MAKING)
        self._require_taken(now)
        version, late = len(self.submissions) + 1, bool(self.work_due_at and now > self.work_due_at)
        submission = Submission(self.deliverable_id, version, files, note, now, late, ai_use)
        self.submissions.append(submission)
        self._seen(Party.CANDIDATE, now)
        self.status = Status.SUBMITTED
        review_due_at = self._await_review(now + timedelta(days=self.terms.review_days), now)
        self._announce(
            announce.DeliverableSubmitted,
            deliverable_id=self.deliverable_id,
            version=version,
            files=[asdict(file) for file in files],
            review_due_at=review_due_at,
            late=late,
        )

    def request_revision(self, criteria: list[str], comment: str, now: datetime) -> None:
        """Ask for another version, within the agreed rounds and the review window."""
        self._require(Status.SUBMITTED)
        self.terms.require_criteria(criteria)
        if not self.rounds_left:
            sentence = "All agreed revisions are used; evaluate the work or propose a change order."
            raise Conflict("revision-rounds-used", sentence)
        if self.review_ends_at and now >= self.review_ends_at:
            raise Conflict("review-window-over", "The review window is over: the work is accepted.")
        self._seen(Party.COMPANY, now)
        self.status = Status.REVISION_REQUESTED
        due_at = self._promise(max(self.work_due_at or now, now + REVISION_TIME), now)
        self.revisions.append(Revision(len(self.revisions) + 1, criteria, comment, now, due_at))
        self._announce(
            announce.RevisionRequested,
            deliverable_id=self.deliverable_id,
            round=len(self.revisions),
            rounds_left=self.rounds_left,
            due_at=due_at,
        )
