"""What people see of a project: more where they belong to it, nothing of who applied or asked."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.projects.domain.upkeep import WAITS

State = Mapping[str, Any]
View = dict[str, Any]
ALIKE = ("id", "version", "org_id", "status", "created_at")
OPTIONAL = ("close_reason", "published_at", "closed_at", "revised_at", "pay_exception")
PLAIN = ("copied_from", "template_id")


def project(state: State, level: str, inside: bool) -> View:
    """The brief and where it stands; `level` is how far the organisation is verified."""
    filled = set(state["accepted"]) - set(state["given_up"])
    view = {
        **state["brief"],
        **{name: state[name] for name in ALIKE},
        **{name: state.get(name) for name in OPTIONAL},
        "brief_version": state.get("brief_version", 1),
        "organisation_level": level,
        "positions_filled": len(filled),
    }
    return view | (_inside(state) if inside else {})


def _inside(state: State) -> View:
    review = state.get("review")
    return {
        **{name: state.get(name) for name in PLAIN},
        "link_token": state.get("link_token") if _linked(state) else None,
        "review": review and {k: v for k, v in review.items() if k != "decided_by"},
        "still_open_by": _closes_at(state),
        "inquiries_waiting": sum(one.get("answer") is None for one in state.get("inquiries", ())),
    }


def _closes_at(state: State) -> datetime | None:
    """When silence ends the project, once the company was asked whether it is still open."""
    due_at, reminders = state.get("due_at"), state.get("reminders")
    return due_at + sum(WAITS[reminders:], timedelta()) if due_at and reminders else None


def _linked(state: State) -> bool:
    return bool(state["brief"].get("visibility") == "link_only")


def inquiries(asked: Iterable[Any], inside: bool, reader: str) -> list[View]:
    """Answered questions for everybody; open ones for the company and for whoever asked.

    To the day only: the time would tell who asked from who applied.
    """
    return [
        {
            "id": one.id,
            "text": one.text,
            "asked_at": _day(one.asked_at),
            "answer": one.answer,
            "answered_at": one.answered_at,
        }
        for one in asked
        if one.answer is not None or inside or one.candidate_id == reader
    ]


def versions(state: State) -> list[View]:
    """The brief as it stands, then each version before it, the newest first."""
    now = {"number": state["brief_version"], "until": None, "changed": [], "brief": state["brief"]}
    return [now, *reversed([dict(was) for was in state["history"]])]


def todo(state: State, role: str) -> list[View]:
    """What waits for somebody of this role in a brief."""
    if role == "operator":
        return [
            _item(state, "review-brief", "Look at the brief: approve it or send it back.", None)
        ]
    if role not in ("owner", "recruiter"):
        return []
    if state["status"] == "changes_requested":
        return [_item(state, "change-brief", "Change the brief as asked.", state.get("due_at"))]
    items = []
    if closes_at := _closes_at(state):
        items.append(_item(state, "confirm-project", "Say that it is still open.", closes_at))
    if any(one.get("answer") is None for one in state.get("inquiries", ())):
        items.append(_item(state, "answer-inquiries", "Answer the questions of candidates.", None))
    return items


def _item(state: State, kind: str, what: str, due_at: datetime | None) -> View:
    title = state["brief"]["title"]
    return {"kind": kind, "id": state["id"], "title": title, "due_at": due_at, "what": what}


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
