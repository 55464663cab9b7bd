"""Milestones: planned by either side, worked through by one, accepted by the other."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.projects import events as announce
from services.projects.domain.checklist import LONGEST_WORK
from services.projects.domain.clocks import Clocks
from services.projects.domain.deadlines import MILESTONE_NOTICE, remind_at
from services.projects.domain.work import WORKING, Party, Status
from services.projects.domain.workroom import MOST_MILESTONES, UNFINISHED, Milestone, Step
from shared.errors import Conflict, Forbidden, Invalid, NotFound

PLANNABLE = (Status.KICKOFF_PENDING, *WORKING)
# Whose it is to say so, and from where.
STEPS: dict[Step, tuple[tuple[Party, ...], tuple[Step, ...]]] = {
    Step.IN_PROGRESS: ((Party.CANDIDATE, Party.COMPANY), (Step.PLANNED, Step.DONE)),
    Step.DONE: ((Party.CANDIDATE,), UNFINISHED),
    Step.ACCEPTED: ((Party.COMPANY,), (Step.DONE,)),
    Step.DROPPED: ((Party.COMPANY,), UNFINISHED),
}


@dataclass
class Planning(Clocks):
    """Check-points on the way; they remind and tell, and decide nothing about the fee."""

    def plan_milestone(
        self, milestone_id: str, title: str, due_at: datetime, party: Party, now: datetime
    ) -> None:
        """Add a check-point; again without harm."""
        self._require(*PLANNABLE)
        if any(one.milestone_id == milestone_id for one in self.milestones):
            return
        if len(self.milestones) >= MOST_MILESTONES:
            raise Conflict("milestones-full", f"There are {MOST_MILESTONES} milestones already.")
        milestone = Milestone(
            milestone_id=milestone_id,
            title=title,
            due_at=self._within(due_at, now),
            state=Step.PLANNED,
            by=party,
            changed_at=now,
            remind_at=remind_at(due_at, now, MILESTONE_NOTICE),
        )
        self.milestones.append(milestone)
        self._tell_milestone(milestone, party, now)

    def move_milestone(
        self,
        milestone_id: str,
        party: Party,
        now: datetime,
        *,
        title: str | None = None,
        due_at: datetime | None = None,
        state: Step | None = None,
    ) -> None:
        """Call it otherwise, move its date while it is not done, or bring it a step further."""
        self._require(*PLANNABLE)
        was = self._milestone(milestone_id)
        milestone = replace(was, title=title or was.title)
        if due_at and due_at != was.due_at:
            milestone = self._moved(milestone, due_at, now)
        if state and state is not was.state:
            _require_step(was.state, state, party)
            milestone = replace(milestone, state=state)
        if milestone != was:
            milestone = replace(milestone, by=party, changed_at=now)
            self._put(milestone)
            self._tell_milestone(milestone, party, now)

    def _moved(self, milestone: Milestone, due_at: datetime, now: datetime) -> Milestone:
        if milestone.state not in UNFINISHED:
            raise Conflict("milestone-done", "It is done: its date does not matter any more.")
        self._within(due_at, now)
        reminder = remind_at(due_at, now, MILESTONE_NOTICE)
        return replace(milestone, due_at=due_at, remind_at=reminder, late=False)

    def _milestone(self, milestone_id: str) -> Milestone:
        for one in self.milestones:
            if one.milestone_id == milestone_id:
                return one
        raise NotFound("milestone-not-found", "There is no such milestone.")

    def _within(self, due_at: datetime, now: datetime) -> datetime:
        latest = self.work_due_at or now + LONGEST_WORK
        if not now < due_at <= latest:
            sentence = f"Name a time from now until the work is due, {latest.isoformat()}."
            raise Invalid("milestone-invalid", "A date needs a change.", {"due_at": sentence})
        return due_at

    def _tell_milestone(self, milestone: Milestone, party: Party, now: datetime) -> None:
        if self.status in WORKING:
            self._seen(party, now)
            self._reschedule()
        self._announce(
            announce.MilestoneChanged,
            milestone_id=milestone.milestone_id,
            milestone=milestone.title,
            by=party.value,
            state=milestone.state.value,
            due_at=milestone.due_at,
        )


def _require_step(was: Step, state: Step, party: Party) -> None:
    who, before = STEPS.get(state, ((), ()))
    if party not in who:
        raise Forbidden("milestone-step-forbidden", f"It is not yours to call it {state.value}.")
    if was not in before:
        sentence = f"A milestone that is {was.value} cannot become {state.value}."
        raise Conflict("milestone-step-impossible", sentence)
