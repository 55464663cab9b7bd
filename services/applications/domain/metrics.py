"""Figures of hiring: what each one means, and how it is made of facts. Exact: no figure is kept.

Every figure counts things whose own moment lies in the period; what became of them counts whenever
it happened. The definitions are shown with the figures.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from services.applications.domain.hire_terms import HIRED, OfferStatus

Row = Mapping[str, Any]
DAY = timedelta(days=1)
FEWEST = 5  # Below, a figure would tell of one person what is theirs alone.
ANSWERED = HIRED | {OfferStatus.DECLINED, OfferStatus.EXPIRED, OfferStatus.NOT_STARTED}

DEFINITIONS = {
    "time_to_select": "From a project's first publication to the acceptance of a position: the "
    "median over positions accepted in the period.",
    "time_to_hire": "From a project's first publication to the acceptance of a hire offer: the "
    "median over hire offers accepted in the period.",
    "conversion": "Hire offers accepted, among the engagements completed in the period.",
    "cost_per_hire": "What was released to candidates and as the platform's fee in the period, by "
    "hire offers accepted in it that followed work in the same currency. A hire itself costs "
    "nothing.",
    "completion_rate": "Engagements completed, among those started in the period.",
    "no_show_rate": "Engagements that ended through the candidate before anything was handed in, "
    "among those started in the period.",
    "first_pass_acceptance": "Work accepted without any revision, among the engagements whose "
    "first work was handed in in the period.",
    "effective_hourly": "Fees by the hours that candidates say the work took, over the engagements "
    "completed in the period of which they have said so; withheld below five.",
    "response_rate": "Applications answered before their day of decision, among those sent in the "
    "period that were answered or whose day is over.",
    "offer_acceptance": "Hire offers accepted, among those made in the period that were answered "
    "or expired.",
    "retention_90": "Hires still there after 90 days, among the jobs begun in the period of which "
    "somebody has told how they stood then, or that they ended.",
}


@dataclass(frozen=True)
class Period:
    """From `since` on and before `until`."""

    since: datetime
    until: datetime

    def __contains__(self, moment: datetime | None) -> bool:
        return moment is not None and self.since <= moment < self.until


@dataclass(frozen=True)
class Figure:
    """`value` is None where there is nothing to divide by; parts are the exact whole numbers.

    Units: `days` (rounded to hundredths), `percent` (to tenths), `minor-units` of `currency`.
    """

    name: str
    unit: str
    value: float | None
    denominator: int
    numerator: int | None = None
    currency: str | None = None


@dataclass(frozen=True)
class History:
    """What figures are made of; `published` says when each project first was, `answers` how many
    applications of the period were answered in time (True) and how many were not."""

    facts: Iterable[Row]
    offers: Iterable[Row]
    published: Mapping[str, datetime]
    answers: Mapping[bool, int] = field(default_factory=dict)


def figures(history: History, period: Period) -> list[Figure]:
    """All of them, in the order of their definitions."""
    facts, offers = list(history.facts), list(history.offers)
    hired = [row for row in offers if row.get("accepted_at") in period]
    started = [row for row in facts if row.get("started_at") in period]
    submitted = [row for row in facts if row.get("submitted_at") in period]
    engaged = [row for row in facts if row.get("engaged_at") in period]
    due = sum(history.answers.values())
    return [
        _wait("time_to_select", engaged, "engaged_at", history.published),
        _wait("time_to_hire", hired, "accepted_at", history.published),
        _conversion(facts, offers, period),
        *_costs(facts, hired, period),
        _share("completion_rate", started, lambda row: row.get("completed_at") is not None),
        _share("no_show_rate", started, _never_came),
        _share("first_pass_acceptance", submitted, _passed_at_once),
        *_hourly(facts, period),
        _percent("response_rate", history.answers.get(True, 0), due),
        _share("offer_acceptance", _answered(offers, period), _was_accepted),
        _share("retention_90", _lasted(offers, period), _is(OfferStatus.RETAINED)),
    ]


def _wait(name: str, rows: list[Row], until: str, published: Mapping[str, datetime]) -> Figure:
    waits = [
        row[until] - published[row["project_id"]] for row in rows if row["project_id"] in published
    ]
    value = round(median(waits) / DAY, 2) if waits else None
    return Figure(name, "days", value, len(waits))


def _conversion(facts: list[Row], offers: list[Row], period: Period) -> Figure:
    hired = {row["engagement_id"] for row in offers if row.get("accepted_at") is not None}
    done = [row for row in facts if row.get("completed_at") in period]
    return _share("conversion", done, lambda row: row["engagement_id"] in hired)


def _costs(facts: list[Row], hired: list[Row], period: Period) -> list[Figure]:
    """One figure per currency that was spent; none where nothing was."""
    currency_of = {row["engagement_id"]: row.get("currency") for row in facts}
    hires = [currency_of.get(row["engagement_id"]) for row in hired]
    spent: dict[str, int] = {}
    for row in facts:
        if row.get("released_at") in period and row.get("currency"):
            cost = sum(row["costs"].values())
            spent[row["currency"]] = spent.get(row["currency"], 0) + cost
    return [_cost(currency, spent[currency], hires.count(currency)) for currency in sorted(spent)]


def _cost(currency: str, spent: int, hires: int) -> Figure:
    value = (2 * spent + hires) // (2 * hires) if hires else None  # Rounded half up.
    return Figure("cost_per_hire", "minor-units", value, hires, spent, currency)


def _hourly(facts: list[Row], period: Period) -> list[Figure]:
    """One figure per currency in which enough have told; else one that says nothing."""
    told: dict[str, list[Row]] = {}
    for row in facts:
        if row.get("minutes") and row.get("completed_at") in period:
            told.setdefault(row["fee_currency"], []).append(row)
    enough = {currency: rows for currency, rows in told.items() if len(rows) >= FEWEST}
    found = [_hourly_in(currency, enough[currency]) for currency in sorted(enough)]
    return found or [Figure("effective_hourly", "minor-units", None, 0)]


def _hourly_in(currency: str, rows: list[Row]) -> Figure:
    minutes = sum(row["minutes"] for row in rows)
    fees = sum(row["fee_amount"] for row in rows)
    value = (120 * fees + minutes) // (2 * minutes)  # Rounded half up.
    return Figure("effective_hourly", "minor-units", value, len(rows), None, currency)


def _never_came(row: Row) -> bool:
    through_candidate = row.get("cancelled_at") is not None and row.get("fault") == "candidate"
    return through_candidate and row.get("submitted_at") is None


def _passed_at_once(row: Row) -> bool:
    return row.get("accepted_at") is not None and not row.get("rounds")


def _answered(offers: list[Row], period: Period) -> list[Row]:
    return [row for row in offers if row["created_at"] in period and row["status"] in ANSWERED]


def _was_accepted(row: Row) -> bool:
    return row.get("accepted_at") is not None


def _lasted(offers: list[Row], period: Period) -> list[Row]:
    known = (OfferStatus.RETAINED, OfferStatus.LEFT)
    return [row for row in offers if row.get("started_at") in period and row["status"] in known]


def _is(status: OfferStatus) -> Callable[[Row], bool]:
    return lambda row: bool(row["status"] == status)


def _share(name: str, rows: list[Row], holds: Callable[[Row], bool]) -> Figure:
    return _percent(name, sum(map(holds, rows)), len(rows))


def _percent(name: str, part: int, whole: int) -> Figure:
    value = round(100 * part / whole, 1) if whole else None
    return Figure(name, "percent", value, whole, part)
