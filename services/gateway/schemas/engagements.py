"""The work: kick-off, deliverables, revisions, evaluation; and what waits for whom."""

from marshmallow import fields

from services.gateway.schemas.base import (
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
    string,
    texts,
)
from services.gateway.schemas.brief_parts import OwnCriterion
from services.gateway.schemas.files import FileReference

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


class Submission(Request):
    """A version of the work: files that the candidate has uploaded before."""

    file_ids = texts(identifier("fil-0199"), 1, 20, required=True)
    note = string(
        0, 2000, "All three systems merged; see the log in the last column.", load_default=""
    )


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
    reason = string(2, 500, "The project was stopped.", required=True)


class Signatures(View):
    """When each side signed what stands now, and whom it waits for."""

    org_signed_at = moment(allow_none=True)
    candidate_signed_at = moment(allow_none=True)
    waiting_for = texts(choice(["company", "candidate"]), 0, 2)


class Check(View):
    """What was seen at once, without reading the work. One that fails stops nothing."""

    name = choice(["complete", "no-file-twice", "on-time", "revised"], required=True)
    passed = flag(True, required=True)
    sentence = string(1, 300, "2 files for 2 deliverables.", required=True)


class Submitted(View):
    deliverable_id = identifier("dlv-1", required=True)
    version = number(1, 1000, 1, required=True)
    files = listed(FileReference, required=True)
    note = string(0, 2000, "All three systems merged.")
    submitted_at = moment(required=True)
    late = flag(False)
    checks = listed(Check, required=True)


class Revision(View):
    round = number(1, 100, 1, required=True)
    criteria = texts(string(2, 500, "No two rows describe the same person"), 0, 20)
    comment = string(0, 2000, "Rows 12 and 40 are the same person.")
    requested_at = moment(required=True)


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


class TodoItem(View):
    """Something that waits for me."""

    kind = string(1, 60, "engagement", required=True)
    id = identifier("eng-0199", required=True)
    title = string(0, 200, "Clean and dedupe 4,000 CRM contacts", required=True)
    due_at = moment(allow_none=True)
    what = string(1, 200, "Review the submitted work", required=True)


class Todo(View):
    """By due time. `incomplete` names the services that did not answer, whose part is missing."""

    items = listed(TodoItem, required=True)
    incomplete = texts(string(1, 60, "payments"), 0, 10, required=True)
