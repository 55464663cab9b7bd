"""What waits for a person: selections and offers to answer, applications and drafts to decide."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Protocol

from services.applications.domain import OfferStatus, decide_by
from services.applications.usecases.hires import side_of
from services.applications.usecases.ports import Cards, State
from shared.principal import Principal

REVIEW_DAYS, APPROVAL_DAYS = 10, 7  # The first for applications from before deadlines.
DECIDES = frozenset({"owner", "recruiter"})


class Waiting(Protocol):
    def selections(self, candidate_id: str) -> list[State]: ...
    def extended_offers(self, candidate_id: str) -> list[State]: ...
    def undecided(self, org_id: str) -> list[State]: ...
    def waiting_alternates(self, org_id: str) -> list[State]: ...
    def invitations_to(self, candidate_id: str) -> list[State]: ...
    def reengagements_to(self, candidate_id: str) -> list[State]: ...
    def talents_asked(self, candidate_id: str) -> list[State]: ...
    def drafted_offers(self, org_id: str) -> list[State]: ...
    def hires(self, field: str, value: str) -> list[State]: ...


def list_todo(waiting: Waiting, cards: Cards, by: Principal) -> State:
    by.require("list_todo")
    items = []
    if by.role == "candidate":
        items = [_selection(row) for row in waiting.selections(by.id)]
        items += [_offer_to_answer(row) for row in waiting.extended_offers(by.id)]
        items += [_invitation(row) for row in waiting.invitations_to(by.id)]
        items += [_reengagement(row) for row in waiting.reengagements_to(by.id)]
        items += [_consent(row) for row in waiting.talents_asked(by.id)]
        items += _hires(waiting.hires("candidate_id", by.id), by)
    elif by.role in DECIDES and by.org_id:
        items = _reviews(waiting.undecided(by.org_id))
        drafts = waiting.drafted_offers(by.org_id)
        items += [_offer_to_approve(row) for row in drafts if not row.get("waits_for_release")]
        items += _replacements(cards, waiting.waiting_alternates(by.org_id))
        items += _hires(waiting.hires("org_id", by.org_id), by)
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


def _hires(rows: list[State], by: Principal) -> list[State]:
    """Starts that somebody has to tell of, and check-ins that this side has not answered."""
    late = [row for row in rows if row["status"] == OfferStatus.ACCEPTED and row.get("reminded_at")]
    items = [_start(row) for row in late]
    for row in rows:
        asked = next(iter(row.get("check_ins", [])[-1:]), None)
        if asked and row.get("due_at") == asked["closes_at"] and not asked.get(side_of(by)):
            items.append(_check_in(row, asked["day"]))
    return items


def _start(row: State) -> State:
    return {
        "kind": "confirm-start",
        "id": row["id"],
        "title": row["terms"]["title"],
        "due_at": row["due_at"],
        "what": "The job was accepted: tell when it has begun, or that it did not.",
    }


def _check_in(row: State, day: int) -> State:
    return {
        "kind": "answer-check-in",
        "id": row["id"],
        "title": row["terms"]["title"],
        "due_at": row["due_at"],
        "what": f"Tell how it goes after {day} days; the other side does not read it.",
    }


def _reengagement(row: State) -> State:
    return {
        "kind": "answer-reengagement",
        "id": row["id"],
        "title": row["project_title"],
        "due_at": row["expires_at"],
        "what": "A company that knows your work offers you a position: accept or decline.",
    }


def _consent(row: State) -> State:
    return {
        "kind": "answer-talent-consent",
        "id": row["id"],
        "title": row["project_title"],
        "due_at": row["expires_at"],
        "what": "A company asks to keep you in its talent pool: consent or refuse.",
    }


def _invitation(row: State) -> State:
    return {
        "kind": "answer-invitation",
        "id": row["id"],
        "title": row["project_title"],
        "due_at": row["expires_at"],
        "what": "A company invites you to apply: apply or decline.",
    }


def _replacements(cards: Cards, rows: list[State]) -> list[State]:
    """One item per project with a free position that an alternate may have."""
    items = []
    for project_id, group in _by_project(rows).items():
        card = cards.find(project_id)
        if card is not None and card.has_room:
            items.append(_replacement(project_id, group))
    return items


def _replacement(project_id: str, rows: list[State]) -> State:
    return {
        "kind": "offer-to-next-alternate",
        "id": project_id,
        "title": rows[0]["project_title"],
        "due_at": min(row["reserved_until"] for row in rows),
        "what": "A position is free: offer it to the next alternate, or decline the alternates.",
    }


def _reviews(rows: list[State]) -> list[State]:
    """One item per project, not per application."""
    return [_review(project_id, group) for project_id, group in _by_project(rows).items()]


def _by_project(rows: list[State]) -> dict[str, list[State]]:
    by_project = defaultdict(list)
    for row in rows:
        by_project[row["project_id"]].append(row)
    return by_project


def _review(project_id: str, rows: list[State]) -> State:
    return {
        "kind": "review-applications",
        "id": project_id,
        "title": rows[0]["project_title"],
        "due_at": min(_decide_by(row) for row in rows),
        "what": f"{len(rows)} application(s) wait for your decision.",
    }


def _decide_by(row: State) -> datetime:
    """The end of a day, not the hour in which somebody applied."""
    fallback = decide_by(None, row["submitted_at"], REVIEW_DAYS)
    found: datetime = row.get("decide_by") or fallback
    return found
