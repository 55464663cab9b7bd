"""What waits for a person: selections and offers to answer, applications and drafts to decide."""

from collections import defaultdict
from datetime import timedelta
from typing import Protocol

from services.applications.usecases.ports import State
from shared.principal import Principal

REVIEW_DAYS, APPROVAL_DAYS = 10, 7
DECIDES = frozenset({"owner", "recruiter"})


class Waiting(Protocol):
    def selections(self, candidate_id: str) -> list[State]: ...
    def extended_offers(self, candidate_id: str) -> list[State]: ...
    def undecided(self, org_id: str) -> list[State]: ...
    def drafted_offers(self, org_id: str) -> list[State]: ...


def list_todo(waiting: Waiting, by: Principal) -> State:
    by.require("list_todo")
    items = []
    if by.role == "candidate":
        items = [_selection(row) for row in waiting.selections(by.id)]
        items += [_offer_to_answer(row) for row in waiting.extended_offers(by.id)]
    elif by.role in DECIDES and by.org_id:
        items = _reviews(waiting.undecided(by.org_id))
        items += [_offer_to_approve(row) for row in waiting.drafted_offers(by.org_id)]
    return {"items": items}


def _selection(row: State) -> State:
    return {
        "kind": "answer-selection",
        "id": row["id"],
        "title": row["project_title"],
        "due_at": row["expires_at"],
        "what": "You were selected: accept or withdraw before the offer expires.",
    }


def _offer_to_answer(row: State) -> State:
    return {
        "kind": "answer-hire-offer",
        "id": row["id"],
        "title": row["terms"]["title"],
        "due_at": row["expires_at"],
        "what": "A job is offered to you: accept or decline before the offer expires.",
    }


def _offer_to_approve(row: State) -> State:
    return {
        "kind": "approve-hire-offer",
        "id": row["id"],
        "title": row["terms"]["title"],
        "due_at": row["created_at"] + timedelta(days=APPROVAL_DAYS),
        "what": "A good result drafted a hire offer: approve it.",
    }


def _reviews(rows: list[State]) -> list[State]:
    """One item per project, not per application; the day, not the hour, in which the first came."""
    by_project = defaultdict(list)
    for row in rows:
        by_project[row["project_id"]].append(row)
    return [_review(project_id, group) for project_id, group in by_project.items()]


def _review(project_id: str, rows: list[State]) -> State:
    first = min(row["submitted_at"] for row in rows)
    due_at = first.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=REVIEW_DAYS)
    return {
        "kind": "review-applications",
        "id": project_id,
        "title": rows[0]["project_title"],
        "due_at": due_at,
        "what": f"{len(rows)} application(s) wait for your decision.",
    }
