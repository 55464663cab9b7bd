"""What people send about briefs: the briefs, and searches for them."""

from dataclasses import replace
from typing import Any
from zoneinfo import available_timezones

from marshmallow import ValidationError, post_load, validates_schema

from services.projects.domain import brief as rules
from services.projects.domain.parts import AI_POLICIES, DECISION_DAYS, VISIBILITIES
from services.projects.schemas.inputs import (
    IDENTIFIER,
    YES_OR_NO,
    Request,
    choice,
    moment,
    part,
    several,
    sorting,
    text,
    truth,
    whole,
)
from services.projects.schemas.parts import (
    CriterionSchema,
    DeadlinesSchema,
    EligibilitySchema,
    ExpectedSchema,
    PlaceSchema,
    SupervisorSchema,
    UnpaidTermsSchema,
    numbered,
)

AMOUNT = "Say the amount in minor units as a whole number, such as 26400 for 264.00."
CURRENCY = "Say the currency as an ISO 4217 code, such as USD."


class SkillSchema(Request):
    """A skill by its taxonomy id and label."""

    skill_id = text(1, 100, IDENTIFIER, required=True)
    label = text(1, 200, "Give the skill's label, at most 200 characters.", required=True)
    required = truth(YES_OR_NO, load_default=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> rules.Skill:
        return rules.Skill(**values)


class QuestionSchema(Request):
    """A question to applicants; its id is its place, whatever a client sends back."""

    question_id = text(1, 100, IDENTIFIER)
    text = text(3, 500, "Ask in 3 to 500 characters.", required=True)
    required = truth(YES_OR_NO, load_default=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> rules.Question:
        return rules.Question(**{**values, "question_id": ""})


class HireOfferSchema(Request):
    """The job that a good result leads to."""

    policy = choice(
        rules.OFFER_POLICIES,
        "Say draft (you approve each offer) or extend (it goes out at once).",
        load_default="draft",
    )
    minimum_score = whole(
        0, 100, "Say the weighted score from which it is offered, 0 to 100.", load_default=75
    )
    kind = choice(
        rules.OFFER_KINDS, f"Choose one of {', '.join(rules.OFFER_KINDS)}.", required=True
    )
    title = text(2, 120, "Name the job in 2 to 120 characters.", required=True)
    pay_amount = whole(1, rules.LARGEST_AMOUNT, AMOUNT, required=True)
    pay_currency = choice(rules.CURRENCIES, CURRENCY, required=True)
    pay_period = choice(
        rules.PAY_PERIODS, f"Choose one of {', '.join(rules.PAY_PERIODS)}.", required=True
    )
    valid_days = whole(
        *rules.VALID_DAYS, "Say for how many days an offer stands, 1 to 90.", load_default=14
    )

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> rules.HireOfferTerms:
        return rules.HireOfferTerms(**values)


class BriefSchema(Request):
    """A whole brief, or with `partial` the fields of it that change."""

    title = text(5, 120, "Write a title of 5 to 120 characters.", required=True)
    summary = text(20, 2000, "Describe the work in 20 to 2,000 characters.", required=True)
    objective = text(
        0, 2000, "Say what the work is for in at most 2,000 characters.", allow_none=True
    )
    deliverables = several(
        part(ExpectedSchema, "Send objects."),
        1,
        rules.MOST_DELIVERABLES,
        "Name 1 to 20 things to hand in, each with its acceptance criteria.",
        required=True,
    )
    skills = several(
        part(SkillSchema, "Send objects."),
        1,
        rules.MOST_SKILLS,
        "Name 1 to 20 skills that the work needs.",
        required=True,
    )
    hours = whole(*rules.HOURS, "Say the hours of work, 5 to 40.", required=True)
    weeks = whole(*rules.WEEKS, "Say the weeks it may take, 1 to 8.", required=True)
    fee_amount = whole(0, rules.LARGEST_AMOUNT, AMOUNT, load_default=0)
    fee_currency = choice(rules.CURRENCIES, CURRENCY)
    positions = whole(*rules.POSITIONS, "Say how many candidates you take, 1 to 20.")
    questions = several(
        part(QuestionSchema, "Send objects."), 0, rules.MOST_QUESTIONS, "Ask at most 5 questions."
    )
    location_mode = choice(
        rules.LOCATION_MODES, f"Choose one of {', '.join(rules.LOCATION_MODES)}."
    )
    time_zone = choice(
        sorted(available_timezones()),
        "Name an IANA time zone, such as Europe/Madrid.",
        allow_none=True,
    )
    apply_by = moment(
        "Say until when with a time zone, such as 2026-03-16T17:00:00Z.", allow_none=True
    )
    review_days = whole(*rules.REVIEW_DAYS, "Say how many days a review may take, 1 to 30.")
    max_revision_rounds = whole(
        *rules.REVISION_ROUNDS, "Say how often you may ask for a revision, 0 to 10."
    )
    selection_hours = whole(
        *rules.SELECTION_HOURS, "Say how many hours a selected candidate may think, 1 to 720."
    )
    blind_review = truth(YES_OR_NO)
    hire_offer = part(HireOfferSchema, "Describe the job, or send null.", allow_none=True)
    unpaid_basis = choice(
        rules.UNPAID_BASES, f"Choose one of {', '.join(rules.UNPAID_BASES)}.", allow_none=True
    )
    unpaid_terms = part(UnpaidTermsSchema, "Say what unpaid work rests on.", allow_none=True)
    supervisor = part(SupervisorSchema, "Name who supervises the work.", allow_none=True)
    place = part(PlaceSchema, "Say where the work is done.", allow_none=True)
    ai_policy = choice(AI_POLICIES, f"Choose one of {', '.join(AI_POLICIES)}.")
    ai_note = text(0, 1000, "Explain it in at most 1,000 characters.", allow_none=True)
    contract_to_hire = text(
        20, 1000, "Say in 20 to 1,000 characters when a job follows.", allow_none=True
    )
    declared = several(
        text(1, 60, "Name a category of work."), 0, 20, "Name at most 20 categories of work."
    )
    eligibility = part(EligibilitySchema, "Say whom you may take, or send null.", allow_none=True)
    visibility = choice(VISIBILITIES, f"Choose one of {', '.join(VISIBILITIES)}.")
    decision_days = whole(
        *DECISION_DAYS, "Say within how many days each applicant has an answer, 1 to 90."
    )

    evaluation_criteria = several(
        part(CriterionSchema, "Send objects."), 0, 5, "Name at most 5 criteria of your own."
    )
    deadlines = part(
        DeadlinesSchema, "Say what a missed deadline leads to, or send null.", allow_none=True
    )

    @post_load
    def number(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Give questions and deliverables the ids of their places."""
        if "questions" in values:
            values["questions"] = [
                replace(question, question_id=f"q{place}")
                for place, question in enumerate(values["questions"], 1)
            ]
        if "deliverables" in values:
            values["deliverables"] = numbered(values["deliverables"])
        if "evaluation_criteria" in values:
            values["evaluation_criteria"] = [
                replace(one, criterion_id=f"c{place}")
                for place, one in enumerate(values["evaluation_criteria"], 1)
            ]
        return values

    @validates_schema
    def check_together(self, values: dict[str, Any], partial: Any = False, **_: Any) -> None:
        """Fields that contradict each other; changes are checked with what they change instead."""
        errors = {} if partial else rules.contradictions(values)
        if errors:
            raise ValidationError({name: [sentence] for name, sentence in errors.items()})

    def handle_error(
        self, error: ValidationError, data: Any, *, partial: Any = False, **_: Any
    ) -> None:
        """Beside the fields that are wrong, name those of the others that contradict each other."""
        wrong, valid = error.normalized_messages(), error.valid_data
        if isinstance(valid, dict) and not partial:
            right = {name: value for name, value in valid.items() if name not in wrong}
            found = rules.contradictions(right).items()
            error.messages = {
                **{name: [text] for name, text in found if name not in wrong},
                **wrong,
            }


class LinkSchema(Request):
    """The token of a link, where the project is for those who have it."""

    link_token = text(1, 100, "Send the token of the link.", load_default=None, allow_none=True)


class ProjectFilters(Request):
    """What to search for; `mine` lists one's organisation's, drafts included."""

    q = text(0, 200, "Search for at most 200 characters.")
    skill = text(1, 100, IDENTIFIER)
    location_mode = choice(
        rules.LOCATION_MODES, f"Choose one of {', '.join(rules.LOCATION_MODES)}."
    )
    currency = choice(rules.CURRENCIES, CURRENCY)
    min_fee = whole(0, rules.LARGEST_AMOUNT, AMOUNT, strict=False)
    max_hours = whole(1, 1000, "Say the most hours as a whole number.", strict=False)
    mine = truth(YES_OR_NO, load_default=False)
    sort = sorting()
