"""Who may apply: a project's rules as data, and what a candidate has said that bears on them.

Laws differ, so no rule is written here: a project names an age, countries, where one must be
allowed to work, and a limit of hours per week; a rule that it does not name does not exist.
"""

from dataclasses import dataclass, field
from datetime import date

from shared.errors import Conflict

OF_AGE = 18  # What attesting to be an adult is good for.
PROFILE = "say so in the eligibility part of your profile."


@dataclass(frozen=True)
class Eligibility:
    """A project's rules; `work_authorisation` is met by one of its countries."""

    minimum_age: int | None = None
    countries: list[str] = field(default_factory=list)
    work_authorisation: list[str] = field(default_factory=list)
    weekly_hours_cap: int | None = None


@dataclass(frozen=True, repr=False)
class Personal:
    """What a candidate tells for eligibility alone; it stays out of events, views and logs.

    `date_of_birth` is an ISO date, `adult` an attestation in its place; `weekly_hours_cap` is the
    candidate's own limit, such as a visa's.
    """

    date_of_birth: str | None = None
    adult: bool = False
    country: str | None = None
    work_authorisation: list[str] = field(default_factory=list)
    weekly_hours_cap: int | None = None

    def is_at_least(self, years: int, today: date) -> bool | None:
        """None where the candidate has not said enough to tell."""
        if self.date_of_birth is not None:
            return _age(date.fromisoformat(self.date_of_birth), today) >= years
        return True if self.adult and years <= OF_AGE else None


def unmet(rules: Eligibility, personal: Personal, today: date) -> dict[str, str]:
    """One sentence for each rule that the candidate does not meet, or may but has not said so."""
    return _age_problem(rules, personal, today) | _place_problems(rules, personal)


def hours_problem(rules: Eligibility, personal: Personal, hours: int, busy: int) -> dict[str, str]:
    """Whether `hours` a week beside the `busy` ones of running work are too many."""
    limits = [cap for cap in (rules.weekly_hours_cap, personal.weekly_hours_cap) if cap is not None]
    if not limits or busy + hours <= min(limits):
        return {}
    return {
        "weekly_hours_cap": f"This takes {hours} hours a week beside {busy} of work that you have "
        f"accepted; the limit is {min(limits)}."
    }


def require(problems: dict[str, str]) -> None:
    """Raise Conflict that names each rule which is not met."""
    if problems:
        rules = ", ".join(problems)
        raise Conflict(
            "not-eligible", f"You do not meet every rule of this project: {rules}.", problems
        )


def _age_problem(rules: Eligibility, personal: Personal, today: date) -> dict[str, str]:
    if rules.minimum_age is None:
        return {}
    old_enough = personal.is_at_least(rules.minimum_age, today)
    if old_enough:
        return {}
    sentence = f"This project asks for an age of at least {rules.minimum_age} years"
    told = "." if old_enough is False else f": {PROFILE}"
    return {"minimum_age": sentence + told}


def _place_problems(rules: Eligibility, personal: Personal) -> dict[str, str]:
    problems = {}
    if rules.countries and personal.country not in rules.countries:
        told = "." if personal.country else f": {PROFILE}"
        problems["countries"] = f"This project is for people in {_any(rules.countries)}{told}"
    if rules.work_authorisation and not {*rules.work_authorisation} & {
        *personal.work_authorisation
    }:
        told = "." if personal.work_authorisation else f": {PROFILE}"
        places = _any(rules.work_authorisation)
        problems["work_authorisation"] = f"You must be allowed to work in {places}{told}"
    return problems


def _any(codes: list[str]) -> str:
    return " or ".join(sorted(codes))


def _age(born: date, today: date) -> int:
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (0 if had_birthday else 1)
