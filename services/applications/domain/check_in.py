"""Asking both sides of a hire how it goes, after 30 and after 90 days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.errors import Conflict

DAYS = (30, 90)  # After the start.
WINDOW = timedelta(days=14)  # To answer.


class Side(StrEnum):
    CANDIDATE = "candidate"
    COMPANY = "company"


@dataclass(frozen=True)
class CheckInAnswer:
    """One side's own word, which the other never reads; `rating` is 1 to 5."""

    employed: bool
    rating: int
    comment: str = ""


@dataclass
class CheckIn:
    day: int
    asked_at: datetime
    closes_at: datetime
    candidate: CheckInAnswer | None = None
    company: CheckInAnswer | None = None

    def answer(self, side: Side, answer: CheckInAnswer, now: datetime) -> bool:
        """Keep it, or a newer one while there is time; whether it is this side's first."""
        if answer == self.of(side):
            return False
        if now >= self.closes_at:
            raise Conflict("check-in-closed", "The time to answer this check-in is over.")
        first = self.of(side) is None
        if side is Side.CANDIDATE:
            self.candidate = answer
        else:
            self.company = answer
        return first

    def of(self, side: Side) -> CheckInAnswer | None:
        return self.candidate if side is Side.CANDIDATE else self.company

    @property
    def answers(self) -> list[CheckInAnswer]:
        return [one for one in (self.candidate, self.company) if one is not None]


def ask(day: int, now: datetime) -> CheckIn:
    return CheckIn(day, now, now + WINDOW)


def find(check_ins: list[CheckIn], day: int) -> CheckIn:
    """The check-in of that day; Conflict where nobody was asked."""
    for one in check_ins:
        if one.day == day:
            return one
    raise Conflict("check-in-not-asked", "Nobody was asked for a check-in of that day.")


def due_days(check_ins: list[CheckIn], started_at: datetime, now: datetime) -> list[int]:
    """Days that have come and were not asked for; a later one makes an earlier one needless."""
    last = max((one.day for one in check_ins), default=0)
    return [day for day in DAYS if day > last and started_at + timedelta(days=day) <= now]


def next_due(check_ins: list[CheckIn], started_at: datetime) -> datetime | None:
    """When the next one is to be asked, if there is one left."""
    last = max((one.day for one in check_ins), default=0)
    left = [day for day in DAYS if day > last]
    return started_at + timedelta(days=left[0]) if left else None
