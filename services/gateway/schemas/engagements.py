"""The work: kick-off, deliverables, revisions, evaluation; and what waits for whom."""

from marshmallow import fields

from services.gateway.schemas.base import (
    PageQuery,
    Part,
    Request,
    View,
    choice,
    flag,
    identifier,
    iso_currency,
    listed,
    moment,
    money,
    number,
    shown,
    sorting,
    string,
    texts,
)
from services.gateway.schemas.brief_parts import Deadlines, OwnCriterion
from services.gateway.schemas.files import FileReference
from services.gateway.schemas.workroom import (
    ChangeOrder,
    Milestone,
    ReflectionView,
    TimeNoteView,
)

STATUSES = [
    "active",
    "awaiting_funding",
    "kickoff_pending",
    "submitted",
    "revision_requested",
    "accepted",
    "completed",
    "cancelled",
    "disputed",
]
PAYMENT_STATUSES = ["funded", "pending", "failed", "released", "paid", "refunded"]

CAUSES = [
    *("plans-changed", "other", "candidate-unresponsive", "no-show"),
    *("timing", "illness", "other-offer", "company-unresponsive"),
    *("terms-broken", "misconduct", "fraud", "by-agreement"),
]
TERMINATIONS = ["by-agreement", "terms-broken", "misconduct", "fraud", "other"]

PARTS = ["engagement", "payment", "thread", "people"]
CHECKS = ["complete", "no-file-twice", "on-time", "revised", "ai-use"]


class EngagementFilters(PageQuery):
    status = choice(STATUSES, description="Only those in this state.")
    sort = sorting()


class AIUse(Part):
    """What a machine did in this version; the check `ai-use` holds it against the policy."""

    level = choice(["none", "assisted", "generated"], required=True)
    tools = texts(string(1, 100, "A spelling checker"), 0, 10)
    note = string(0, 1000, "It proposed the column names.")


class Submission(Request):
    """A version of the work: files that the candidate has uploaded before."""

    file_ids = texts(identifier("fil-0199"), 1, 20, required=True)
    note = string(
        0, 2000, "All three systems merged; see the log in the last column.", load_default=""
    )
    ai_use = fields.Nested(AIUse, load_default=None, allow_none=True)


class RevisionRequest(Request):
    """Which acceptance criteria are not met yet."""

    criteria = texts(string(2, 500, "No two rows describe the same person"), 1, 20, required=True)
    comment = string(0, 2000, "Rows 12 and 40 are the same person.", load_default="")


class Scores(Part):
    """The rubric: 1 does not meet, 3 meets, 5 outstanding."""

    work_ethic = number(1, 5, 5, required=True)
    problem_solving = number(1, 5, 4, required=True)
    communication = number(1, 5, 4, required=True)
    culture = number(1, 5, 5, required=True)


class Cancellation(Request):
    """`no-show` and the unresponsive ones have to show in the record: else 409."""

    reason = choice(CAUSES, required=True)
    comment = string(0, 2000, "The project was stopped.", load_default="")


class Termination(Request):
    """An operator's end."""

    reason = choice(TERMINATIONS, required=True)
    fault = choice(["nobody", "company", "candidate"], required=True)
    comment = string(10, 2000, "Both asked for it in the thread.", required=True)


class Signatures(View):
    """When each side signed what stands now, and whom it waits for."""

    org_signed_at = moment(allow_none=True)
    candidate_signed_at = moment(allow_none=True)
    waiting_for = texts(choice(["company", "candidate"]), 0, 2)


class Check(View):
    """What was seen at once, without reading the work. One that fails stops nothing."""

    name = choice(CHECKS, required=True)
    passed = flag(True, required=True)
    sentence = string(1, 300, "2 files for 2 deliverables.", required=True)


class Submitted(View):
    deliverable_id = identifier("dlv-1", required=True)
    version = number(1, 1000, 1, required=True)
    files = listed(FileReference, required=True)
    note = string(0, 2000, "All three systems merged.")
    submitted_at = moment(required=True)
    late = flag(False)
    ai_use = fields.Nested(shown(AIUse), allow_none=True)
    checks = listed(Check, required=True)


class Revision(View):
    round = number(1, 100, 1, required=True)
    criteria = texts(string(2, 500, "No two rows describe the same person"), 0, 20)
    comment = string(0, 2000, "Rows 12 and 40 are the same person.")
    requested_at = moment(required=True)


class Cancelled(View):
    """How it ended; `fault` follows from the record, `cause` is what the canceller says."""

    reason = string(1, 100, "company-cancelled", required=True)
    fault = choice(["nobody", "company", "candidate"], required=True)
    cause = choice(CAUSES, allow_none=True)
    comment = string(0, 2000, "The project was stopped.")
    cancelled_at = moment(required=True)


class Engagement(View):
    id = identifier("eng-0199", required=True)
    version = number(1, 10**9, 5, required=True)
    application_id = identifier("app-0199")
    project_id = identifier("prj-0199", required=True)
    org_id = identifier("org-0199", required=True)
    candidate_id = identifier("acc-0199", required=True)
    title = string(0, 120, "Clean and dedupe 4,000 CRM contacts")
    status = choice(STATUSES, required=True)
    payment_status = choice(PAYMENT_STATUSES)
    payment_problem = string(0, 200, "card-declined", allow_none=True)
    kickoff = fields.Nested(Signatures)
    fee_amount = money(26_400)
    fee_currency = iso_currency()
    hours = number(1, 100, 12)
    due_at = moment(allow_none=True)
    review_due_at = moment(allow_none=True)
    deliverables = listed(Submitted)
    revisions = listed(Revision)
    rounds_left = number(0, 10, 2)
    evaluation_criteria = listed(OwnCriterion)
    completed_at = moment(allow_none=True)
    rights_assigned_at = moment(
        allow_none=True, description="Since when the rights in the work are the company's."
    )
    licence_revoked_at = moment(
        allow_none=True, description="Since when the company may not even read the work."
    )
    automatic = flag(False, description="Accepted because the review window ran out.")
    cancellation = fields.Nested(Cancelled, allow_none=True)
    deadlines = fields.Nested(shown(Deadlines))
    taken_until = moment(allow_none=True, description="Until when late work is taken.")
    ends_at = moment(allow_none=True, description="When it is given up.")
    missed_at = moment(allow_none=True)
    no_show_suspected_at = moment(allow_none=True)
    milestones = listed(Milestone)
    change_orders = listed(ChangeOrder)
    reflection = fields.Nested(
        ReflectionView, allow_none=True, metadata={"description": "The candidate's; shared."}
    )
    time_note = fields.Nested(
        TimeNoteView, allow_none=True, metadata={"description": "The candidate's alone."}
    )
    effective_hourly_amount = money(
        2200, allow_none=True, description="The fee per noted hour; the candidate's alone."
    )


class TodoItem(View):
    """Something that waits for me."""

    kind = string(1, 60, "engagement", required=True)
    id = identifier("eng-0199", required=True)
    title = string(0, 200, "Clean and dedupe 4,000 CRM contacts", required=True)
    due_at = moment(allow_none=True)
    what = string(1, 2200, "Review the submitted work", required=True)
    simulated = flag(True, description="Where it is about money: whether that is simulated.")


class Todo(View):
    """By due time. `incomplete` names the services that did not answer, whose part is missing."""

    items = listed(TodoItem, required=True)
    incomplete = texts(string(1, 60, "payments"), 0, 10, required=True)
