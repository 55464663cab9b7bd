"""Evaluations by both sides, the check-in half way, and reputation."""

from marshmallow import fields

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
    number,
    shown,
    string,
    texts,
)
from services.gateway.schemas.engagements import Scores

SIDES = ["company", "candidate"]
REASONS = ["untrue", "abusive", "personal-data", "not-about-the-work", "not-my-fault", "other"]
HIDDEN = "Read by the other side after the release, shown to nobody else."


class CompanyScores(Part):
    """The candidate's rubric of a company: 1 does not meet, 3 meets, 5 outstanding."""

    brief_clarity = number(1, 5, 5, required=True)
    preparedness = number(1, 5, 4, required=True)
    responsiveness = number(1, 5, 4, required=True)
    fairness = number(1, 5, 5, required=True)


class EvidenceLink(Part):
    """What a score rests on: a version of the work, or one of its files."""

    dimension = string(1, 100, "work_ethic", required=True)
    version = number(1, 1000, 1, required=True)
    file_id = identifier("fil-0199", allow_none=True)
    note = string(0, 500, "Every merge is in the log.")


class Evaluation(Request):
    """A rating of the work; it accepts work that is still under review."""

    scores = fields.Nested(Scores, required=True)
    custom = fields.Dict(
        keys=fields.String(), values=fields.Integer(strict=True), metadata={"example": {}}
    )
    role = choice(["supervisor", "mentor", "peer", "recruiter"], load_default="supervisor")
    evidence = many(EvidenceLink, 0, 20, load_default=list, metadata={"example": []})
    comment = string(0, 4000, "Careful work, and a day early.", load_default="")
    private_comment = string(0, 4000, "Do ask sooner.", load_default="", description=HIDDEN)
    would_engage_again = flag(True, required=True)
    would_hire = flag(True, required=True)
    why = string(0, 500, "We would have a place in spring.", load_default="")
    last = flag(True, load_default=True, description="False while colleagues are to rate as well.")


class CompanyEvaluation(Request):
    """A rating of the company, once the work is accepted."""

    scores = fields.Nested(CompanyScores, required=True)
    comment = string(0, 4000, "A clear brief, quick answers.", load_default="")
    private_comment = string(0, 4000, "The call was too early.", load_default="")
    would_engage_again = flag(True, required=True)
    would_recommend = flag(True, required=True)
    why = string(0, 500, "They explain what it is for.", load_default="")


class EvaluationReply(Request):
    text = string(2, 2000, "Thank you; the log was late, I agree.", required=True)


class EvaluationReport(Request):
    """The appeal: of the other side's rating, or of the fault of a cancelled engagement."""

    reason = choice(REASONS, required=True)
    text = string(0, 2000, "I was ill and had said so.", load_default="")


class Judgement(Request):
    """An operator's decision on a side's report."""

    side = choice(SIDES, required=True)
    outcome = choice(["upheld", "removed"], required=True)
    note = string(0, 2000, "The thread shows it.", load_default="")


class Rating(View):
    """One rater's opinion; what was removed has none."""

    side = choice(SIDES, required=True)
    role = choice(["supervisor", "mentor", "peer", "recruiter", "candidate"])
    rated_at = moment(required=True)
    removed = flag(False, required=True)
    scores = fields.Dict(metadata={"example": {"work_ethic": 5}})
    custom = fields.Dict(metadata={"example": {"c1": 4}})
    answers = fields.Dict(metadata={"example": {"would_hire": True}})
    evidence = listed(shown(EvidenceLink))
    weighted_score = number(0, 100, 82)
    comment = string(0, 4000, "Careful work, and a day early.")
    private_comment = string(0, 4000, "Do ask sooner.", description=HIDDEN)
    why = string(0, 500, "We would have a place in spring.")


class Reply(View):
    side = choice(SIDES, required=True)
    text = string(0, 2000, "Thank you.", required=True)
    replied_at = moment(required=True)


class Report(View):
    """One's own; operators read both sides'."""

    side = choice(SIDES, required=True)
    reason = choice(REASONS, required=True)
    text = string(0, 2000, "I was ill and had said so.")
    reported_at = moment(required=True)
    outcome = choice(["upheld", "removed"], allow_none=True)
    note = string(0, 2000, "The thread shows it.")
    judged_at = moment(allow_none=True)


class Competency(View):
    """A NACE competency, as far as the rubric observes it."""

    competency = string(1, 60, "communication", required=True)
    label = string(1, 100, "Communication", required=True)
    score = number(1, 5, 4, required=True)


