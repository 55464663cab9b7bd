"""What people ask of work under way, beside handing it in: plans, changes, flags, notes, an end."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.projects.domain.engagement import Engagement
from services.projects.domain.thread import Message, Thread
from services.projects.domain.work import Fault, File, Party
from services.projects.domain.workroom import Amendment, Flag, Reflection, TimeNote
from services.projects.usecases.kickoff import party_of
from shared.errors import NotFound
from shared.principal import Principal


def plan_milestone(
    engagement: Engagement,
    milestone_id: str,
    title: str,
    due_at: datetime,
    by: Principal,
    now: datetime,
) -> None:
    """Add a check-point on the way."""
    _require("plan_milestone", engagement, by)
    engagement.plan_milestone(milestone_id, title, due_at, party_of(by), now)


def change_milestone(
    engagement: Engagement,
    milestone_id: str,
    changes: Mapping[str, Any],
    by: Principal,
    now: datetime,
) -> None:
    """Rename or move a check-point, or bring it a step further."""
    _require("change_milestone", engagement, by)
    engagement.move_milestone(milestone_id, party_of(by), now, **changes)


def propose_change_order(
    engagement: Engagement,
    order_id: str,
    amendment: Amendment,
    why: str,
    by: Principal,
    now: datetime,
) -> None:
    """Ask the other side for other terms."""
    _require("propose_change_order", engagement, by)
    engagement.propose_change(order_id, amendment, why, party_of(by), by.id, now)


def accept_change_order(
    engagement: Engagement, order_id: str, by: Principal, now: datetime
) -> None:
    """Agree to the other side's wish."""
    _require("accept_change_order", engagement, by)
    engagement.accept_change(order_id, party_of(by), by.id, now)


def decline_change_order(
    engagement: Engagement, order_id: str, comment: str, by: Principal, now: datetime
) -> None:
    """Leave the terms as they are."""
    _require("decline_change_order", engagement, by)
    engagement.decline_change(order_id, comment, party_of(by), by.id, now)


def raise_flag(
    engagement: Engagement,
    flag_id: str,
    kind: str,
    text: str,
    files: list[File],
    by: Principal,
    now: datetime,
) -> None:
    """Tell operators of a problem."""
    _require("raise_flag", engagement, by)
    flag = Flag(
        flag_id=flag_id,
        by=party_of(by),
        person_id=by.id,
        kind=kind,
        text=text,
        evidence=files,
        raised_at=now,
    )
    engagement.raise_flag(flag)


def resolve_flag(
    engagement: Engagement, flag_id: str, resolution: str, by: Principal, now: datetime
) -> None:
    """Answer a flag."""
    _require("resolve_flag", engagement, by)
    engagement.resolve_flag(flag_id, resolution, by.id, now)


def list_flags(engagement: Engagement, by: Principal, operation: str = "list_flags") -> list[Flag]:
    """All for an operator, for a side its own."""
    _require(operation, engagement, by)
    party = party_of(by)
    return [one for one in engagement.flags if party in (Party.OPERATOR, one.by)]


def put_time_note(
    engagement: Engagement, note: TimeNote, by: Principal, template_id: str | None = None
) -> None:
    """Note for oneself how long it took."""
    _require("put_time_note", engagement, by)
    engagement.note_time(note, template_id)


def put_reflection(engagement: Engagement, reflection: Reflection, by: Principal) -> None:
    """Write down what was learned."""
    _require("put_reflection", engagement, by)
    engagement.reflect(reflection)


def terminate_engagement(
    engagement: Engagement, cause: str, fault: Fault, comment: str, by: Principal, now: datetime
) -> None:
    """End it as an operator."""
    _require("terminate_engagement", engagement, by)
    engagement.terminate(cause, fault, comment, now)


def read_thread(engagement: Engagement, by: Principal) -> Engagement:
    """The engagement whose thread it is, where the principal may read it."""
    _require("list_messages", engagement, by)
    return engagement


def read_message(message: Message | None, by: Principal) -> Message:
    """A message, where the principal may read it; raises NotFound."""
    org_id, person_id = (message.org_id, message.candidate_id) if message else (None, None)
    by.require("get_message", org_id=org_id, person_id=person_id)
    if message is None:
        raise NotFound("message-not-found", "There is no such message.")
    return message


def admit_message(thread: Thread, engagement: Engagement, by: Principal, now: datetime) -> None:
    """Whether one more may be written now."""
    _require("post_message", engagement, by)
    thread.admit(party_of(by), by.id, now)


def message_of(
    thread: Thread,
    engagement: Engagement,
    message_id: str,
    text: str,
    files: list[File],
    by: Principal,
    now: datetime,
) -> Message:
    """What was admitted, as it is kept."""
    message = Message(
        id=message_id,
        engagement_id=engagement.id,
        project_id=engagement.project_id,
        org_id=engagement.org_id,
        candidate_id=engagement.candidate_id,
        by=party_of(by),
        person_id=by.id,
        text=text,
        files=files,
        posted_at=now,
    )
    return message.announce(nudge=thread.nudge)


def _require(operation: str, engagement: Engagement, by: Principal) -> None:
    by.require(operation, org_id=engagement.org_id, person_id=engagement.candidate_id)
