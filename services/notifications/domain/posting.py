"""How anything leaves the house once: claimed, handed over, marked; or tried again later."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.notifications.domain.hours import Quiet
from services.notifications.events import Event

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)


class MailStatus(StrEnum):
    OFF = "off"  # Not wanted by mail.
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    COLLECTED = "collected"  # In a digest.
    CAPPED = "capped"  # More than its sender may send to one person.
    EMPTY = "empty"  # A digest that had nothing left to tell.


@dataclass(kw_only=True)
class Posting:
    """Whatever is sent to one person, and the steps of it. `due_at` is when it is tried next.

    Whoever sends it moves `due_at` on first, so that of many processes one sends, and another takes
    over when that one dies. In the person's quiet hours it is not due.
    """

    id: str
    person_id: str
    created_at: datetime
    mail: MailStatus = MailStatus.PENDING
    attempts: int = 0
    due_at: datetime | None = None
    holder: str | None = None
    sent_at: datetime | None = None
    failure: str | None = None
    quiet: Quiet | None = None
    zone: str = "UTC"
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def claim(self, holder: str, now: datetime, lease: timedelta) -> None:
        """Take the sending upon oneself for as long as the lease; see `holder` for who has it."""
        if self.due_at is not None and self.due_at <= now:
            self.holder, self.due_at, self.attempts = holder, now + lease, self.attempts + 1

    def sent(self, now: datetime) -> None:
        self.mail, self.sent_at, self.due_at, self.holder = MailStatus.SENT, now, None, None

    def postpone(self, code: str, now: datetime) -> None:
        """Nobody took it: again later, for three days."""
        if now - self.created_at >= GIVE_UP_AFTER:
            self.fail(code)
            return
        wait = min(FIRST_WAIT * 2 ** min(self.attempts - 1, 10), LONGEST_WAIT)
        self.due_at, self.holder, self.failure = self.awake(now + wait), None, code

    def fail(self, code: str) -> None:
        self.mail, self.failure, self.due_at, self.holder = MailStatus.FAILED, code, None, None

    def drop(self) -> None:
        """Nothing is left to send."""
        self.mail, self.due_at, self.holder = MailStatus.EMPTY, None, None

    def awake(self, at: datetime) -> datetime:
        """That time, or when the quiet hours that hold then are over."""
        return (self.quiet.until(at, self.zone) if self.quiet else None) or at