class EvaluationView(View):
    """Before the release a reader finds nothing but their own rating."""

    id = identifier("evl-0199", required=True)
    version = number(1, 10**9, 2, required=True)
    engagement_id = identifier("eng-0199", required=True)
    project_id = identifier("prj-0199", required=True)
    org_id = identifier("org-0199", required=True)
    candidate_id = identifier("acc-0199", required=True)
    title = string(0, 120, "Clean and dedupe 4,000 CRM contacts")
    status = choice(["open", "released", "lapsed"], required=True)
    release_due_at = moment(allow_none=True)
    released_at = moment(allow_none=True)
    reply_until = moment(allow_none=True)
    ratings = listed(Rating, required=True)
    waiting_for = texts(choice(SIDES), 0, 2)
    replies = listed(Reply)
    reports = listed(Report)
    removed_for = texts(choice(SIDES), 0, 2)
    comment_public = flag(False, description="Whether everybody may read the candidate's comment.")
    scores = fields.Nested(shown(Scores), allow_none=True)
    weighted_score = number(0, 100, 82, allow_none=True)
    raters = number(0, 100, 1)
    disagreement = texts(string(1, 60, "culture"), 0, 10)
    company_scores = fields.Nested(shown(CompanyScores), allow_none=True)
    company_weighted_score = number(0, 100, 88, allow_none=True)
    competencies = listed(Competency)


class Dimension(View):
    dimension = string(1, 60, "work_ethic", required=True)
    label = string(1, 120, "Work ethic and professionalism", required=True)
    weight = number(1, 100, 25, required=True)
    anchors = fields.Dict(required=True, metadata={"example": {"1": "Misses dates."}})


class Nace(View):
    """Which career readiness competencies the rubric observes, and whose they are."""

    source = string(1, 300, "NACE, Competencies for a Career-Ready Workforce", required=True)
    url = string(1, 300, "https://www.naceweb.org/", required=True)
    competencies = fields.List(
        fields.Dict(), required=True, metadata={"example": [{"id": "communication"}]}
    )


class Rubrics(View):
    """How each side rates the other."""

    version = number(1, 1000, 1, required=True)
    scale = fields.Dict(required=True, metadata={"example": {"3": "meets"}})
    candidate = listed(Dimension, required=True)
    company = listed(Dimension, required=True)
    nace = fields.Nested(Nace, required=True)


class ReputationInput(View):
    """One thing that counts; whose it is, is told to who is concerned."""

    kind = choice(["rating", "fault"], required=True)
    value = number(0, 100, 82, required=True)
    month = string(7, 7, "2026-09", required=True)
    weight = string(1, 10, "0.9415", required=True)
    appealed = flag(False, required=True)
    counts = flag(True, required=True)
    engagement_id = identifier("eng-0199")
    at = moment()


class PublicComment(Request):
    public = flag(True, required=True)


class Comment(View):
    """Of a candidate who lets everybody read it."""

    text = string(1, 4000, "A clear brief, quick answers.", required=True)
    month = string(7, 7, "2026-09", required=True, allow_none=True)


class Reputation(View):
    """A published formula (docs/reputation.md) with all that goes in; too little makes no score."""

    id = identifier("acc-0199", required=True)
    score = number(0, 100, 82, required=True, allow_none=True)
    counted = number(0, 1000, 4, required=True)
    minimum = number(1, 100, 3, required=True)
    half_life_days = number(1, 10_000, 365, required=True)
    formula_version = string(1, 20, "1", required=True)
    inputs = listed(ReputationInput, required=True)
    comments = listed(Comment)


class MidpointAnswer(Request):
    on_track = flag(True, required=True)
    going_well = string(0, 2000, "Two of three files are done.", load_default="")
    to_change = string(0, 2000, "The third needs access.", load_default="")


class MidpointAnswered(View):
    side = choice(SIDES, required=True)
    person_id = identifier("acc-0199", required=True)
    on_track = flag(True, required=True)
    going_well = string(0, 2000, "Two of three files are done.")
    to_change = string(0, 2000, "The third needs access.")
    answered_at = moment(required=True)


class Midpoint(View):
    """How it goes, half way: no rating."""

    id = identifier("mid-0199", required=True)
    version = number(1, 10**9, 1, required=True)
    engagement_id = identifier("eng-0199", required=True)
    project_id = identifier("prj-0199", required=True)
    org_id = identifier("org-0199", required=True)
    candidate_id = identifier("acc-0199", required=True)
    status = choice(["planned", "due", "done", "lapsed"], required=True)
    halfway_at = moment(required=True)
    waiting_for = texts(choice(SIDES), 0, 2)
    answers = listed(MidpointAnswered, required=True)
