"""Who may read which event of the log, and what of it.

A company reads no candidate's id in what happens before it is accepted: reviewers are blind. Only
an event of an engagement tells who it is about; whatever else is announced one day is blind until
somebody says otherwise. Nor does it read which application came when: their order in time would
tell them apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.principal import Principal

ARRIVAL = "application.submitted.v1"
ARRIVAL_FACTS = ("project_id", "org_id")
SCORES = "match.scored."  # Follows an arrival within moments; the list of applications has them.
MONEY_AND_HIRING = (
    *("payment.", "payout.", "part.", "extra.", "fee.", "repayment.", "sponsorship."),
    *("refund.", "dispute.", "chargeback.", "funds.", "hire-offer.", "hire-check-in."),
)
INVITATIONS = "invitation."  # Who answers one, and when, tells who is among the applicants.
RATED = "evaluation.completed."  # What the company said is hidden until both have.
HIDDEN: Mapping[str, tuple[str, ...]] = {
    "candidate": ("hire-offer.drafted.", "hire-offer.dropped.", RATED),
    "owner": (SCORES, INVITATIONS),
    "recruiter": ("account.", SCORES, INVITATIONS),
    "evaluator": ("account.", SCORES, INVITATIONS, *MONEY_AND_HIRING),
}
COMPANY = ("owner", "recruiter", "evaluator")
PERSON_KEYS = ("candidate_id", "account_id", "partner_id")


@dataclass(frozen=True)
class Scope:
    """What a principal may read: events of one audience (all for None), but not these types."""

    audience: str | None
    hidden: tuple[str, ...] = ()


def audience(data: Mapping[str, Any]) -> list[str]:
    """Whose event it is, by what it carries."""
    found = [f"org:{data['org_id']}"] if data.get("org_id") else []
    named = [data[key] for key in PERSON_KEYS if data.get(key)]
    named += [one["candidate_id"] for one in data.get("candidates", ())]
    return [*found, *(f"person:{person}" for person in dict.fromkeys(named))]


def scope(by: Principal) -> Scope:
    if by.role == "operator":
        return Scope(None)
    hidden = HIDDEN.get(by.role, ())
    if by.role in COMPANY and by.org_id:
        return Scope(f"org:{by.org_id}", hidden)
    return Scope(f"person:{by.id}", hidden)


def is_blind(data: Mapping[str, Any], by: Principal) -> bool:
    """Whether this reader may not know whom the event is about: nobody is engaged yet."""
    return by.role in COMPANY and not data.get("engagement_id")


def visible(event_type: str, data: Mapping[str, Any], by: Principal) -> dict[str, Any]:
    """The event's facts as this principal may know them."""
    shown = dict(data)
    if by.role in COMPANY and event_type == ARRIVAL:
        return {name: data[name] for name in ARRIVAL_FACTS}
    if is_blind(data, by):
        shown.pop("candidate_id", None)
        if "candidates" in shown:
            shown["candidates"] = [
                rest for one in shown["candidates"] if (rest := without_person(one))
            ]
    elif by.role == "candidate" and "candidates" in shown:
        shown["candidates"] = [one for one in shown["candidates"] if one["candidate_id"] == by.id]
    return shown


def without_person(one: Mapping[str, Any]) -> dict[str, Any]:
    """One of several candidates, as far as a company may know them."""
    return {name: value for name, value in one.items() if name != "candidate_id"}


def correlation(of: str, data: Mapping[str, Any], by: Principal) -> str | None:
    """What caused the event; hidden with the person, whose own request's id it may be."""
    return None if is_blind(data, by) else of


def subject(event_type: str, of: str, data: Mapping[str, Any], by: Principal) -> str:
    """What the event is about, as far as this principal may know it."""
    hidden = by.role in COMPANY and event_type == ARRIVAL
    return f"project:{data['project_id']}" if hidden else of
