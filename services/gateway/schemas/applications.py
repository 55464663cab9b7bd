"""Profiles and applications."""

from marshmallow import fields, validate

from services.gateway.schemas.base import (
    PageQuery,
    Part,
    Request,
    View,
    choice,
    flag,
    identifier,
    listed,
    many,
    moment,
    number,
    shown,
    string,
    texts,
)
from services.gateway.schemas.brief_parts import country as iso_country

STATUSES = [
    *("submitted", "shortlisted", "alternate", "selected"),
    *("accepted", "declined", "withdrawn", "expired"),
]
DECLINE_REASONS = [
    *("position-filled", "not-a-fit", "other-candidate", "requirements", "withdrawn-project"),
]
CANDIDATE_REASONS = ["timing", "other-offer", "pay", "location", "scope", "personal", "other"]
CRITERIA = ["skills", "problem_solving", "communication", "motivation"]


class ApplicationFilters(PageQuery):
    status = choice(STATUSES, description="Only those in this state.")


class Skill(Part):
    skill_id = string(1, 200, "esco-1d4a", required=True)
    label = string(1, 200, "perform data cleansing", required=True)
    level = number(1, 5, 4, required=True, description="1 beginner to 5 expert.")


class PortfolioItem(Part):
    title = string(1, 200, "Survey of 300 students", required=True)
    url = fields.Url(
        schemes={"http", "https"},
        allow_none=True,
        validate=validate.Length(max=1000),
        metadata={"example": "https://example.com/survey"},
    )
    file_id = identifier("fil-0199", allow_none=True)
    description = string(0, 2000, "Design, cleaning and report.", load_default="")


class Personal(Part):
    """What rules of projects may ask for; only you see it, and all of it may be left out."""

    date_of_birth = fields.Date(allow_none=True, metadata={"example": "2004-05-17"})
    adult = flag(True, description="Attests to be 18 or older, in place of the date of birth.")
    country = iso_country(allow_none=True)
    work_authorisation = texts(
        iso_country(), 0, 250, metadata={"description": "Where you are allowed to work."}
    )
    weekly_hours_cap = number(
        1, 80, 20, allow_none=True, description="Your own limit of hours a week, such as a visa's."
    )


class ProfileIn(Request):
    """The whole profile; it replaces the one before."""

    headline = string(1, 200, "Statistics student who likes messy data", required=True)
    about = string(0, 4000, "Third year in Warsaw.", allow_none=True)
    skills = many(Skill, 0, 50, required=True)
    weekly_hours = number(0, 60, 15, required=True)
    portfolio = many(PortfolioItem, 0, 10, load_default=list)
    open_to_work = flag(True, load_default=True)
    schools = texts(
        string(1, 200, "University of Warsaw (UW)"),
        0,
        10,
        metadata={"description": "Nobody sees them: they are taken out of your blind answers."},
    )
    eligibility = fields.Nested(Personal)


class Profile(View):
    id = identifier("acc-0199", required=True)
    version = number(1, 10**9, 3, required=True)
    headline = string(1, 200, "Statistics student who likes messy data", required=True)
    about = string(0, 4000, "Third year in Warsaw.", allow_none=True)
    skills = listed(shown(Skill), required=True)
    weekly_hours = number(0, 60, 15)
    portfolio = listed(shown(PortfolioItem))
    open_to_work = flag(True)
    schools = texts(string(1, 200, "University of Warsaw (UW)"), 0, 10)
    eligibility = fields.Nested(shown(Personal))


class Answer(Part):
    question_id = identifier("qst-1", required=True)
    text = string(1, 4000, "OpenRefine, because its clusters can be reviewed.", required=True)


class ApplicationIn(Request):
    """`portfolio` picks items of your profile by their place, from 0."""

    answers = many(Answer, 0, 5, load_default=list)
    portfolio = fields.List(number(0, 9, 0), load_default=list, validate=validate.Length(0, 10))
    resume_file_id = identifier("fil-0199", allow_none=True)
    link_token = string(1, 100, "qmvcxhmr2t", allow_none=True)


