"""What time does to work under way: reminders, missed dates, no-shows, and the end of patience."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from services.projects import events as announce
from services.projects.domain.deadlines import (
    NO_SHOW_ANSWER,
    REVIEW_NOTICE,
    WORK_NOTICE,
    remind_at,
)
from services.projects.domain.engagement_record import Record
from services.projects.domain.work import MAKING, WORKING, Fault, Freeze, Party, Status
from services.projects.domain.workroom import UNFINISHED, Milestone
from shared.errors import Conflict

Clock = tuple[datetime, Callable[[datetime], None]]
OTHER = {Party.COMPANY: Party.CANDIDATE, Party.CANDIDATE: Party.COMPANY}


@dataclass
class Clocks(Record):
    """Each clock is a moment on record; what it does moves it on or puts it away.

    So a sweep may come late, twice, or from any replica.
    """

    @property
    def review_ends_at(self) -> datetime | None:
        """When silence accepts the work; an earlier release kept it as `due_at` alone."""
        return self.review_due_at or self.due_at

    def _promise(self, due_at: datetime, now: datetime) -> datetime:
        self.work_due_at, self.missed_at, self.review_due_at = due_at, None, None
        self.remind_at = remind_at(due_at, now, WORK_NOTICE)
        self._reschedule()
        return due_at

    def _await_review(self, due_at: datetime, now: datetime) -> datetime:
        self.review_due_at, self.remind_at = due_at, remind_at(due_at, now, REVIEW_NOTICE)
        self._reschedule()
        return due_at

    def _await_presence(self, begins: datetime) -> None:
        days = self.terms.deadlines.no_show_days
        self.no_show_at = None if days is None else begins + timedelta(days=days)

    def _require_taken(self, now: datetime) -> None:
        """Raise Conflict once late work is not taken any more, whenever a sweep comes."""
        if self.work_due_at and now >= self.terms.deadlines.taken_until(self.work_due_at):
            sentence = "The deadline and its grace are over: ask for another date first."
            raise Conflict("deadline-over", sentence)

    # Signs of life

    def note_message(self, party: Party, at: datetime) -> None:
        """One side wrote: it is there, and the other owes an answer."""
        if self.status not in WORKING or party not in OTHER:
            return
        self._seen(party, at)
        other = OTHER[party].value
        if other not in self.heard or at > self.heard[other]:
            self.silence.setdefault(other, at)
        self._reschedule()

    def _seen(self, party: Party, at: datetime) -> None:
        if party in OTHER:
            self.heard[party.value] = max(at, self.heard.get(party.value, at))
            if self.silence.get(party.value, at) <= at:
                self.silence.pop(party.value, None)
        if party is Party.CANDIDATE:
            self.no_show_at = self.no_show_suspected_at = None

    # What falls due

    def _reschedule(self) -> None:
        """The sweep comes at the next of all clocks."""
        if self.status in WORKING:
            self.due_at = min((at for at, _ in self._clocks()), default=None)

    def _settle_work(self, now: datetime) -> None:
        while self.status in WORKING:
            at, act = min(self._clocks(), key=lambda clock: clock[0])
            if at > now:
                break
            act(now)
        self._reschedule()

    def _clocks(self) -> Iterator[Clock]:
        if self.remind_at:
            yield self.remind_at, self._remind
        if self.status in MAKING and self.work_due_at:
            if self.missed_at is None:
                yield self.work_due_at, self._miss
            yield self.terms.deadlines.ends_at(self.work_due_at), self._give_up
            if self.no_show_at:
                yield self.no_show_at, self._doubt_presence
        for milestone in self.milestones:
            if milestone.state in UNFINISHED and milestone.remind_at:
                yield milestone.remind_at, partial(self._remind_of, milestone)
            if milestone.state in UNFINISHED and not milestone.late:
                yield milestone.due_at, partial(self._miss_milestone, milestone)

    def _remind(self, _now: datetime) -> None:
        self.remind_at = None
        review = self.status is Status.SUBMITTED
        self._announce(
            announce.DeadlineReminded,
            subject="review" if review else "work",
            waiting_for=[(Party.COMPANY if review else Party.CANDIDATE).value],
            due_at=self.review_due_at if review else self.work_due_at,
        )

    def _miss(self, now: datetime) -> None:
        assert self.work_due_at is not None  # Else nothing was promised.
        deadlines, self.missed_at = self.terms.deadlines, now
        self._announce(
            announce.DeadlineMissed,
            due_at=self.work_due_at,
            consequence=deadlines.missed,
            taken_until=deadlines.taken_until(self.work_due_at),
            ends_at=deadlines.ends_at(self.work_due_at),
        )

    def _give_up(self, now: datetime) -> None:
        self._cancel("not-delivered", Fault.CANDIDATE, now)

    def _doubt_presence(self, now: datetime) -> None:
        """Ask first; without an answer another takes over."""
        if self.no_show_suspected_at:
            self._cancel("no-show", Fault.CANDIDATE, now)
            return
        self.no_show_suspected_at, self.no_show_at = now, now + NO_SHOW_ANSWER
        self._announce(announce.NoShowSuspected, answer_by=self.no_show_at)

    def _remind_of(self, milestone: Milestone, _now: datetime) -> None:
        self._put(replace(milestone, remind_at=None))
        self._announce(
            announce.DeadlineReminded,
            subject="milestone",
            waiting_for=[Party.CANDIDATE.value],
            due_at=milestone.due_at,
            milestone_id=milestone.milestone_id,
        )

    def _miss_milestone(self, milestone: Milestone, _now: datetime) -> None:
        self._put(replace(milestone, remind_at=None, late=True))
        self._announce(
            announce.MilestoneMissed,
            milestone_id=milestone.milestone_id,
            milestone=milestone.title,
            due_at=milestone.due_at,
        )

    def _put(self, milestone: Milestone) -> None:
        self.milestones = [
            milestone if one.milestone_id == milestone.milestone_id else one
            for one in self.milestones
        ]

    # A dispute stops all clocks

    def _thaw_clocks(self, freeze: Freeze, at: datetime) -> None:
        """All that a dispute has interrupted falls due later by as long as it lasted."""
        for name in ("work_due_at", "review_due_at", "remind_at", "no_show_at"):
            setattr(self, name, freeze.thawed(getattr(self, name), at))
        self.silence = {
            side: freeze.thawed(since, at) or at for side, since in self.silence.items()
        }
        self.orders = [
            replace(one, expires_at=freeze.thawed(one.expires_at, at) or at) for one in self.orders
        ]
        self.milestones = [
            replace(
                one,
                due_at=freeze.thawed(one.due_at, at) or at,
                remind_at=freeze.thawed(one.remind_at, at),
            )
            for one in self.milestones
        ]
        self._reschedule()
