"""How much unasked-for mail one sender may send to one person.

A company that somebody has applied to is no stranger any more: its invitations do not count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifications.domain.channels import COMPANY_CAP, PLATFORM_CAP

DAY, MONTH = timedelta(days=1), timedelta(days=30)
RELEVANT = 40  # Of 100: a suggestion that fits less is no reason for a mail.
ANSWERS = ("application.submitted.v1",)


@dataclass(frozen=True)
class Cap:
    """How many within a day and within 30 days."""

    a_day: int
    a_month: int


CAPS = {COMPANY_CAP: Cap(2, 6), PLATFORM_CAP: Cap(10, 60)}


def is_over(cap: Cap, before: Sequence[datetime], at: datetime) -> bool:
    """Whether one at this time is too many after those before it."""
    today = sum(1 for one in before if at - DAY < one)
    month = sum(1 for one in before if at - MONTH < one)
    return today >= cap.a_day or month >= cap.a_month
