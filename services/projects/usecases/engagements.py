"""What people and events ask of engagements, and who may ask it."""

from datetime import datetime

from services.projects.domain.engagement import Engagement
from services.projects.domain.project import Project
from services.projects.domain.work import FUNDING_LIMIT, AIUse, File, Terms
from services.projects.usecases.kickoff import party_of
from shared.errors import NotYet
from shared.principal import Principal


def open_engagement(
    project: Project | None,
    engagement_id: str,
    application_id: str,
    org_id: str,
    candidate_id: str,
    now: datetime,
) -> Engagement:
    """A new engagement on this project's terms; the fee is to be held within the limit."""
    if project is None:
        raise NotYet("project-unknown", "The project has not been seen here.")
    return Engagement(
        id=engagement_id,
        application_id=application_id,
        project_id=project.id,
        org_id=org_id,
        candidate_id=candidate_id,
        terms=Terms.of(project.brief),
        created_at=now,
        due_at=now + FUNDING_LIMIT,
    )


def await_funding(_engagement: Engagement) -> None:
    """A new engagement waits for its fee; one that is there already goes on as it is."""


def get_engagement(engagement: Engagement, by: Principal) -> Engagement:
    """The engagement, where the principal is part of it."""
    _require("get_engagement", engagement, by)
    return engagement


def submit_deliverable(
    engagement: Engagement,
    files: list[File],
    note: str,
    by: Principal,
    now: datetime,
    ai_use: AIUse | None = None,
) -> None:
    """Hand in a version of the work."""
    _require("submit_deliverable", engagement, by)
    engagement.submit(files, note, now, ai_use)


def request_revision(
    engagement: Engagement, criteria: list[str], comment: str, by: Principal, now: datetime
) -> None:
    """Ask for another version, naming the criteria that are not met."""
    _require("request_revision", engagement, by)
    engagement.request_revision(criteria, comment, now)


def cancel_engagement(
    engagement: Engagement, comment: str, by: Principal, now: datetime, cause: str | None = None
) -> None:
    """End it without accepted work."""
    _require("cancel_engagement", engagement, by)
    engagement.cancel(party_of(by), comment, now, cause)


def engagement_scope(operation: str, by: Principal) -> dict[str, str]:
    """Which engagements are the principal's to list: nothing named means all of them."""
    by.require(operation)
    if by.role == "operator" and operation == "list_engagements":
        return {}
    return {"org_id": by.org_id} if by.org_id else {"candidate_id": by.id}


def _require(operation: str, engagement: Engagement, by: Principal) -> None:
    by.require(operation, org_id=engagement.org_id, person_id=engagement.candidate_id)
