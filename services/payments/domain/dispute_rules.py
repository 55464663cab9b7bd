"""The rules of a dispute, which both sides see: how long each step may take, and what follows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SATURDAY = 5


@dataclass(frozen=True)
class Rules:
    """Business days, Monday to Friday in UTC; a dispute keeps the rules it was opened under."""

    response_days: int = 5
    negotiation_days: int = 10
    decision_days: int = 5
    appeal_days: int = 5
    reminder_days: int = 2  # How often an operator who is late is reminded.


@dataclass(frozen=True)
class Rule:
    """A line of the table: who has how many business days for what, and what silence means."""

    step: str
    who: str
    days: int
    silence: str


def table(rules: Rules) -> list[Rule]:
    """The rules in words."""
    reminded = f"operators are reminded every {rules.reminder_days} days; the money stays held"
    other, both = "the other side", "either side"
    return [
        Rule("answer", other, rules.response_days, "what the opener asks for is decided"),
        Rule("negotiate", both, rules.negotiation_days, "an operator decides"),
        Rule("decide, with reasons", "an operator", rules.decision_days, reminded),
        Rule("appeal, once", both, rules.appeal_days, "the decision is carried out"),
        Rule("decide for good", "another operator", rules.decision_days, reminded),
    ]


def business_days(start: datetime, days: int) -> datetime:
    """The same time of day so many business days later; public holidays count as working days."""
    moment = start
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < SATURDAY
    return moment
