"""What a missed deadline leads to: terms of a brief, known to both sides before the start."""

from dataclasses import dataclass
from datetime import datetime, timedelta

GRACE_DAYS = (0, 30)
NO_SHOW_DAYS = (2, 28)
CONSEQUENCES = ("cancel", "block")
REACTIVATION = timedelta(days=14)  # What is blocked may be extended for so long.
NO_SHOW_ANSWER = timedelta(days=2)  # From the question to the end.
SILENCE_LIMIT = timedelta(days=7)  # Who leaves a message unanswered for longer is at fault.
WORK_NOTICE = timedelta(days=2)  # A reminder comes so long before, or halfway where that is later.
REVIEW_NOTICE = timedelta(days=3)
MILESTONE_NOTICE = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """Late work is taken for `grace_days`; then it is given up (`cancel`), or nothing is taken
    until both agree on another date (`block`).

    Without any sign of the candidate for `no_show_days` they are asked, and replaced; None: never.
    """

    grace_days: int = 14
    missed: str = "cancel"
    no_show_days: int | None = 5

    def taken_until(self, due_at: datetime) -> datetime:
        """From then on nothing is handed in."""
        return due_at + timedelta(days=self.grace_days)

    def ends_at(self, due_at: datetime) -> datetime:
        """When the engagement is given up."""
        more = REACTIVATION if self.missed == "block" else timedelta()
        return self.taken_until(due_at) + more


def remind_at(due_at: datetime, now: datetime, notice: timedelta) -> datetime:
    """When to remind of something that falls due then, to the second."""
    half = timedelta(seconds=max((due_at - now).total_seconds(), 0) // 2)
    return due_at - min(notice, half)
