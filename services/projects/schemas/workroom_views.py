"""What people see of work under way, from an aggregate's or a document's fields."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.projects.domain.deadlines import Deadlines
from services.projects.domain.thread import Message
from services.projects.domain.timeline import Entry
from services.projects.domain.work import MAKING, WORKING
from services.projects.domain.workroom import Answer, Flag

State = Mapping[str, Any]
View = dict[str, Any]


def work(state: State) -> View:
    """Dates, milestones and change orders of an engagement."""
    deadlines, making = deadlines_of(state), state["status"] in MAKING
    due_at = state.get("work_due_at") if making else None
    return {
        "deadlines": asdict(deadlines),
        "taken_until": due_at and deadlines.taken_until(due_at),
        "ends_at": due_at and deadlines.ends_at(due_at),
        "missed_at": state.get("missed_at") if making else None,
        "no_show_suspected_at": state.get("no_show_suspected_at"),
        "milestones": [_milestone(one) for one in state.get("milestones", ())],
        "change_orders": [_order(one, state) for one in state.get("orders", ())],
    }


def deadlines_of(state: State) -> Deadlines:
    """The terms' own, or those of an earlier release, which kept none."""
    known = state["terms"].get("deadlines") or {}
    return Deadlines(**{name: known[name] for name in asdict(Deadlines()) if name in known})


def _milestone(one: State) -> View:
    names = ("milestone_id", "title", "due_at", "state", "late", "changed_at", "by")
    return {name: one[name] for name in names}


def _order(one: State, state: State) -> View:
    names = ("order_id", "by", "why", "fee_difference", "proposed_at", "expires_at", "comment")
    open_ = one["answer"] == Answer.OPEN
    over = open_ and state["status"] not in (*WORKING, "disputed")
    return {
        **{name: one[name] for name in names},
        **{name: one["amendment"].get(name) for name in ("fee_amount", "hours", "due_at")},
        "deliverables": one["amendment"].get("deliverables"),
        "answer": Answer.EXPIRED.value if over else one["answer"],
        "answered_at": one.get("answered_at"),
    }


def duties(state: State, side: str, role: str) -> Iterator[tuple[str, str, datetime | None]]:
    """(kind, what, until when) of what waits for this side beside the work itself."""
    if state["status"] not in WORKING:
        return
    if side == "candidate" and state.get("no_show_suspected_at"):
        yield "show-presence", "Write to the company, or somebody else takes over.", state["due_at"]
    for one in state.get("orders", ()):
        if one["answer"] == Answer.OPEN and one["by"] != side and role != "evaluator":
            yield "answer-change-order", "Accept the change or decline it.", one["expires_at"]
    for one in state.get("milestones", ()):
        if side == "company" and one["state"] == "done":
            yield "accept-milestone", f"Look at “{one['title']}”.", one["due_at"]


def private(state: State, side: str, effective_hourly: int | None) -> View:
    """The candidate's own notes, and what of them the company may read."""
    reflection = state.get("reflection")
    if side != "candidate":
        return {"reflection": reflection if reflection and reflection["shared"] else None}
    return {
        "reflection": reflection,
        "time_note": state.get("time_note"),
        "effective_hourly_amount": effective_hourly,
    }


def message(one: Message) -> View:
    """A message as a line of the thread."""
    return {
        "id": one.id,
        "kind": "message",
        "at": one.posted_at,
        "by": one.by.value,
        "person_id": one.person_id,
        "text": one.text,
        "files": [asdict(file) for file in one.files],
    }


def line(state: State) -> View:
    """The same, from its document."""
    names = ("id", "by", "person_id", "text", "files")
    plain = {name: state[name] for name in names}
    return {"kind": "message", "at": state["posted_at"], **plain}


def entry(one: Entry) -> View:
    """What happened, as a line of the thread: of nobody."""
    return {
        "id": f"sys-{one.what}-{one.number or 0}",
        "kind": "system",
        "at": one.at,
        "by": one.by,
        "what": one.what,
        "number": one.number,
        "files": [],
    }


def flag(one: Flag) -> View:
    """A flag, for its side and operators."""
    names = ("flag_id", "kind", "text", "raised_at", "resolution", "resolved_at")
    evidence = [asdict(file) for file in one.evidence]
    return {
        **{name: getattr(one, name) for name in names},
        "by": one.by.value,
        "evidence": evidence,
    }
