"""What people see of a project and of an engagement, from an aggregate's or a document's fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.projects.domain.work import ENDED, Status

State = Mapping[str, Any]
WAITING = (Status.AWAITING_FUNDING, Status.KICKOFF_PENDING)
COMMON = ("application_id", "project_id", "org_id", "candidate_id", "status", "created_at")
KEPT = ("evaluation", "completed_at", "automatic", "revisions", "cancellation")
SHARED_TERMS = ("title", "fee_amount", "fee_currency", "hours", "weeks")


def project(state: State) -> dict[str, Any]:
    """A project: its brief and where it stands."""
    filled = set(state["accepted"]) - set(state["given_up"])
    return {
        **state["brief"],
        "id": state["id"],
        "version": state["version"],
        "org_id": state["org_id"],
        "status": state["status"],
        "close_reason": state.get("close_reason"),
        "created_at": state["created_at"],
        "published_at": state.get("published_at"),
        "closed_at": state.get("closed_at"),
        "positions_filled": len(filled),
    }


def engagement(state: State) -> dict[str, Any]:
    """An engagement: its terms, the work so far, and what falls due when."""
    terms, payment = state["terms"], state["payment"]
    return {
        "id": state["id"],
        "version": state["version"],
        **{name: state[name] for name in COMMON},
        **{name: terms[name] for name in SHARED_TERMS},
        "expected": terms["expected"],
        "payment_status": payment["status"],
        "payment_problem": payment.get("problem"),
        "kickoff": {
            "org_signed_at": state.get("org_signed_at"),
            "candidate_signed_at": state.get("candidate_signed_at"),
        },
        "started_at": state.get("started_at"),
        "due_at": due_at(state),
        "review_due_at": state.get("due_at") if state["status"] == Status.SUBMITTED else None,
        "deliverables": state["submissions"],
        "rounds_left": terms["max_revision_rounds"] - len(state["revisions"]),
        **{name: state.get(name) for name in KEPT},
    }


def due_at(state: State) -> datetime | None:
    """Until when the fee is held, the kick-off signed or the work handed in."""
    if state["status"] in ENDED:
        return None
    return state.get("due_at" if state["status"] in WAITING else "work_due_at")


def todo(state: State, role: str) -> list[dict[str, Any]]:
    """What waits for somebody of this role in an engagement: one thing, or nothing."""
    duty = DUTIES.get((SIDES.get(role, role), state["status"]))
    if duty is None or state.get(duty.signature) or role in duty.not_by:
        return []
    item = {"kind": duty.kind, "id": state["id"], "title": state["terms"]["title"]}
    return [item | {"due_at": state.get(duty.due), "what": duty.what}]


@dataclass(frozen=True)
class Duty:
    """Something to do: `due` names the field of its time, `signature` the one that ends it."""

    kind: str
    what: str
    due: str = "due_at"
    signature: str = ""
    not_by: tuple[str, ...] = ()


SIDES = dict.fromkeys(("owner", "recruiter", "evaluator"), "company")
DUTIES = {
    ("candidate", Status.KICKOFF_PENDING): Duty(
        "sign-kickoff", "Sign the kick-off.", signature="candidate_signed_at"
    ),
    ("candidate", Status.ACTIVE): Duty(
        "submit-deliverable", "Hand in the work.", due="work_due_at"
    ),
    ("candidate", Status.REVISION_REQUESTED): Duty(
        "submit-revision", "Hand in the next version.", due="work_due_at"
    ),
    ("company", Status.KICKOFF_PENDING): Duty(
        "sign-kickoff", "Sign the kick-off.", signature="org_signed_at", not_by=("evaluator",)
    ),
    ("company", Status.SUBMITTED): Duty(
        "review-deliverable", "Review the work: evaluate it or ask for a revision."
    ),
}
