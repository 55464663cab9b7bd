"""Reputation by a published formula: docs/reputation.md says the same in words, with examples.

What counts: a released rating by the other side (its weighted score, 0 to 100), and an engagement
that ended through one's own fault (0). What does not: the other side's silence, in any form.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

FORMULA = "1"
MINIMUM = 3  # Fewer say nothing: no score is shown.
HALF_LIFE = timedelta(days=365)  # After a year it counts half, after two a quarter.
RATING, FAULT = "rating", "fault"


@dataclass(frozen=True, kw_only=True)
class Input:
    """One thing that counts, or that an operator took out (`excluded`)."""

    engagement_id: str
    kind: str
    value: int
    at: datetime
    appealed: bool = False
    excluded: bool = False


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """An input and how much it counts: 1 today, half of it for each year since."""

    input: Input
    weight: Decimal


@dataclass(frozen=True, kw_only=True)
class Reputation:
    """`score` is 0 to 100, or None below the minimum; `counted` are the inputs that make it."""

    score: int | None
    counted: int
    inputs: list[Weighed]


def reputation(inputs: Iterable[Input], now: datetime) -> Reputation:
    """The weighted mean of all inputs that count, rounded half up."""
    weighed = [
        Weighed(input=one, weight=weight(now - one.at))
        for one in sorted(inputs, key=lambda one: (one.at, one.engagement_id), reverse=True)
    ]
    counting = [one for one in weighed if not one.input.excluded]
    return Reputation(score=_score(counting), counted=len(counting), inputs=weighed)


def weight(age: timedelta) -> Decimal:
    """0.5 to the power of the age in years, to four places; nothing is older than it is."""
    years = Decimal(max(age, timedelta()) // timedelta(seconds=1)) / Decimal(
        HALF_LIFE // timedelta(seconds=1)
    )
    return (Decimal("0.5") ** years).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _score(counting: list[Weighed]) -> int | None:
    total = sum((one.weight for one in counting), Decimal())
    if len(counting) < MINIMUM or not total:
        return None
    points = sum((one.weight * one.input.value for one in counting), Decimal())
    return int((points / total).quantize(Decimal(1), ROUND_HALF_UP))
