"""How an assessment stands, in the words that the ATS gets."""

from datetime import datetime

from services.applications.domain.application import Application
from services.applications.domain.assessment import LAPSES, Assessment, AssessmentStatus
from services.applications.domain.invitation import Invitation, InvitationStatus
from services.applications.domain.standing import CHOOSABLE, Status

COMPLETE = "complete"  # The one word that the ATS itself knows: it asks until it reads it.
OF_APPLICATION = {
    **dict.fromkeys(CHOOSABLE, "applied"),
    Status.SELECTED: "selected",
    Status.DECLINED: "not_selected",
    Status.WITHDRAWN: "withdrawn",
    Status.EXPIRED: "expired",
}
OF_ENGAGEMENT = {None: "in_progress", "started": "in_progress", "completed": "in_review"}


def standing(
    assessment: Assessment,
    invitation: Invitation | None,
    application: Application | None,
    now: datetime,
) -> str:
    """Where it stands, as far as the company may know.

    While a review is blind, whether somebody whom the company knows by name has answered, and how,
    would tell who is among the applicants: then nothing is told before the acceptance.
    """
    if assessment.result is not None:
        return COMPLETE
    if application is not None and application.accepted_at is not None:
        return _engaged(application)
    if assessment.blind_review:
        return "expired" if now >= assessment.sent_at + LAPSES else "sent"
    if application is not None:
        return OF_APPLICATION[application.status]
    return _unanswered(assessment, invitation)


def _engaged(application: Application) -> str:
    if application.status is Status.WITHDRAWN:
        return "withdrawn"
    return OF_ENGAGEMENT.get(application.engagement_status, "cancelled")


def _unanswered(assessment: Assessment, invitation: Invitation | None) -> str:
    if assessment.status is AssessmentStatus.EXPIRED:
        return "expired"
    known = None if invitation is None else invitation.status
    answers = {InvitationStatus.DECLINED: "declined", InvitationStatus.EXPIRED: "expired"}
    return answers.get(known, "sent") if known else "sent"
