"""An operator's look at a brief before candidates see it: asked for, approved, or sent back."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta

from services.projects.domain.brief import Brief
from services.projects.domain.organisation import CLEARED, Level
from services.projects.domain.policy import Finding, PayException, Policy
from services.projects.domain.project import EDITABLE, Project, Status
from services.projects.domain.project_records import Reason, Review
from services.projects.events import (
    ProjectApproved,
    ProjectExempted,
    ProjectReturned,
    ProjectSubmitted,
)
from shared.errors import Conflict, Invalid

REMIND_AFTER = timedelta(days=3)  # Operators are told again of a brief that nobody has looked at.
CHANGES_LIMIT = timedelta(days=30)  # What is sent back and left alone is put away then.
UNVERIFIED = Finding(
    code="organisation-unverified",
    field="org_id",
    sentence="Nobody has verified the organisation, so somebody looks at its briefs first.",
)


def submit(project: Project, level: Level, policy: Policy, now: datetime) -> None:
    """Publish, or ask for a review where the organisation or the brief needs one; once."""
    if project.status in (Status.PUBLISHED, Status.IN_REVIEW):
        return
    project.require_not_closed()
    require_publishable(project, project.brief, policy, now)
    findings = [UNVERIFIED] * (level not in CLEARED) + policy.concerns(project.brief)
    if not findings:
        project.publish(now)
        return
    project.status = Status.IN_REVIEW
    project.review = Review(submitted_at=now, findings=findings)
    ask(project, now, reminder=False)


def ask(project: Project, now: datetime, reminder: bool) -> None:
    """Tell operators what to look at, and again later while they have not."""
    assert project.review is not None  # What is in review has one.
    project.due_at = now + REMIND_AFTER
    project.events.append(
        ProjectSubmitted(
            project_id=project.id,
            org_id=project.org_id,
            title=project.brief.title,
            findings=[asdict(finding) for finding in project.review.findings],
            reminder=reminder,
        )
    )


def approve(project: Project, policy: Policy, by: str, now: datetime) -> None:
    """Let it out as it is; what has become impossible since it was submitted is refused."""
    review = _under_review(project)
    require_publishable(project, project.brief, policy, now)
    project.review = replace(review, decided_at=now, decided_by=by, reasons=[])
    about = {"project_id": project.id, "org_id": project.org_id}
    project.events.append(ProjectApproved(**about, title=project.brief.title))
    project.publish(now)


def request_changes(project: Project, reasons: list[Reason], by: str, now: datetime) -> None:
    """Send it back with what is to be changed."""
    review = _under_review(project)
    project.review = replace(review, decided_at=now, decided_by=by, reasons=reasons)
    project.status, project.due_at = Status.CHANGES_REQUESTED, now + CHANGES_LIMIT
    project.events.append(
        ProjectReturned(
            project_id=project.id,
            org_id=project.org_id,
            title=project.brief.title,
            reasons=[asdict(reason) for reason in reasons],
        )
    )


def grant_exception(project: Project, reason: str, now: datetime) -> None:
    """Allow this brief's fee, below the floor as it may be, for a reason that is shown."""
    if project.status not in (*EDITABLE, Status.IN_REVIEW):
        raise Conflict("project-not-draft", "An exception is made before publication.")
    brief = project.brief
    project.pay_exception = PayException(
        fee_amount=brief.fee_amount,
        fee_currency=brief.fee_currency,
        hours=brief.hours,
        reason=reason,
        granted_at=now,
    )
    project.events.append(
        ProjectExempted(
            project_id=project.id,
            org_id=project.org_id,
            title=brief.title,
            fee_amount=brief.fee_amount,
            fee_currency=brief.fee_currency,
            hours=brief.hours,
            reason=reason,
        )
    )


def require_publishable(project: Project, brief: Brief, policy: Policy, now: datetime) -> None:
    """Raise Invalid with what the brief still needs, by field."""
    faults = policy.faults(brief, project.pay_exception, now)
    if faults:
        raise Invalid("brief-invalid", "The brief cannot be published like this.", faults)


def _under_review(project: Project) -> Review:
    if project.status is not Status.IN_REVIEW or project.review is None:
        raise Conflict("project-not-in-review", "This brief does not wait for a review.")
    return project.review
