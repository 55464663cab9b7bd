"""The rules that a brief is held to before candidates see it: pay, unpaid work, prohibited work."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from services.projects.domain.brief import Brief

Faults = Iterator[tuple[str, str]]
FOR_PROFIT = "for_profit"
COURSE_CREDIT = "course-credit"


@dataclass(frozen=True, kw_only=True)
class Floor:
    """The least pay per estimated hour, in minor units of a currency, perhaps of one country."""

    currency: str
    per_hour: int
    source: str
    country: str | None = None


@dataclass(frozen=True, kw_only=True)
class Category:
    """A kind of work that is refused, or that an operator looks at, where a company declares it."""

    id: str
    label: str
    refused: bool
    words: tuple[str, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any of its words, whole; a `*` at a word's end lets it go on."""
        words = (re.escape(word.rstrip("*")) + r"\w*" * word.endswith("*") for word in self.words)
        return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Why somebody should look at a brief first."""

    code: str
    field: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class PayException:
    """An operator's leave to pay less than the floor: for this fee, or better, and a reason."""

    fee_amount: int
    fee_currency: str
    hours: int
    reason: str
    granted_at: datetime

    def covers(self, brief: Brief) -> bool:
        """Whether the brief is no worse than the one that the exception was made for."""
        same = brief.fee_currency == self.fee_currency
        return same and brief.fee_amount >= self.fee_amount and brief.hours <= self.hours


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the data files under `rules/` say; `unpaid_hours` is the most per basis."""

    floors: tuple[Floor, ...]
    categories: tuple[Category, ...]
    unpaid_hours: dict[str, int]

    def floor(self, brief: Brief) -> Floor | None:
        """The floor of the brief's place, else of its currency; None where neither has one."""
        country = brief.place.country if brief.place else None
        found = {one.country: one for one in self.floors if one.currency == brief.fee_currency}
        return found.get(country) or found.get(None)

    def faults(self, brief: Brief, exception: PayException | None, now: datetime) -> dict[str, str]:
        """What has to change before the brief may be published, by field."""
        faults: dict[str, str] = {}
        for field, sentence in (
            *_missing(brief, now),
            *self._pay(brief, exception),
            *self._unpaid(brief),
            *self._declared(brief),
        ):
            faults.setdefault(field, sentence)
        return faults

    def concerns(self, brief: Brief) -> list[Finding]:
        """Why an operator looks at the brief before candidates do, whoever the company is."""
        return [*self._known_floor(brief), *self._reviewed(brief), *self._words(brief)]

    def _pay(self, brief: Brief, exception: PayException | None) -> Faults:
        floor = self.floor(brief)
        if brief.unpaid_basis or floor is None or (exception and exception.covers(brief)):
            return
        least = floor.per_hour * brief.hours
        if brief.fee_amount < least:
            yield (
                "fee_amount",
                f"Pay at least {least} {floor.currency} in minor units for {brief.hours} hours "
                f"({floor.per_hour} per hour), or ask an operator for an exception.",
            )

    def _unpaid(self, brief: Brief) -> Faults:
        if brief.unpaid_basis is None:
            return
        most = self.unpaid_hours.get(brief.unpaid_basis, 0)
        if brief.hours > most:
            yield "hours", f"Unpaid work of this kind takes at most {most} hours."
        terms = brief.unpaid_terms
        if terms is None:
            yield "unpaid_terms", "Say what the unpaid work rests on: organisation_kind first."
            return
        if brief.unpaid_basis == COURSE_CREDIT and not terms.institution:
            yield "unpaid_terms", "Name the institution that gives the credit."
        if terms.organisation_kind == FOR_PROFIT and terms.unconfirmed:
            missing = ", ".join(terms.unconfirmed)
            yield "unpaid_terms", f"A for-profit confirms all seven factors; missing: {missing}."

    def _declared(self, brief: Brief) -> Faults:
        known = {category.id: category for category in self.categories}
        unknown = [id_ for id_ in brief.declared if id_ not in known]
        refused = [
            known[id_].label for id_ in brief.declared if id_ in known and known[id_].refused
        ]
        if unknown:
            yield "declared", f"There is no category {', '.join(unknown)}."
        if refused:
            yield "declared", f"This kind of work has no place here: {'; '.join(refused)}."

    def _known_floor(self, brief: Brief) -> Iterator[Finding]:
        if not brief.unpaid_basis and self.floor(brief) is None:
            sentence = f"There is no pay floor for {brief.fee_currency}: somebody compares the fee."
            yield Finding(code="pay-floor-unknown", field="fee_amount", sentence=sentence)

    def _reviewed(self, brief: Brief) -> Iterator[Finding]:
        for category in self.categories:
            if category.id in brief.declared:
                sentence = f"The company declares {category.label}."
                yield Finding(code=f"declared:{category.id}", field="declared", sentence=sentence)

    def _words(self, brief: Brief) -> Iterator[Finding]:
        for field, text in brief.texts():
            for category in self.categories:
                if match := category.pattern.search(text):
                    word = match[0].lower()
                    sentence = f"“{word}” may be about {category.label}."
                    yield Finding(code=f"words:{category.id}", field=field, sentence=sentence)


def _missing(brief: Brief, now: datetime) -> Faults:
    if brief.apply_by and brief.apply_by <= now:
        yield "apply_by", "Set apply_by to a time in the future, or leave it out."
    if brief.supervisor is None:
        yield "supervisor", "Name who supervises the work, with their role."
    if brief.location_mode != "remote" and brief.place is None:
        yield "place", "Say where the work is done: country and city."
    if brief.location_mode != "remote" and brief.time_zone is None:
        yield "time_zone", "Say the time zone of the place."
