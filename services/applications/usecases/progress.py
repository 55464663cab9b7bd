"""What comes next for an application, and who has to do it until when."""

from collections.abc import Mapping
from typing import Any

from services.applications.domain import Status

State = dict[str, Any]
# By status: whose turn it is, what happens next, and the field that says until when.
NEXT = {
    Status.SUBMITTED: (
        "company",
        "The company decides. Without an answer by then the application is declined for it.",
        "decide_by",
    ),
    Status.SHORTLISTED: (
        "company",
        "It is on the shortlist; the company makes its final choice.",
        "decide_by",
    ),
    Status.ALTERNATE: (
        "company",
        "It is an alternate: next in line by rank, should a chosen candidate drop out.",
        "reserved_until",
    ),
    Status.SELECTED: (
        "candidate",
        "The position is offered: accept it or turn it down.",
        "expires_at",
    ),
}
ENGAGED = {
    None: ("company", "The fee is being charged; then both sides sign the kick-off.", ""),
    "started": ("candidate", "The work is under way.", ""),
}


def what_next(state: Mapping[str, Any]) -> State | None:
    """Nothing where it is over, be it as work that ended or without any."""
    found = NEXT.get(state["status"])
    if state["status"] == Status.ACCEPTED:
        found = ENGAGED.get(state.get("engagement_status"))
    if found is None:
        return None
    who, what, until = found
    return {"who": who, "what": what, "by": state.get(until) if until else None}
