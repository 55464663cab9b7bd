"""What people see of an engagement, from an aggregate's or a document's fields."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from services.projects.domain.checks import check, check_ai_use
from services.projects.domain.work import ENDED, Status
from services.projects.schemas.kickoff import signatures
from services.projects.schemas.workroom_views import duties, work

State = Mapping[str, Any]
WAITING = (Status.AWAITING_FUNDING, Status.KICKOFF_PENDING)
COMMON = ("application_id", "project_id", "org_id", "candidate_id", "status", "created_at")
KEPT = (
    "rights_assigned_at",
    "licence_revoked_at",
    "completed_at",
    "automatic",
    "revisions",
    "cancellation",
)
SHARED_TERMS = ("title", "fee_amount", "fee_currency", "hours", "weeks")


def engagement(state: State) -> dict[str, Any]:
    """An engagement: its terms, the work so far, and what falls due when."""
    terms, payment = state["terms"], state["payment"]
    return {
        "id": state["id"],
        "version": state["version"],
        **{name: state[name] for name in COMMON},
        **{name: terms[name] for name in SHARED_TERMS},
        "expected": terms["expected"],
        "evaluation_criteria": terms.get("evaluation_criteria", []),
        "payment_status": payment["status"],
        "payment_problem": payment.get("problem"),
        "kickoff": signatures(state),
        "started_at": state.get("started_at"),
        "due_at": due_at(state),
        "review_due_at": _review_due_at(state),
        "deliverables": list(_checked(state)),
        "rounds_left": terms["max_revision_rounds"] - len(state["revisions"]),
        **{name: state.get(name) for name in KEPT},
        **work(state),
    }


def _checked(state: State) -> Iterator[dict[str, Any]]:
    """Each version of the work with what can be told of it at once."""
    before: list[str] = []
    for submission in state["submissions"]:
        sums = [file["sha256"] for file in submission["files"]]
        expected = len(state["terms"]["expected"])
        found = [
            *check(sums, before, expected, late=submission["late"]),
            check_ai_use(submission.get("ai_use"), state["terms"].get("ai_policy", "assist")),
        ]
        yield {**submission, "checks": [asdict(each) for each in found]}
        before = sums


def due_at(state: State) -> datetime | None:
    """Until when the fee is held, the kick-off signed or the work handed in."""
    if state["status"] in ENDED:
        return None
    if state["status"] == Status.KICKOFF_PENDING:
        return _kickoff_due_at(state)
    return state.get("due_at" if state["status"] in WAITING else "work_due_at")


def _review_due_at(state: State) -> datetime | None:
    if state["status"] != Status.SUBMITTED:
        return None
    return state.get("review_due_at") or state.get("due_at")  # An earlier release kept one.


def _kickoff_due_at(state: State) -> datetime | None:
    found = state.get("kickoff") or state  # An earlier release kept none.
    due: datetime | None = found.get("due_at")
    return due


def todo(state: State, role: str) -> list[dict[str, Any]]:
    """What waits for somebody of this role in an engagement."""
    side = SIDES.get(role, role)
    found = (DUTIES.get((side, state["status"])), _kickoff_duty(state, side))
    item = {"id": state["id"], "title": state["terms"]["title"]}
    items = [
        {"kind": duty.kind, **item, "due_at": _due(duty, state), "what": duty.what}
        for duty in found
        if duty and role not in duty.not_by
    ]
    more = duties(state, side, role)
    return items + [{"kind": kind, **item, "due_at": at, "what": what} for kind, what, at in more]


def _kickoff_duty(state: State, side: str) -> "Duty | None":
    """To sign, or where that is done to acknowledge what the other side has declared since."""
    kickoff = state.get("kickoff")
    if state["status"] in STILL or not kickoff or side not in kickoff["waiting_for"]:
        return None
    signed = any(one["party"] == side for one in kickoff["signatures"])
    return ACKNOWLEDGE if signed else SIGN


def _due(duty: "Duty", state: State) -> datetime | None:
    pending = state["status"] == Status.KICKOFF_PENDING
    if duty.due == "review_due_at":
        return _review_due_at(state)
    return _kickoff_due_at(state) if pending else state.get(duty.due)


@dataclass(frozen=True)
class Duty:
    """Something to do: `due` names the field of its time."""

    kind: str
    what: str
    due: str = "due_at"
    not_by: tuple[str, ...] = ()


SIDES = dict.fromkeys(("owner", "recruiter", "evaluator"), "company")
STILL = (*ENDED, Status.DISPUTED)
REVIEW_ONLY = ("evaluator",)  # They neither sign nor acknowledge.
SIGN = Duty("sign-kickoff", "Read and sign the kick-off.", not_by=REVIEW_ONLY)
ACKNOWLEDGE = Duty(
    "acknowledge-conflict",
    "Read the conflict of interest that was declared; acknowledge it to go on.",
    due="",
    not_by=REVIEW_ONLY,
)
DUTIES = {
    ("candidate", Status.ACTIVE): Duty(
        "submit-deliverable", "Hand in the work.", due="work_due_at"
    ),
    ("candidate", Status.REVISION_REQUESTED): Duty(
        "submit-revision", "Hand in the next version.", due="work_due_at"
    ),
    ("company", Status.SUBMITTED): Duty(
        "review-deliverable",
        "Review the work: accept it, evaluate it, or ask for a revision.",
        due="review_due_at",
    ),
}
