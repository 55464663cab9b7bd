"""What is read of an assessment: by the ATS, by anybody, by whom it was sent to."""

from datetime import datetime

from services.applications.domain import (
    Assessment,
    Result,
    application_id,
    invitation_id,
    standing,
)
from services.applications.usecases.assessments import Bench
from services.applications.usecases.ports import State
from shared.errors import NotFound
from shared.principal import Principal


def assessment_status(bench: Bench, by: Principal, id_: str, now: datetime) -> State:
    """How it stands, in the words of the ATS; raises NotFound where it is not the company's."""
    found = bench.assessments.find(id_)
    by.require("get_assessment_status", org_id=found.org_id if found else None)
    assessment = found or bench.assessments.load(id_)
    invitation = application = None
    if assessment.candidate_id is not None:
        whose = (bench.desk.id_key, assessment.candidate_id, assessment.project_id)
        invitation = bench.desk.invitations.find(invitation_id(*whose, suggested=False))
        application = bench.desk.applications.find(application_id(*whose))
    answer: State = {"partner_status": standing(assessment, invitation, application, now)}
    if assessment.result is not None:
        answer |= _result(assessment, assessment.result, bench.base)
    return answer


def assessment_result(bench: Bench, by: Principal, id_: str) -> State:
    """What the public page of a result says: of which project it is, of nobody who did it."""
    by.require("get_assessment_result")
    found = bench.assessments.find(id_)
    if found is None or found.result is None:
        raise NotFound("assessment-not-found", "There is no such result.")
    title, completed_at = found.project_title, found.result.completed_at
    return {"id": found.id, "project_title": title, "completed_at": completed_at}


def view(assessment: Assessment, id_key: str) -> State:
    """What the candidate reads of it: which project it is, and the invitation to apply there."""
    invited = invitation_id(
        id_key, str(assessment.candidate_id), assessment.project_id, suggested=False
    )
    names = ("id", "version", "project_id", "project_title", "org_id", "sent_at", "expires_at")
    return {**{name: getattr(assessment, name) for name in names}, "invitation_id": invited}


def _result(assessment: Assessment, result: Result, base: str) -> State:
    told: State = {"partner_profile_url": f"{base}/v1/ats/results/{assessment.id}"}
    if result.weighted_score is not None:
        told["partner_score"] = result.weighted_score
    return told | {"metadata": _metadata(assessment, result)}


def _metadata(assessment: Assessment, result: Result) -> State:
    """Flat, of texts, numbers and booleans only; the names are read by people."""
    told: State = {"Project": assessment.project_title}
    for name, score in (result.scores or {}).items():
        told[f"{name.replace('_', ' ').capitalize()} (1-5)"] = score
    if result.would_hire is not None:
        told["Would hire"] = result.would_hire
    if result.weighted_score is None:
        told["Note"] = "The work is done; nobody rated it in time."
    return told | {"Completed at": result.completed_at.isoformat()}
