"""What people and events ask of briefs and engagements, and who may ask it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.projects.domain.brief import Brief
from services.projects.domain.engagement import Engagement
from services.projects.domain.project import CloseReason, Project
from services.projects.domain.work import (
    FUNDING_LIMIT,
    Evaluation,
    File,
    Party,
    Terms,
)
from shared.errors import Forbidden, NotYet
from shared.principal import Principal

# Projects


def create_project(project_id: str, brief: Brief, by: Principal, now: datetime) -> Project:
    """A draft of the principal's organisation."""
    by.require("create_project", org_id=by.org_id)
    assert by.org_id is not None  # The table has just asked for it.
    return Project(id=project_id, org_id=by.org_id, brief=brief, created_at=now)


def get_project(project: Project, by: Principal) -> Project:
    """The project, where it is public or the principal's own."""
    by.require("get_project", org_id=project.org_id, public=project.public)
    return project


def searched_organisation(by: Principal, mine: bool) -> str | None:
    """Whose projects a search is about: the principal's organisation's, or everybody's (None)."""
    by.require("list_projects")
    if mine and by.org_id is None:
        raise Forbidden("organisation-missing", "Only members of an organisation have their own.")
    return by.org_id if mine else None


def update_project(project: Project, changes: Mapping[str, Any], by: Principal) -> None:
    """Change some fields of a draft."""
    by.require("update_project", org_id=project.org_id)
    project.edit(project.brief.changed(changes))


def publish_project(project: Project, by: Principal, now: datetime) -> None:
    """Open a draft for candidates, once."""
    by.require("publish_project", org_id=project.org_id)
    project.publish(now)


def close_project(project: Project, by: Principal, now: datetime) -> None:
    """Take no more applications, by the company's wish."""
    by.require("close_project", org_id=project.org_id)
    project.close(CloseReason.COMPANY, now)


# Engagements


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


def sign_kickoff(engagement: Engagement, by: Principal, now: datetime) -> None:
    """Sign for the side that the principal is on."""
    _require("sign_kickoff", engagement, by)
    engagement.sign(_party(by), now)


def submit_deliverable(
    engagement: Engagement, files: list[File], note: str, by: Principal, now: datetime
) -> None:
    """Hand in a version of the work."""
    _require("submit_deliverable", engagement, by)
    engagement.submit(files, note, now)


def request_revision(
    engagement: Engagement, criteria: list[str], comment: str, by: Principal, now: datetime
) -> None:
    """Ask for another version, naming the criteria that are not met."""
    _require("request_revision", engagement, by)
    engagement.request_revision(criteria, comment, now)


def evaluate_engagement(
    engagement: Engagement, evaluation: Evaluation, by: Principal, now: datetime
) -> None:
    """Score the work, which accepts it."""
    _require("evaluate_engagement", engagement, by)
    engagement.evaluate(evaluation, now)


def cancel_engagement(engagement: Engagement, comment: str, by: Principal, now: datetime) -> None:
    """End it without accepted work."""
    _require("cancel_engagement", engagement, by)
    engagement.cancel(_party(by), comment, now)


def engagement_scope(operation: str, by: Principal) -> dict[str, str]:
    """Which engagements are the principal's to list: nothing named means all of them."""
    by.require(operation)
    if by.role == "operator" and operation == "list_engagements":
        return {}
    return {"org_id": by.org_id} if by.org_id else {"candidate_id": by.id}


def _require(operation: str, engagement: Engagement, by: Principal) -> None:
    by.require(operation, org_id=engagement.org_id, person_id=engagement.candidate_id)


def _party(by: Principal) -> Party:
    roles = {"candidate": Party.CANDIDATE, "operator": Party.OPERATOR}
    return roles.get(by.role, Party.COMPANY)
