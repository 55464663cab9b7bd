"""Flags for an operator, and the candidate's own notes."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.projects import events as announce
from services.projects.domain.engagement_record import Record
from services.projects.domain.work import Party, Status
from services.projects.domain.workroom import MOST_FLAGS, Flag, Reflection, TimeNote
from shared.errors import Conflict, NotFound

STARTED = tuple(
    status for status in Status if status not in (Status.AWAITING_FUNDING, Status.KICKOFF_PENDING)
)


@dataclass
class Flagging(Record):
    """What is said beside the work itself."""

    def raise_flag(self, flag: Flag) -> None:
        """Tell operators of a problem; again without harm. The other side learns nothing of it."""
        if any(one.flag_id == flag.flag_id for one in self.flags):
            return
        mine = [one for one in self.flags if one.by is flag.by]
        if len(mine) >= MOST_FLAGS:
            raise Conflict("flags-full", f"You have raised {MOST_FLAGS} flags already.")
        self._keep_flags([*self.flags, flag])
        self.events.append(
            announce.FlagRaised(
                engagement_id=self.id,
                project_id=self.project_id,
                flag_id=flag.flag_id,
                by=flag.by.value,
                kind=flag.kind,
                evidence=len(flag.evidence),
            )
        )

    def resolve_flag(self, flag_id: str, resolution: str, person_id: str, now: datetime) -> None:
        """Answer it, once; the side that raised it is told."""
        flag = next((one for one in self.flags if one.flag_id == flag_id), None)
        if flag is None:
            raise NotFound("flag-not-found", "There is no such flag.")
        if flag.resolution is not None:
            raise Conflict("flag-resolved", "This flag has its answer.")
        answered = replace(flag, resolution=resolution, resolved_by=person_id, resolved_at=now)
        self._keep_flags([answered if one.flag_id == flag_id else one for one in self.flags])
        company = flag.by is Party.COMPANY
        self.events.append(
            announce.FlagResolved(
                engagement_id=self.id,
                project_id=self.project_id,
                flag_id=flag_id,
                by=flag.by.value,
                kind=flag.kind,
                org_id=self.org_id if company else None,
                candidate_id=None if company else self.candidate_id,
            )
        )

    def _keep_flags(self, flags: list[Flag]) -> None:
        """And since when one waits for an operator, by which they are found."""
        waiting = [one.raised_at for one in flags if one.resolution is None]
        self.flags, self.flags_open_since = flags, min(waiting, default=None)

    def note_time(self, note: TimeNote, template_id: str | None = None) -> None:
        """Keep for oneself how long it took; the last word stands.

        Of a template's work it counts, among others' alone, for who uses the template next.
        """
        self._require_started()
        self.time_note, self.noted_template = note, template_id
        self.events.append(
            announce.TimeNoted(
                engagement_id=self.id,
                project_id=self.project_id,
                candidate_id=self.candidate_id,
                minutes=max(1, round(note.hours * 60)),
                fee_amount=self.terms.fee_amount,
                fee_currency=self.terms.fee_currency,
                noted_at=note.noted_at,
            )
        )

    def reflect(self, reflection: Reflection) -> None:
        """Write down what was learned; the company is told once it is shared."""
        self._require_started()
        shown = self.reflection is not None and self.reflection.shared
        self.reflection = reflection
        if reflection.shared and not shown:
            self._announce(announce.ReflectionShared)

    @property
    def effective_hourly(self) -> int | None:
        """The fee per hour that it really took, in minor units, rounded down."""
        if self.time_note is None:
            return None
        return int(self.terms.fee_amount / self.time_note.hours)

    def _require_started(self) -> None:
        if self.started_at is None:
            self._require(*STARTED)
            raise Conflict("engagement-not-started", "There was no work yet.")
