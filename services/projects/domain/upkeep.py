"""What time does to a project: deadlines, silence, and a review that nobody has done."""

from datetime import datetime, timedelta

from services.projects.domain.project import CloseReason, Project, Status
from services.projects.domain.review import ask
from services.projects.events import ProjectReminded
from shared.errors import Conflict

# After the first question, a reminder; after the reminder, the end.
WAITS = (timedelta(days=6), timedelta(days=3))


def settle(project: Project, now: datetime) -> None:
    """Do what has fallen due; nothing where another replica was here first.

    Each step waits from the moment it was done: after an outage nobody is closed unasked.
    """
    if project.due_at is None or project.due_at > now:
        return
    if project.status is Status.IN_REVIEW:
        ask(project, now, reminder=True)
    elif project.status is Status.PUBLISHED:
        _settle_published(project, now)
    else:
        project.close(CloseReason.IDLE, now)


def confirm(project: Project, now: datetime) -> None:
    """The company says that the project is still open."""
    if project.status is not Status.PUBLISHED:
        raise Conflict("project-not-open", "Only a published project can be kept open.")
    project.stir(now)


def _settle_published(project: Project, now: datetime) -> None:
    apply_by = project.brief.apply_by
    if apply_by and apply_by <= now:
        project.close(CloseReason.EXPIRED, now)
    elif project.reminders == len(WAITS):
        project.close(CloseReason.IDLE, now)
    else:
        _remind(project, now)


def _remind(project: Project, now: datetime) -> None:
    left = WAITS[project.reminders :]
    project.events.append(
        ProjectReminded(
            project_id=project.id,
            org_id=project.org_id,
            title=project.brief.title,
            closes_at=now + sum(left, timedelta()),
        )
    )
    project.quiet_until(now + left[0], project.reminders + 1)
