"""What both sides settle before the start: work, dates, ways to talk, data, AI, check-ins."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from services.projects.domain.brief import WEEKS, Expected
from services.projects.domain.work import Terms
from shared.errors import Invalid

START_LIMIT = timedelta(days=14)  # The fee is held meanwhile.
LONGEST_WORK = timedelta(weeks=WEEKS[1])
RESPONSE_HOURS = (1, 120)
MOST_CHECK_INS = 10


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A talk about the work, so many days after its start."""

    after_days: int
    about: str


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """Expectations as both sign them; without dates work starts with the last signature.

    `time_zone` is the one that both mean when they speak of a day.
    """

    deliverables: list[Expected]
    time_zone: str
    channel: str
    response_hours: int
    data_access: str
    ai_policy: str
    ai_note: str
    check_ins: list[Checkpoint]
    starts_at: datetime | None = None
    due_at: datetime | None = None

    @classmethod
    def of(cls, terms: Terms) -> "Checklist":
        """What the brief says already, and the platform's usual answers to the rest."""
        return cls(
            deliverables=terms.expected,
            time_zone=terms.time_zone,
            channel="E-mail, at the addresses that both sides exchange.",
            response_hours=48,
            data_access="Nothing beyond the brief and what is sent with it.",
            ai_policy=terms.ai_policy,
            ai_note=terms.ai_note,
            check_ins=[
                Checkpoint(after_days=terms.weeks * 7 // 2, about="Progress and questions.")
            ],
        )

    @property
    def sha256(self) -> str:
        """The hash of its JSON: keys in order, no blanks, UTF-8; in lower-case hex."""
        text = json.dumps(
            asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_iso
        )
        return sha256(text.encode()).hexdigest()

    def changed(self, changes: Mapping[str, Any], now: datetime) -> "Checklist":
        """This checklist with these fields replaced; raises Invalid where its dates are wrong."""
        checklist = replace(self, **changes)
        errors = checklist._wrong_dates(now)
        if errors:
            raise Invalid("checklist-invalid", "Some dates need a change.", errors)
        return checklist

    def differences(self, other: "Checklist") -> list[str]:
        """The names of the fields in which the other one differs."""
        names = [item.name for item in fields(self)]
        return [name for name in names if getattr(self, name) != getattr(other, name)]

    def work_due_at(self, now: datetime, weeks: int) -> datetime:
        """Until when work that starts now is to be handed in."""
        return self.due_at or max(now, self.starts_at or now) + timedelta(weeks=weeks)

    def _wrong_dates(self, now: datetime) -> dict[str, str]:
        starts_at, due_at = self.starts_at, self.due_at
        errors = {}
        if starts_at and not now < starts_at <= now + START_LIMIT:
            errors["starts_at"] = "Start within the next 14 days, or leave it out to start at once."
        begins = max(now, starts_at or now)
        if due_at and not begins < due_at <= begins + LONGEST_WORK:
            errors["due_at"] = "Name a time after the start, at most 8 weeks later."
        return errors


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
