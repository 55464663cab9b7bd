"""Changes after publication: what applicants relied on is kept, told, and never made worse."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from services.projects.domain.brief import Brief
from services.projects.domain.organisation import CLEARED, Level
from services.projects.domain.policy import Policy
from services.projects.domain.project import Project, Status
from services.projects.domain.project_records import Applicant, BriefVersion
from services.projects.domain.review import require_publishable
from services.projects.events import ProjectRevised
from shared.errors import Conflict, Invalid

MOST_REVISIONS = 20
TOLD_AT_ONCE = 200  # Applicants in one event.
NOTICE = timedelta(days=7)  # A first deadline leaves at least this long.
FROZEN = (
    *("fee_currency", "questions", "visibility", "blind_review", "unpaid_basis", "eligibility"),
    "evaluation_criteria",
    "deadlines",
)
NOT_LESS = ("fee_amount", "positions", "selection_hours")
NOT_MORE = ("review_days", "decision_days", "max_revision_rounds")
# Numbers and dates; everything else is text that nobody has looked at.
PLAIN = {*NOT_LESS, *NOT_MORE, "apply_by", "hours", "weeks"}


def revise(
    project: Project, changes: Mapping[str, Any], level: Level, policy: Policy, now: datetime
) -> None:
    """Change a published brief for the better, keep the version before, and tell applicants."""
    if project.status is not Status.PUBLISHED:
        raise Conflict("project-not-draft", "This project cannot be changed as it stands.")
    old, new = project.brief, project.brief.changed(changes)
    changed = [
        one.name for one in fields(Brief) if getattr(old, one.name) != getattr(new, one.name)
    ]
    if not changed:
        return
    _require_no_worse(project, new, policy, now)
    _require_no_review(project, new, changed, level, policy)
    if project.brief_version > MOST_REVISIONS:
        raise Conflict("too-many-revisions", "It has been changed often enough; repost it.")
    was = BriefVersion(number=project.brief_version, brief=old, until=now, changed=changed)
    project.history.append(was)
    project.brief, project.revised_at = new, now
    project.brief_version += 1
    project.stir(now)
    project.announce()
    _tell(project, [one for one in project.applicants.values() if one.candidate_id], changed)


def note_applicant(
    project: Project, application_id: str, candidate_id: str, version: int | None, at: datetime
) -> None:
    """Somebody applied, relying on this version, or on the one of that time; told of later ones."""
    known = project.applicants.get(application_id)
    if known and known.candidate_id:
        return
    relied = version or version_at(project, at)
    applicant = Applicant(
        candidate_id=candidate_id, brief_version=relied, gone=bool(known and known.gone)
    )
    project.applicants[application_id] = applicant
    missed = {name for was in project.history if was.number >= relied for name in was.changed}
    if missed and not applicant.gone:
        _tell(project, [applicant], sorted(missed))


def forget_applicant(project: Project, application_id: str) -> None:
    """The application has ended: its candidate hears no more of changes."""
    known = project.applicants.get(application_id, Applicant())
    project.applicants[application_id] = replace(known, gone=True)


def version_at(project: Project, at: datetime) -> int:
    """The number of the version that stood then."""
    return next((was.number for was in project.history if at < was.until), project.brief_version)


def _tell(project: Project, applicants: list[Applicant], changed: list[str]) -> None:
    if project.status is not Status.PUBLISHED:
        return
    told = [{"candidate_id": one.candidate_id} for one in applicants if not one.gone]
    for start in range(0, max(len(told), 1), TOLD_AT_ONCE):
        project.events.append(
            ProjectRevised(
                project_id=project.id,
                org_id=project.org_id,
                title=project.brief.title,
                brief_version=project.brief_version,
                changed=changed,
                candidates=told[start : start + TOLD_AT_ONCE],
            )
        )


def _require_no_worse(project: Project, new: Brief, policy: Policy, now: datetime) -> None:
    errors = dict(_worsened(project.brief, new, now))
    if errors:
        raise Invalid("brief-worsened", "What was published can only get better.", errors)
    require_publishable(project, new, policy, now)


def _require_no_review(
    project: Project, new: Brief, changed: list[str], level: Level, policy: Policy
) -> None:
    """What an operator would look at first goes out as a new project, not as a change."""
    seen = {*policy.concerns(project.brief), *(project.review.findings if project.review else ())}
    unseen = [finding for finding in policy.concerns(new) if finding not in seen]
    unread = [] if level in CLEARED else [name for name in changed if name not in PLAIN]
    if unseen or unread:
        names = ", ".join(sorted({*unread, *(finding.field for finding in unseen)}))
        raise Conflict("review-needed", f"Somebody has to look first at {names}: copy the project.")


def _worsened(old: Brief, new: Brief, now: datetime) -> Iterator[tuple[str, str]]:
    for name in FROZEN:
        if getattr(old, name) != getattr(new, name):
            yield name, "This stays as it was published; copy the project to change it."
    for name in NOT_LESS:
        if getattr(new, name) < getattr(old, name):
            yield name, f"This may not go below {getattr(old, name)}: people rely on it."
    for name in NOT_MORE:
        if getattr(new, name) > getattr(old, name):
            yield name, f"This may not go above {getattr(old, name)}: people rely on it."
    if new.fee_amount * old.hours < old.fee_amount * new.hours:
        yield "hours", "More hours need a higher fee: the pay per hour may not go down."
    if new.apply_by and new.apply_by < (old.apply_by or now + NOTICE):
        yield "apply_by", "A deadline moves only later; a first one leaves seven days."