class Remark(Part):
    """One line of feedback."""

    criterion = choice(CRITERIA, required=True)
    level = choice(["below", "meets", "exceeds"], required=True)
    comment = string(0, 300, "Names the tool, but not how the result is checked.")


class Decline(Request):
    reason = choice(DECLINE_REASONS, required=True)
    feedback = many(Remark, 0, 3)


class Declines(Request):
    application_ids = texts(identifier("app-0199"), 1, 50, required=True)
    reason = choice(DECLINE_REASONS, required=True)


class CandidateReason(Request):
    reason = choice(CANDIDATE_REASONS, required=True)


class Rank(Request):
    """The lowest rank is first in line; without one it is the last."""

    rank = number(1, 50, 1, allow_none=True)


class OptionalReason(Request):
    reason = string(2, 500, "Found another project.", allow_none=True)


class Point(View):
    """One skill's part of a score; the points of all add up to it."""

    skill_id = string(1, 200, "esco-1d4a", required=True)
    label = string(1, 200, "perform data cleansing", required=True)
    points = fields.Float(required=True, metadata={"example": 62.5})
    evidence = number(0, 10**6, 2)  # Finished engagements that used the skill.


class Resume(View):
    file_id = identifier("fil-0199", required=True)
    name = string(1, 255, "resume.pdf", required=True)
    media_type = string(1, 100, "application/pdf")
    size = number(1, 2**53, 48_000)


class Step(View):
    status = choice(STATUSES, required=True)
    at = string(10, 40, "2026-09-14", required=True)


class Next(View):
    """Whose turn it is, what happens next, and until when."""

    who = choice(["company", "candidate"], required=True)
    what = string(1, 300, "The company decides.", required=True)
    by = moment(allow_none=True)


class Reveal(View):
    """Who of the company has learnt when whose application it is."""

    reviewer_id = identifier("acc-0199", required=True)
    at = moment(required=True)


class Application(View):
    """The company sees no `candidate_id`, `portfolio` or `resume`, and days instead of times,
    while the review is blind."""

    id = identifier("app-0199", required=True)
    version = number(1, 10**9, 2, required=True)
    project_id = identifier("prj-0199", required=True)
    project_title = string(0, 120, "Clean and dedupe 4,000 CRM contacts")
    org_id = identifier("org-0199")
    candidate_id = identifier("acc-0199", allow_none=True)
    candidate_name = string(0, 500, "Kim Li", description="For who may know it; not in lists.")
    pseudonym = string(1, 100, "Candidate Teal Heron")
    status = choice(STATUSES, required=True)
    history = listed(Step)
    next = fields.Nested(Next, allow_none=True)
    brief_version = number(1, 10**6, 1)
    answers = listed(shown(Answer))
    portfolio = listed(shown(PortfolioItem))
    resume = fields.Nested(Resume, allow_none=True)
    skills = listed(shown(Skill))
    score = fields.Float(allow_none=True, metadata={"example": 87.5})
    points = listed(Point, allow_none=True)
    submitted_at = string(10, 40, "2026-09-14")
    decide_by = moment(allow_none=True)
    rank = number(1, 50, 1, allow_none=True)
    reserved_until = moment(allow_none=True)
    expires_at = moment(allow_none=True)
    decline_reason = string(0, 500, "position-filled", allow_none=True)
    feedback = listed(shown(Remark))
    withdraw_reason = string(0, 500, "timing", allow_none=True)
    withheld = string(1, 300, "A resume: shown once you have locked your scores.", allow_none=True)
    reveals = listed(Reveal)
    engagement_id = identifier("eng-0199", allow_none=True)
    engagement_status = choice(["started", "completed", "cancelled"], allow_none=True)
    payment_problem = string(0, 200, "card-declined", allow_none=True)
