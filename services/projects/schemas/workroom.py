"""What people send about work under way: milestones, change orders, messages, flags, notes."""

from typing import Any

from marshmallow import fields, post_load, validate

from services.projects.domain import brief as rules
from services.projects.domain.ending import CAUSES
from services.projects.domain.work import Fault, Party
from services.projects.domain.workroom import FLAG_KINDS, Amendment, Step
from services.projects.schemas.inputs import (
    YES_OR_NO,
    Request,
    choice,
    moment,
    part,
    several,
    text,
    truth,
    whole,
)
from services.projects.schemas.parts import ExpectedSchema, numbered
from services.projects.schemas.work import FileSchema

WHEN = "Say when with a time zone, such as 2026-03-16T17:00:00Z."
TITLE = "Name the milestone in 2 to 200 characters."
MOST_HOURS = 2 * rules.HOURS[1]  # Work may grow by change orders.


class MilestoneSchema(Request):
    """A check-point to plan."""

    title = text(2, 200, TITLE, required=True)
    due_at = moment(WHEN, required=True)


class MilestoneChangeSchema(Request):
    """What becomes otherwise of a check-point."""

    title = text(2, 200, TITLE)
    due_at = moment(WHEN)
    state = choice(
        [step.value for step in Step if step is not Step.PLANNED],
        "Say in_progress, done, accepted or dropped.",
    )

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        return values | ({"state": Step(values["state"])} if "state" in values else {})


class ChangeOrderSchema(Request):
    """What one side wishes to be otherwise, and why; what is left out stays."""

    why = text(5, 2000, "Say why in 5 to 2,000 characters.", required=True)
    fee_amount = whole(0, rules.LARGEST_AMOUNT, "Say the new fee in minor units.")
    hours = whole(1, MOST_HOURS, f"Say the new hours in all, 1 to {MOST_HOURS}.")
    due_at = moment(WHEN)
    deliverables = several(
        part(ExpectedSchema, "Send objects."),
        1,
        rules.MOST_DELIVERABLES,
        "Name 1 to 20 things to hand in, each with its acceptance criteria.",
    )

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        why = values.pop("why")
        if "deliverables" in values:
            values["deliverables"] = numbered(values["deliverables"])
        return {"why": why, "amendment": Amendment(**values)}


class AnswerSchema(Request):
    """Why a change order is declined."""

    comment = text(0, 2000, "Comment in at most 2,000 characters.", load_default="")


class MessageSchema(Request):
    """A message, perhaps with files."""

    text = text(1, 4000, "Write 1 to 4,000 characters.", required=True)
    files = several(
        part(FileSchema, "Send objects."), 0, 10, "Attach at most 10 files.", load_default=list
    )


class FlagSchema(Request):
    """A problem that an operator should know."""

    kind = choice(FLAG_KINDS, f"Choose one of {', '.join(FLAG_KINDS)}.", required=True)
    text = text(10, 4000, "Tell what happened in 10 to 4,000 characters.", required=True)
    files = several(
        part(FileSchema, "Send objects."), 0, 10, "Attach at most 10 files.", load_default=list
    )


class ResolutionSchema(Request):
    """An operator's answer to a flag."""

    resolution = text(5, 2000, "Say what was done in 5 to 2,000 characters.", required=True)


class TimeNoteSchema(Request):
    """How long it really took."""

    hours = fields.Float(
        required=True,
        validate=validate.Range(0.25, 400, error="Say the hours, 0.25 to 400."),
        error_messages=dict.fromkeys(
            ("required", "invalid", "special", "null"), "Say the hours, 0.25 to 400."
        ),
    )
    note = text(0, 1000, "Note at most 1,000 characters.", load_default="")


class ReflectionSchema(Request):
    """What was learned."""

    learned = text(10, 2000, "Say what you learned in 10 to 2,000 characters.", required=True)
    proud_of = text(0, 2000, "Write at most 2,000 characters.", load_default="")
    next_time = text(0, 2000, "Write at most 2,000 characters.", load_default="")
    shared = truth(YES_OR_NO, load_default=False)


class TerminationSchema(Request):
    """Why an operator ends it, and whose fault that is."""

    reason = choice(
        CAUSES[Party.OPERATOR],
        f"Choose one of {', '.join(CAUSES[Party.OPERATOR])}.",
        required=True,
    )
    fault = choice(
        [fault.value for fault in Fault], "Say company, candidate or nobody.", required=True
    )
    comment = text(10, 2000, "Say why in 10 to 2,000 characters.", required=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        return values | {"fault": Fault(values["fault"])}
