"""What of a partner's public events its stream on the broker has, and who brings the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.notifications.events import Event

LEASE = timedelta(seconds=15)  # How long a process that died keeps others from a partner's stream.
LONGEST_PAUSE = timedelta(minutes=1)


@dataclass
class Stream:
    """One per partner that reads by AMQP. `position` is the number of the last public event that
    the broker has confirmed, and all before it."""

    id: str
    opened_at: datetime
    open: bool = True
    position: int = 0
    holder: str | None = None
    held_until: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def reopen(self) -> None:
        """Go on where it ended: what was not brought meanwhile is, as far as it is kept."""
        self.open = True

    def close(self) -> None:
        self.open, self.holder, self.held_until = False, None, None

    def free_for(self, holder: str, now: datetime) -> bool:
        """Whether this process may send: nobody else does just now."""
        return self.open and (self.holder in (None, holder) or not self.held(now))

    def claim(self, holder: str, now: datetime) -> None:
        """Send from now on, for as long as the lease; see `holder` for who does."""
        if self.free_for(holder, now):
            self.holder, self.held_until = holder, now + LEASE

    def lasts(self, holder: str, now: datetime) -> bool:
        """Whether this process has it for half the lease at least."""
        return self.holder == holder and self.held(now + LEASE / 2)

    def held(self, at: datetime) -> bool:
        return self.held_until is not None and self.held_until > at

    def advance(self, position: int) -> None:
        self.position = max(self.position, position)


@dataclass
class Progress:
    """What this process has offered of one stream, and what of it was confirmed in a row.

    What makes no headway (no queue takes it) is offered again ever more seldom.
    """

    confirmed: int = 0
    recorded: int = 0
    _offered: list[tuple[int, str]] = field(default_factory=list)
    _done: set[str] = field(default_factory=set)
    _in_vain: int = 0
    _not_before: datetime | None = None

    def may_offer(self, now: datetime) -> bool:
        return self._not_before is None or now >= self._not_before

    def offer(self, events: Sequence[tuple[int, str]], now: datetime) -> None:
        """These (number, id) follow the last confirmed one and go out now, in this order."""
        again = bool(self._offered) and self._offered[0] == events[0]
        self._in_vain = self._in_vain + 1 if again else 0
        pause = timedelta(seconds=2 ** min(self._in_vain, 10) - 1)
        self._not_before = now + min(pause, LONGEST_PAUSE)
        self._offered = list(events)
        self._done &= {id_ for _, id_ in events}

    def settle(self, event_id: str) -> None:
        """The broker has this event; confirms may come in any order."""
        self._done.add(event_id)
        while self._offered and self._offered[0][1] in self._done:
            number, id_ = self._offered.pop(0)
            self._done.discard(id_)
            self.confirmed, self._not_before = number, None
