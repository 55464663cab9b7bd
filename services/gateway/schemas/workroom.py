"""Work under way: milestones, change orders, the thread, flags, the candidate's own notes."""

from marshmallow import ValidationError, fields, validate, validates_schema

from services.gateway.schemas.base import (
    Part,
    Request,
    View,
    choice,
    flag,
    identifier,
    listed,
    many,
    moment,
    money,
    number,
    shown,
    string,
    texts,
)
from services.gateway.schemas.files import FileReference

SIDES = ["company", "candidate"]
STEPS = ["in_progress", "done", "accepted", "dropped"]
FLAGS = ["communication", "unmet-expectations", "inappropriate-behaviour", "other"]
ANSWERS = ["open", "accepted", "declined", "withdrawn", "expired"]


class MilestonePlan(Request):
    title = string(2, 200, "First hundred rows", required=True)
    due_at = moment(required=True)


class MilestoneChange(Request):
    """The candidate says `done`, the company `accepted` or `dropped`; `in_progress` reopens."""

    title = string(2, 200, "First hundred rows")
    due_at = moment()
    state = choice(STEPS)

    @validates_schema
    def check(self, data: dict[str, object], **_: object) -> None:
        if not data:
            raise ValidationError("Nothing is changed.")


class Milestone(View):
    milestone_id = identifier("mil-0199", required=True)
    title = string(2, 200, "First hundred rows", required=True)
    due_at = moment(required=True)
    state = choice(["planned", *STEPS], required=True)
    late = flag(False)
    by = choice(SIDES)
    changed_at = moment()


class AgreedDeliverable(Part):
    deliverable_id = identifier("d1")
    title = string(2, 200, "Clean CSV", required=True)
    acceptance_criteria = texts(string(2, 500, "One row per person"), 1, 20, required=True)


class ChangeOrderProposal(Request):
    """What is to be otherwise from the acceptance on; the pay per hour may not go down."""

    why = string(5, 2000, "Two more systems came up.", required=True)
    fee_amount = money(33_000)
    hours = number(1, 80, 15)
    due_at = moment()
    deliverables = many(AgreedDeliverable, 1, 20)


class ChangeOrderRefusal(Request):
    comment = string(0, 2000, "Not within that time.", load_default="")


class ChangeOrder(View):
    """`fee_difference` (minor units) is charged, or given back where it is negative."""

    order_id = identifier("cor-0199", required=True)
    by = choice(SIDES, required=True)
    why = string(0, 2000, "Two more systems came up.")  # Empty once its writer is erased.
    fee_difference = fields.Integer(metadata={"example": 6600})
    fee_amount = money(33_000, allow_none=True)
    hours = number(1, 80, 15, allow_none=True)
    due_at = moment(allow_none=True)
    deliverables = fields.List(fields.Nested(AgreedDeliverable), allow_none=True)
    answer = choice(ANSWERS, required=True)
    proposed_at = moment()
    expires_at = moment()
    answered_at = moment(allow_none=True)
    comment = string(0, 2000, "Not within that time.")


class NewMessage(Request):
    """At most 5 a minute, 30 an hour and 100 a day of one person in one thread."""

    text = string(1, 4000, "Is the second column a date?", required=True)
    file_ids = texts(identifier("fil-0199"), 0, 10, load_default=list)


class Message(View):
    """A line of the thread: a person's (`message`), or what happened (`system`, `what`)."""

    id = identifier("msg-0199", required=True)
    kind = choice(["message", "system"], required=True)
    at = moment(required=True)
    by = choice([*SIDES, "operator"], allow_none=True)
    person_id = identifier("acc-0199")
    text = string(0, 4000, "Is the second column a date?")
    files = listed(FileReference, required=True)
    what = string(1, 60, "deliverable-submitted")
    number = string(1, 100, "1", allow_none=True, description="Version, round or order.")


class NewFlag(Request):
    """Operators and one's own side see it; the other side learns nothing of it."""

    kind = choice(FLAGS, required=True)
    text = string(10, 4000, "Nobody has answered for a week.", required=True)
    file_ids = texts(identifier("fil-0199"), 0, 10, load_default=list)


class RaisedFlag(View):
    flag_id = identifier("flg-0199", required=True)


class Flag(RaisedFlag):
    kind = choice(FLAGS, required=True)
    by = choice(SIDES, required=True)
    text = string(0, 4000, "Nobody has answered for a week.", required=True)
    evidence = listed(FileReference, required=True)
    raised_at = moment(required=True)
    resolution = string(5, 2000, "We have spoken to both.", allow_none=True)
    resolved_at = moment(allow_none=True)


class Flags(View):
    items = listed(Flag, required=True)


class OpenFlagsQuery(Request):
    state = choice(["open"], load_default="open", description="Those that wait for an answer.")


class OpenFlag(View):
    """A flag is answered with `resolve_flag`, a report of an evaluation with `judge_evaluation`."""

    what = choice(["flag", "report"], required=True)
    engagement_id = identifier("eng-0199", required=True)
    project_id = identifier("prj-0199", required=True)
    flag_id = identifier("flg-0199", required=True, allow_none=True)
    by = choice(SIDES, required=True)
    reason = string(1, 60, "communication", required=True)
    text = string(0, 4000, "Nobody has answered for a week.", required=True)
    since = moment(required=True)


class OpenFlags(View):
    """A hundred of each kind at most: what is behind comes up as these are answered."""

    items = listed(OpenFlag, required=True)


class FlagResolution(Request):
    resolution = string(5, 2000, "We have spoken to both.", required=True)


class TimeNote(Request):
    hours = fields.Float(
        required=True, validate=validate.Range(0.25, 400), metadata={"example": 12.5}
    )
    note = string(0, 1000, "The third system took long.", load_default="")


class Reflection(Request):
    learned = string(10, 2000, "To ask before I merge.", required=True)
    proud_of = string(0, 2000, "The change log.", load_default="")
    next_time = string(0, 2000, "A sample first.", load_default="")
    shared = flag(False, load_default=False, description="The company may read it.")


TimeNoteView, ReflectionView = shown(TimeNote), shown(Reflection)


class OwnNotes(View):
    """What the candidate has noted."""

    id = identifier("eng-0199", required=True)
    version = number(1, 10**9, 5, required=True)
    time_note = fields.Nested(TimeNoteView, allow_none=True)
    effective_hourly_amount = money(2200, allow_none=True)
    reflection = fields.Nested(ReflectionView, allow_none=True)
