"""How long work of a template has really taken, as those say who did it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from services.projects.domain.brief import Brief
from services.projects.domain.policy import Policy

FEWEST = 5  # Below, a figure would tell of one person what is theirs alone.


@dataclass(frozen=True)
class Experience:
    """The median of what was noted, in hours."""

    notes: int
    median_hours: float


def experience(hours: Sequence[float]) -> Experience | None:
    """None where too few have said."""
    if len(hours) < FEWEST:
        return None
    return Experience(len(hours), round(median(hours), 2))


def warnings(brief: Brief, known: Experience, policy: Policy) -> Iterator[tuple[str, str, str]]:
    """Code, field and sentence of what the brief takes too lightly."""
    hours = known.median_hours
    if not 0 < brief.hours < hours:
        return
    told = f"{known.notes} people who did this kind of project noted {hours:g} hours in the median"
    yield "hours-short", "hours", f"{told}; you say {brief.hours}."
    floor = policy.floor(brief)
    if brief.unpaid_basis or floor is None or brief.fee_amount >= floor.per_hour * hours:
        return
    pays = int(brief.fee_amount / hours)
    yield (
        "fee-short",
        "fee_amount",
        f"{told}: the fee pays {pays} {floor.currency} in minor units for each, less than the "
        f"floor of {floor.per_hour}.",
    )
