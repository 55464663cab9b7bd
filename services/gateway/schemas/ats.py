"""Assessments: as an applicant tracking system names them, and as people read them.

What an ATS sends is Greenhouse's published contract, docs/ats.md: it may grow, so what we do not
know of it is let pass.
"""

from marshmallow import EXCLUDE, fields, validate

from services.gateway.schemas.base import (
    Request,
    Schema,
    View,
    choice,
    flag,
    identifier,
    moment,
    number,
    string,
    texts,
)

TEST, INTERVIEW = "prj-0198", "asm-mfrggzdfmztwq2lknnwg23tpoa"
CALLBACK = "https://app.greenhouse.io/integrations/testing_partners/take_home_tests/12345"


class Sent(Schema):
    """What an ATS sends."""

    class Meta:
        unknown = EXCLUDE


class AssessmentUse(Request):
    usable = flag(True, required=True)


class MarkedProject(View):
    project_id = identifier(TEST, required=True)
    title = string(1, 200, "Clean 4,000 contacts", required=True)
    usable = flag(True, required=True)


class AssessmentOffer(View):
    """The answer is a bare list of these."""

    LISTED = True

    partner_test_id = identifier(TEST, required=True)
    partner_test_name = string(1, 220, "Clean 4,000 contacts", required=True)


class SentTo(Sent):
    """Only the name and the address are used, for the mail; neither is kept for longer."""

    first_name = string(0, 200, "Harry", required=True)
    last_name = string(0, 200, "Potter", required=True)
    email = fields.Email(
        required=True, validate=validate.Length(max=254), metadata={"example": "harry@example.org"}
    )
    resume_url = string(0, 4000, "https://example.org/resume", allow_none=True)
    phone_number = string(0, 100, "123-456-7890", allow_none=True)
    greenhouse_profile_url = string(
        0, 2000, "https://app.greenhouse.io/people/17681532", allow_none=True
    )
    url = string(1, 2000, CALLBACK, allow_none=True, description="As older releases send it.")


class AssessmentToSend(Sent):
    """`url` is told by PATCH when there is a result; without it the ATS has to ask."""

    partner_test_id = identifier(TEST, required=True)
    candidate = fields.Nested(SentTo, required=True)
    url = string(1, 2000, CALLBACK, allow_none=True)


class SentAssessment(View):
    """The same for the same address and project, however often it is sent."""

    partner_interview_id = identifier(INTERVIEW, required=True)


class StatusQuery(Request):
    partner_interview_id = identifier(
        INTERVIEW, required=True, description="What `send_test` has answered."
    )


class AssessmentStatus(View):
    """Everything but `partner_status` is there once that is `complete`; the score is 0 to 100."""

    partner_status = choice(
        [
            *("complete", "sent", "applied", "selected", "in_progress", "in_review", "declined"),
            *("not_selected", "withdrawn", "expired", "cancelled"),
        ],
        required=True,
    )
    partner_profile_url = string(1, 2000, f"https://stint.example/v1/ats/results/{INTERVIEW}")
    partner_score = number(0, 100, 82)
    metadata = fields.Dict(
        keys=fields.String(),
        metadata={"example": {"Project": "Clean 4,000 contacts", "Communication (1-5)": 4}},
    )


class ErrorReport(Sent):
    """What an ATS did not understand of an answer of ours."""

    api_call = string(0, 200, "test_status", required=True)
    errors = texts(
        string(0, 2000, "partner_status is complete but partner_profile_url is missing"),
        0,
        100,
        required=True,
    )
    partner_interview_id = string(0, 200, INTERVIEW, allow_none=True)


class ErrorReceipt(View):
    status = number(200, 200, 200, required=True)


class ClaimedAssessment(View):
    """Apply to the project, or decline the invitation."""

    id = identifier(INTERVIEW, required=True)
    version = number(1, 2**31 - 1, 2, required=True)
    project_id = identifier(TEST, required=True)
    project_title = string(1, 200, "Clean 4,000 contacts", required=True)
    org_id = identifier("org-0199", required=True)
    invitation_id = identifier("inv-mfrggzdfmztwq2lknnwg23tpoa", required=True)
    sent_at = moment(required=True)
    expires_at = moment(required=True)


class AssessmentResult(View):
    """Nobody is named here, and no score: the company reads those in its ATS and here."""

    id = identifier(INTERVIEW, required=True)
    project_title = string(1, 200, "Clean 4,000 contacts", required=True)
    completed_at = moment(required=True)
