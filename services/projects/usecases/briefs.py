"""What people ask of briefs before candidates see them, and who may ask it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.projects.domain import inquiry, review, revision, upkeep
from services.projects.domain.brief import Brief
from services.projects.domain.organisation import Level
from services.projects.domain.policy import Policy
from services.projects.domain.project import EDITABLE, CloseReason, Project
from services.projects.domain.project_records import Reason
from shared.errors import Forbidden
from shared.principal import Principal
from shared.redaction import Identity


def create_project(
    project_id: str, brief: Brief, by: Principal, now: datetime, template_id: str | None = None
) -> Project:
    """A draft of the principal's organisation, from a template where one is named."""
    by.require("create_project", org_id=by.org_id)
    assert by.org_id is not None  # The table has just asked for it.
    return Project(
        id=project_id, org_id=by.org_id, brief=brief, created_at=now, template_id=template_id
    )


def get_project(
    project: Project,
    by: Principal,
    link_token: str | None = None,
    operation: str = "get_project",
) -> Project:
    """The project, where the principal may read it; strangers are told of nothing."""
    readable = project.readable_by(by.id, link_token)
    by.require(operation, org_id=project.org_id, public=readable)
    return project


def insider(project: Project, by: Principal) -> bool:
    """Whether the principal also sees what is between the company and the platform."""
    return by.role == "operator" or (by.org_id is not None and by.org_id == project.org_id)


def searched_organisation(by: Principal, mine: bool) -> str | None:
    """Whose projects a search is about: the principal's organisation's, or everybody's (None)."""
    by.require("list_projects")
    if mine and by.org_id is None:
        raise Forbidden("organisation-missing", "Only members of an organisation have their own.")
    return by.org_id if mine else None


def update_project(
    project: Project,
    changes: Mapping[str, Any],
    by: Principal,
    level: Level,
    policy: Policy,
    now: datetime,
) -> None:
    """Change some fields: freely of a draft, for the better once it is published."""
    by.require("update_project", org_id=project.org_id)
    if project.status in EDITABLE:
        project.edit(project.brief.changed(changes))
    else:
        revision.revise(project, changes, level, policy, now)


def publish_project(
    project: Project, by: Principal, level: Level, policy: Policy, link_token: str, now: datetime
) -> None:
    """Open it for candidates, or hand it in for review; `link_token` is new and unguessable."""
    by.require("publish_project", org_id=project.org_id)
    project.link_token = project.link_token or link_token
    review.submit(project, level, policy, now)


def close_project(project: Project, by: Principal, now: datetime) -> None:
    """Take no more applications, by the company's wish."""
    by.require("close_project", org_id=project.org_id)
    project.close(CloseReason.COMPANY, now)


def confirm_project(project: Project, by: Principal, now: datetime) -> None:
    """Say that it is still open."""
    by.require("confirm_project", org_id=project.org_id)
    upkeep.confirm(project, now)


def copy_project(project: Project, new_id: str, by: Principal, now: datetime) -> Project:
    """A new draft with the same brief; a deadline that has passed is left out."""
    by.require("copy_project", org_id=project.org_id)
    return _copy(project, new_id, now)


def repost_project(
    project: Project,
    new_id: str,
    changes: Mapping[str, Any],
    by: Principal,
    level: Level,
    policy: Policy,
    link_token: str,
    now: datetime,
) -> Project:
    """A copy that is published at once, or handed in for review."""
    by.require("repost_project", org_id=project.org_id)
    copy = _copy(project, new_id, now)
    copy.brief = copy.brief.changed(changes)
    copy.link_token = link_token
    review.submit(copy, level, policy, now)
    return copy


def approve_project(project: Project, by: Principal, policy: Policy, now: datetime) -> None:
    """Let a brief out that waits for a review."""
    by.require("approve_project")
    review.approve(project, policy, by.id, now)


def request_project_changes(
    project: Project, reasons: list[Reason], by: Principal, now: datetime
) -> None:
    """Send a brief back that waits for a review."""
    by.require("request_project_changes")
    review.request_changes(project, reasons, by.id, now)


def grant_pay_exception(project: Project, reason: str, by: Principal, now: datetime) -> None:
    """Allow a fee below the floor."""
    by.require("grant_pay_exception")
    review.grant_exception(project, reason, now)


def ask_inquiry(
    project: Project,
    inquiry_id: str,
    text: str,
    by: Principal,
    link_token: str | None,
    now: datetime,
    person: Mapping[str, str] | None = None,
) -> None:
    """Ask the company about a brief that one may read; who asks is not read in the question."""
    readable = project.readable_by(by.id, link_token)
    by.require("ask_inquiry", org_id=project.org_id, public=readable)
    inquiry.ask(project, inquiry_id, by.id, text, now, Identity.of(person))


def answer_inquiry(
    project: Project, inquiry_id: str, text: str, by: Principal, now: datetime
) -> None:
    """Answer a candidate's question for everybody."""
    by.require("answer_inquiry", org_id=project.org_id)
    inquiry.answer(project, inquiry_id, text, now)


def _copy(project: Project, new_id: str, now: datetime) -> Project:
    brief, apply_by = project.brief, project.brief.apply_by
    if apply_by and apply_by <= now:
        brief = replace(brief, apply_by=None)
    return Project(
        id=new_id, org_id=project.org_id, brief=brief, created_at=now, copied_from=project.id
    )
