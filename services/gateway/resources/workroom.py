"""Work under way: milestones, change orders, the thread, flags, the candidate's own notes."""

from typing import Any

from services.gateway.calls import ask, current
from services.gateway.operations import Resource
from services.gateway.resources.files import hand_in
from services.gateway.schemas.base import PageQuery, page_of
from services.gateway.schemas.engagements import Engagement, Termination
from services.gateway.schemas.workroom import (
    ChangeOrderProposal,
    ChangeOrderRefusal,
    FlagResolution,
    Flags,
    Message,
    MilestoneChange,
    MilestonePlan,
    NewFlag,
    NewMessage,
    OpenFlags,
    OpenFlagsQuery,
    OwnNotes,
    RaisedFlag,
    Reflection,
    TimeNote,
)

resource = Resource("workroom", __name__, description="Work under way: plans, changes, messages")
BASE = "/engagements/<engagement_id>"
ORDER = f"{BASE}/change-orders/<order_id>"


@resource.operation("POST", f"{BASE}/milestones", body=MilestonePlan, answer=Engagement)
def plan_milestone(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "plan_milestone", engagement_id=engagement_id, **body)


@resource.operation(
    "PATCH", f"{BASE}/milestones/<milestone_id>", body=MilestoneChange, answer=Engagement
)
def change_milestone(engagement_id: str, milestone_id: str, body: dict[str, Any]) -> Any:
    about = {"engagement_id": engagement_id, "milestone_id": milestone_id}
    return ask("projects", "change_milestone", **about, **body)


@resource.operation("POST", f"{BASE}/change-orders", body=ChangeOrderProposal, answer=Engagement)
def propose_change_order(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "propose_change_order", engagement_id=engagement_id, **body)


@resource.operation("POST", f"{ORDER}/accept", answer=Engagement)
def accept_change_order(engagement_id: str, order_id: str) -> Any:
    about = {"engagement_id": engagement_id, "order_id": order_id}
    return ask("projects", "accept_change_order", **about)


@resource.operation("POST", f"{ORDER}/decline", body=ChangeOrderRefusal, answer=Engagement)
def decline_change_order(engagement_id: str, order_id: str, body: dict[str, Any]) -> Any:
    about = {"engagement_id": engagement_id, "order_id": order_id}
    return ask("projects", "decline_change_order", **about, **body)


@resource.operation("POST", f"{BASE}/terminate", body=Termination, answer=Engagement)
def terminate_engagement(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "terminate_engagement", engagement_id=engagement_id, **body)


@resource.operation("GET", f"{BASE}/messages", query=PageQuery, answer=page_of(Message))
def list_messages(engagement_id: str, query: dict[str, Any]) -> Any:
    return ask("projects", "list_messages", engagement_id=engagement_id, **query)


@resource.operation("POST", f"{BASE}/messages", body=NewMessage, answer=Message)
def post_message(engagement_id: str, body: dict[str, Any]) -> Any:
    files = hand_in(body["file_ids"], engagement_id, where=f"msg-{current().id}")
    about = {"engagement_id": engagement_id, "text": body["text"], "files": files}
    return ask("projects", "post_message", **about)


@resource.operation("GET", "/messages/<message_id>", answer=Message)
def get_message(message_id: str) -> Any:
    return ask("projects", "get_message", message_id=message_id)


@resource.operation("POST", f"{BASE}/flags", body=NewFlag, answer=RaisedFlag)
def raise_flag(engagement_id: str, body: dict[str, Any]) -> Any:
    files = hand_in(body.pop("file_ids"), engagement_id, where=f"flg-{engagement_id}")
    return ask("projects", "raise_flag", engagement_id=engagement_id, files=files, **body)


@resource.operation("GET", f"{BASE}/flags", answer=Flags)
def list_flags(engagement_id: str) -> Any:
    return ask("projects", "list_flags", engagement_id=engagement_id)


@resource.operation("GET", "/flags", query=OpenFlagsQuery, answer=OpenFlags)
def list_open_flags(query: dict[str, Any]) -> Any:
    return ask("projects", "list_open_flags", **query)


@resource.operation(
    "POST", f"{BASE}/flags/<flag_id>/resolve", body=FlagResolution, answer=RaisedFlag
)
def resolve_flag(engagement_id: str, flag_id: str, body: dict[str, Any]) -> Any:
    about = {"engagement_id": engagement_id, "flag_id": flag_id}
    return ask("projects", "resolve_flag", **about, **body)


@resource.operation("PUT", f"{BASE}/time-note", body=TimeNote, answer=OwnNotes)
def put_time_note(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "put_time_note", engagement_id=engagement_id, **body)


@resource.operation("PUT", f"{BASE}/reflection", body=Reflection, answer=OwnNotes)
def put_reflection(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "put_reflection", engagement_id=engagement_id, **body)
