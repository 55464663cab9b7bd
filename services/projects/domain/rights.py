"""Whose the work is: rights follow the money, as the assignment that both sides accepted says."""

from dataclasses import dataclass
from datetime import datetime

from services.projects import events as announce
from services.projects.domain.agreement import ASSIGNMENT, Paper
from services.projects.domain.engagement_record import Record
from services.projects.domain.work import PaymentStatus


@dataclass
class Rights(Record):
    """What happens to the rights in the work; without a fee there is no assignment."""

    def note_release(self, at: datetime) -> None:
        """The fee, or what was decided of it, is the candidate's: the assignment takes effect."""
        self.payment = self.payment.heard(PaymentStatus.RELEASED)
        paper = self._assignment()
        if paper and self.rights_assigned_at is None and self.licence_revoked_at is None:
            self.rights_assigned_at = at
            self._announce(
                announce.RightsAssigned,
                agreement_version=paper.version,
                agreement_sha256=paper.sha256,
                assigned_at=at,
            )

    def _revoke_licence(self, at: datetime) -> None:
        """All the money went back: what was handed in may not be used, not even to look at it."""
        held = self._assignment() and self.submissions and self.rights_assigned_at is None
        if held and self.licence_revoked_at is None:
            self.licence_revoked_at = at
            files = [file.file_id for one in self.submissions for file in one.files]
            self._announce(announce.LicenceRevoked, file_ids=files, revoked_at=at)

    def _assignment(self) -> Paper | None:
        """The text that both sides accepted, if work has started on it."""
        if self.kickoff is None or self.started_at is None:
            return None
        return next((paper for paper in self.kickoff.papers if paper.kind == ASSIGNMENT), None)
