"""A notice of the bank's as we keep it: stored before it is acted on, acted on until it is done."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.payments.domain.notices import Notice
from services.payments.events import Event

IGNORED = frozenset({"other", "payout"})  # Kept for the record: nothing of ours changes by them.
FIRST_REPEAT, LAST_REPEAT = timedelta(seconds=10), timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)  # By then the sweeps of the money itself have found it, too.


@dataclass
class Hook:
    """A notice under its event's id; due while something is left to do about it."""

    id: str
    notice: Notice
    received_at: datetime
    due_at: datetime | None
    attempts: int = 0
    done_at: datetime | None = None
    note: str = ""  # Why it was given up, or is tried again: the code of an error.
    version: int = 0
    events: list[Event] = field(default_factory=list)

    @classmethod
    def of(cls, notice: Notice, now: datetime) -> "Hook":
        """As it comes in."""
        ignored = notice.kind in IGNORED
        return cls(
            notice.id, notice, now, None if ignored else now, done_at=now if ignored else None
        )

    @property
    def given_up(self) -> bool:
        return self.due_at is None and self.done_at is None

    def finish(self, now: datetime) -> None:
        self.due_at, self.done_at, self.note = None, now, ""

    def postpone(self, code: str, now: datetime) -> None:
        """Again later, for as long as the bank itself would repeat it."""
        self.attempts += 1
        self.note = code
        wait = min(FIRST_REPEAT * (1 << min(self.attempts, 10)), LAST_REPEAT)
        self.due_at = None if now - self.received_at > GIVE_UP_AFTER else now + wait
