"""What people ask of briefs, and who may ask it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.projects.domain.brief import Brief
from services.projects.domain.project import CloseReason, Project
from shared.errors import Forbidden
from shared.principal import Principal


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
