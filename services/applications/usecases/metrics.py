"""Figures of hiring: facts noted as events tell them, and summed up when somebody asks."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Protocol

from services.applications.domain import EngagementFacts, sibling_id
from services.applications.domain.metrics import DEFINITIONS, Figure, History, Period, figures
from services.applications.usecases.ports import Facts, State
from shared.envelope import Event, Message
from shared.errors import Invalid
from shared.principal import Principal

DAY = timedelta(days=1)
LONGEST = timedelta(days=366)


class Past(Protocol):
    """Rows of an organisation, or of all where it is None."""

    def facts_of(self, org_id: str | None) -> Iterator[State]: ...
    def offers_of(self, org_id: str | None) -> Iterator[State]: ...
    def publications(self, project_ids: set[str]) -> dict[str, datetime]: ...
    def answers(self, org_id: str | None, since: datetime, until: datetime) -> dict[bool, int]: ...


def note(facts: Facts, event: Message, whose: dict[str, str], **seen: Any) -> None:
    """Keep what an event tells of an engagement, in whatever order it comes."""
    id_ = sibling_id("fct", whose["engagement_id"])

    facts.change(id_, event, lambda one: one.note(**seen), new=partial(_blank, id_, whose))


def note_cost(
    facts: Facts, event: Event, whose: dict[str, str], amount: int, currency: str
) -> None:
    """Money that was released: to the candidate, and as the platform's fee."""
    id_ = sibling_id("fct", whose["engagement_id"])

    def add(one: EngagementFacts) -> None:
        one.note(released_at=event.time, currency=currency)
        one.note_cost(event.id, amount)

    facts.change(id_, event, add, new=partial(_blank, id_, whose))


def note_time(facts: Facts, event: Message, engagement_id: str, **said: Any) -> None:
    """The event names no company: until another has told whose it is, it is tried again."""
    id_ = sibling_id("fct", engagement_id)
    facts.change(id_, event, lambda one: one.note_time(**said))


def _blank(id_: str, whose: dict[str, str]) -> EngagementFacts:
    return EngagementFacts(id_, whose["engagement_id"], whose["project_id"], whose["org_id"])


def get_metrics(
    past: Past, by: Principal, since: date | None, until: date | None, now: datetime
) -> State:
    """Of the whole platform."""
    by.require("get_metrics")
    return _metrics(past, None, _period(since, until, now))


def get_org_metrics(
    past: Past, by: Principal, org_id: str, since: date | None, until: date | None, now: datetime
) -> State:
    by.require("get_org_metrics", org_id=org_id)
    return _metrics(past, org_id, _period(since, until, now))


def _metrics(past: Past, org_id: str | None, period: Period) -> State:
    facts, offers = list(past.facts_of(org_id)), list(past.offers_of(org_id))
    published = past.publications({row["project_id"] for row in [*facts, *offers]})
    answers = past.answers(org_id, period.since, period.until)
    found = figures(History(facts, offers, published, answers), period)
    return {
        "org_id": org_id,
        "since": period.since,
        "until": period.until,
        "figures": [_view(one) for one in found],
    }


def _view(figure: Figure) -> State:
    return {**asdict(figure), "definition": DEFINITIONS[figure.name]}


def _period(since: date | None, until: date | None, now: datetime) -> Period:
    """Whole days in UTC, the last one included; the past 365 days where nothing is said."""
    last = until or now.date()
    first = since or last - timedelta(days=364)
    begin = datetime.combine(first, time.min, now.tzinfo)
    end = datetime.combine(last, time.min, now.tzinfo) + DAY
    if not DAY <= end - begin <= LONGEST:
        sentence = "Name a first and a last day, at most 366 days apart."
        raise Invalid("period-invalid", sentence, {"since": sentence})
    return Period(begin, end)
