"""Briefs: what a company wants done, for how much, and how it chooses."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from services.gateway.schemas.base import (
    INT32,
    PageQuery,
    Part,
    Request,
    View,
    choice,
    flag,
    iana_zone,
    identifier,
    iso_currency,
    listed,
    many,
    moment,
    money,
    number,
    shown,
    sorting,
    string,
    texts,
)
from services.gateway.schemas.brief_parts import (
    AI_POLICIES,
    LEVELS,
    STATUSES,
    VISIBILITIES,
    BriefReview,
    Deadlines,
    Eligibility,
    NewCriterion,
    OwnCriterion,
    PayException,
    Place,
    Supervisor,
    UnpaidTerms,
)

MODES = ["remote", "on_site", "hybrid"]
UNPAID = ["course-credit", "simulation"]
PERIODS = ["hour", "month", "year", "project"]
OFFER_KINDS = ["internship", "full-time", "part-time", "contract", "follow-on-project"]


class NewDeliverable(Request):
    """Something to hand in, and how one will see that it is done."""

    title = string(2, 200, "Cleaned contact list (CSV)", required=True)
    acceptance_criteria = texts(
        string(2, 500, "No two rows describe the same person"), 0, 20, load_default=list
    )


class SkillWanted(Part):
    skill_id = string(1, 200, "esco-1d4a", required=True)
    label = string(1, 200, "perform data cleansing", required=True)
    required = flag(True, load_default=True)


class NewQuestion(Request):
    text = string(3, 500, "Which tool would you use, and why?", required=True)
    required = flag(True, load_default=True)


class HireOfferPolicy(Part):
    """What follows good work: an offer drafted for approval, or extended at once."""

    policy = choice(["draft", "extend"], required=True)
    minimum_score = number(0, 100, 70, required=True)
    kind = choice(OFFER_KINDS, required=True)
    title = string(2, 120, "Data intern", required=True)
    pay_amount = money(2400, required=True)
    pay_currency = iso_currency(required=True)
    pay_period = choice(PERIODS, required=True)
    valid_days = number(1, 90, 7, required=True)


class Brief(Request):
    """A project: 5 to 40 hours of paid work within 1 to 8 weeks. Fee 0 needs an `unpaid_basis`."""

    title = string(5, 120, "Clean and dedupe 4,000 CRM contacts", required=True)
    summary = string(20, 2000, "Our contacts come from three systems and overlap.", required=True)
    objective = string(0, 2000, "One list that sales can trust.", allow_none=True)
    deliverables = many(NewDeliverable, 1, 20, required=True)
    skills = many(SkillWanted, 1, 20, required=True)
    hours = number(5, 40, 12, required=True)
    weeks = number(1, 8, 1, required=True)
    fee_amount = money(26_400, required=True)
    fee_currency = iso_currency(required=True)
    positions = number(1, 20, 1)
    questions = many(NewQuestion, 0, 5)
    location_mode = choice(MODES)
    time_zone = iana_zone(allow_none=True)
    apply_by = moment(allow_none=True)
    review_days = number(1, 30, 14)
    max_revision_rounds = number(0, 10, 2)
    selection_hours = number(1, 720, 72)
    blind_review = flag(True)
    hire_offer = fields.Nested(HireOfferPolicy, allow_none=True)
    unpaid_basis = choice(UNPAID, allow_none=True)
    unpaid_terms = fields.Nested(UnpaidTerms, allow_none=True)
    supervisor = fields.Nested(Supervisor, allow_none=True)
    place = fields.Nested(Place, allow_none=True)
    ai_policy = choice(AI_POLICIES, description="How much a machine may do.")
    ai_note = string(0, 1000, "Say which tool you used for what.", allow_none=True)
    contract_to_hire = string(
        20, 1000, "From 75 points on we offer the internship below.", allow_none=True
    )
    declared = texts(string(1, 60, "personal-data"), 0, 20)
    eligibility = fields.Nested(Eligibility, allow_none=True)
    visibility = choice(VISIBILITIES)
    decision_days = number(1, 90, 14)
    evaluation_criteria = many(NewCriterion, 0, 5)
    deadlines = fields.Nested(Deadlines, allow_none=True)

    @validates_schema
    def check(self, data: dict[str, object], **_: object) -> None:
        if data.get("fee_amount") == 0 and not data.get("unpaid_basis"):
            raise ValidationError("Unpaid work names its basis.", "unpaid_basis")


class BriefChanges(Brief):
    """The fields to change; those that are left out stay."""

    def __init__(self, **options: Any) -> None:
        # Named, since a plain True would let the objects inside be partial as well.
        super().__init__(partial=tuple(Brief().fields), **options)

    @validates_schema
    def check(self, data: dict[str, object], **_: object) -> None:
        if not data:
            raise ValidationError("Nothing is changed.")


class BriefSketch(BriefChanges):
    """As much of a brief as there is; what is missing is named in the answer."""

    @validates_schema
    def check(self, data: dict[str, object], **_: object) -> None:
        """Nothing is too little to be advised on."""


class SketchToAdvise(BriefSketch):
    """Of the template, where there is one, is told how long its work has really taken."""

    template_id = identifier("crm-cleaning", allow_none=True)


class Repost(BriefChanges):
    """What the copy says otherwise; nothing, where it is the same again."""

    @validates_schema
    def check(self, data: dict[str, object], **_: object) -> None:
        """The same again is a repost too."""


class Link(Request):
    link_token = string(1, 100, "b64-token", description="Of a project that has a link.")


class ProjectFilters(PageQuery):
    q = string(1, 200, "contacts", description="Words of the title and summary.")
    skill = string(1, 200, "esco-1d4a", description="The id of a skill that it asks for.")
    location_mode = choice(MODES, description="Where it is done.")
    currency = iso_currency(description="Of the fee.")
    min_fee = fields.Integer(
        validate=validate.Range(0, INT32),
        metadata={"description": "In minor units.", "example": 10_000},
    )
    max_hours = fields.Integer(
        validate=validate.Range(1, 40), metadata={"description": "In all.", "example": 20}
    )
    mine = fields.Boolean(
        metadata={"description": "My organisation's, drafts too.", "example": True}
    )
    sort = sorting()


class Deliverable(View):
    deliverable_id = identifier("dlv-1", required=True)
    title = string(2, 200, "Cleaned contact list (CSV)", required=True)
    acceptance_criteria = texts(string(2, 500, "No two rows describe the same person"), 0, 20)


class Question(View):
    question_id = identifier("qst-1", required=True)
    text = string(3, 500, "Which tool would you use, and why?", required=True)
    required = flag(True)


class Project(View):
    id = identifier("prj-0199", required=True)
    version = number(1, 10**9, 2, required=True)
    org_id = identifier("org-0199", required=True)
    status = choice(STATUSES, required=True)
    close_reason = choice(["filled", "company", "expired", "idle"], allow_none=True)
    organisation_level = choice(LEVELS, description="How far an operator has verified it.")
    brief_version = number(1, 100, 1, description="Counts up with each change after publication.")
    title = string(5, 120, "Clean and dedupe 4,000 CRM contacts", required=True)
    summary = string(20, 2000, "Our contacts come from three systems and overlap.", required=True)
    objective = string(0, 2000, "One list that sales can trust.", allow_none=True)
    deliverables = listed(Deliverable, required=True)
    skills = listed(shown(SkillWanted), required=True)
    hours = number(5, 40, 12, required=True)
    weeks = number(1, 8, 1, required=True)
    fee_amount = money(26_400, required=True)
    fee_currency = iso_currency(required=True)
    positions = number(1, 20, 1, required=True)
    positions_filled = number(0, 20, 0)
    questions = listed(Question)
    location_mode = choice(MODES, required=True)
    time_zone = iana_zone(allow_none=True)
    apply_by = moment(allow_none=True)
    review_days = number(1, 30, 14)
    max_revision_rounds = number(0, 10, 2)
    selection_hours = number(1, 720, 72)
    blind_review = flag(True)
    hire_offer = fields.Nested(shown(HireOfferPolicy), allow_none=True)
    unpaid_basis = choice(UNPAID, allow_none=True)
    unpaid_terms = fields.Nested(shown(UnpaidTerms), allow_none=True)
    supervisor = fields.Nested(shown(Supervisor), allow_none=True)
    place = fields.Nested(shown(Place), allow_none=True)
    ai_policy = choice(AI_POLICIES, description="How much a machine may do.")
    ai_note = string(0, 1000, "Say which tool you used for what.", allow_none=True)
    contract_to_hire = string(
        20, 1000, "From 75 points on we offer the internship below.", allow_none=True
    )
    declared = texts(string(1, 60, "personal-data"), 0, 20)
    eligibility = fields.Nested(shown(Eligibility), allow_none=True)
    visibility = choice(VISIBILITIES)
    decision_days = number(1, 90, 14)
    evaluation_criteria = listed(OwnCriterion)
    deadlines = fields.Nested(shown(Deadlines), allow_none=True)
    pay_exception = fields.Nested(PayException, allow_none=True)
    published_at = moment(allow_none=True)
    revised_at = moment(allow_none=True)
    closed_at = moment(allow_none=True)
    created_at = moment()
    copied_from = identifier("prj-0198", allow_none=True, description="Company only.")
    template_id = identifier("crm-cleaning", allow_none=True, description="Company only.")
    link_token = string(1, 100, "b64-token", allow_none=True, description="Company only.")
    review = fields.Nested(BriefReview, allow_none=True)
    still_open_by = moment(allow_none=True, description="Company only: answer by then.")
    inquiries_waiting = number(0, 100, 0, description="Company only.")


class BriefVersion(View):
    """The brief as it was `until` a change; the newest has none."""

    number = number(1, 100, 1, required=True)
    until = moment(allow_none=True)
    changed = texts(string(1, 60, "fee_amount"), 0, 50)
    brief = fields.Dict(
        required=True, metadata={"example": {"title": "Clean and dedupe 4,000 CRM contacts"}}
    )


class BriefVersions(View):
    items = listed(BriefVersion, required=True)
