"""Whom an event may concern, and when it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Data = Mapping[str, Any]


class Audience(StrEnum):
    """Whom an event concerns, and by that name which of its templates is theirs."""

    CANDIDATE = "candidate"
    SUGGESTED = "suggested"  # Each candidate that a suggestion names.
    APPLICANTS = "applicants"  # Each candidate that a change of a brief names.
    COMPANY = "company"  # Those who decide: owners and recruiters.
    REVIEWERS = "reviewers"  # The same, and evaluators.
    OWNERS = "owners"
    OPERATORS = "operators"
    PERSON = "person"  # Whoever the account belongs to.


ROLES = {
    Audience.COMPANY: ("owner", "recruiter"),
    Audience.REVIEWERS: ("owner", "recruiter", "evaluator"),
    Audience.OWNERS: ("owner",),
    Audience.OPERATORS: ("operator",),
}


def always(_data: Data) -> bool:
    return True


@dataclass(frozen=True)
class Notice:
    """Tell `to`, where `when` holds; `deadline` names the fact that says until when to act."""

    to: Audience
    deadline: str = ""
    when: Callable[[Data], bool] = always


def paid(data: Data) -> bool:
    """Unpaid work moves zeros about; nobody needs to hear of them."""
    return bool(data["amount"] > 0)


def by(side: str) -> Callable[[Data], bool]:
    """What one side did, the other hears of."""
    return lambda data: bool(data["by"] == side)


def not_by(side: str) -> Callable[[Data], bool]:
    """What anybody else did."""
    return lambda data: bool(data["by"] != side)


def first_time(data: Data) -> bool:
    """Reminders are for whoever is late."""
    return not data["reminder"]


def nudged_by(side: str) -> Callable[[Data], bool]:
    """The first message that the other side has not been told of; not each one after it."""
    return lambda data: bool(data["by"] == side and data["nudge"])


def waits_for(side: str) -> Callable[[Data], bool]:
    """Who has nothing left to do is left in peace."""
    return lambda data: side in data["waiting_for"]


def signed_by_other(side: str) -> Callable[[Data], bool]:
    """The other side's signature, where this side has something left to do."""
    return lambda data: bool(data["by"] != side) and side in data["waiting_for"]


def conflict_by(side: str) -> Callable[[Data], bool]:
    """Only a conflict that there is needs an answer."""
    return lambda data: bool(data["declared"] and data["by"] == side)


CANDIDATE, COMPANY = Notice(Audience.CANDIDATE), Notice(Audience.COMPANY)
OPERATORS = Notice(Audience.OPERATORS)
BOTH = (CANDIDATE, COMPANY)
