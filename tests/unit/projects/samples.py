"""People, briefs and engagements in each state, made through the domain's own methods."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.projects import library
from services.projects.domain import review
from services.projects.domain.brief import Brief
from services.projects.domain.engagement import Engagement
from services.projects.domain.organisation import Level
from services.projects.domain.project import Project
from services.projects.domain.rating import Opinion
from services.projects.domain.signing import Disclosure, Read, ReadPaper, Signing
from services.projects.domain.work import File, Party
from services.projects.schemas.briefs import BriefSchema
from services.projects.schemas.inputs import load
from services.projects.usecases import open_engagement
from shared.principal import Principal

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ANNA = Principal("acc-anna", "owner", "org-acme")
RUBEN = Principal("acc-ruben", "recruiter", "org-acme")
EVA = Principal("acc-eva", "evaluator", "org-acme")
CARLA = Principal("acc-carla", "candidate")
OTTO = Principal("acc-otto", "operator")
STRANGERS = (
    Principal("acc-mallory", "owner", "org-umbra"),
    Principal("acc-mallory", "recruiter", "org-umbra"),
    Principal("acc-mallory", "evaluator", "org-umbra"),
    Principal("acc-mallory", "candidate"),
)
PEOPLE = {Party.COMPANY: ANNA.id, Party.CANDIDATE: CARLA.id}
NO_CONFLICT = Disclosure(False)
COMPANY_SCORES = {"brief_clarity": 5, "preparedness": 4, "responsiveness": 4, "fairness": 5}
SCORES = {"work_ethic": 4, "problem_solving": 5, "communication": 4, "culture": 4}
POLICY = library.policy()
FILE = {
    "file_id": "fil-01",
    "name": "contacts_clean.csv",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "size": 48213,
    "media_type": "text/csv",
}
CRITERIA = ["No duplicate e-mail address."]


def brief_input(**changes: Any) -> dict[str, Any]:
    """A brief as a company sends it; a change to None leaves the field out."""
    values: dict[str, Any] = {
        "title": "Clean and dedupe 4,000 CRM contacts",
        "summary": "Merge duplicates, fix formats, and hand over a clean CSV with a change log.",
        "deliverables": [{"title": "Clean CSV", "acceptance_criteria": CRITERIA}],
        "skills": [{"skill_id": "esco-data", "label": "manage data"}],
        "hours": 12,
        "weeks": 1,
        "fee_amount": 26400,
        "fee_currency": "USD",
        "supervisor": {"name": "Dana Whitfield", "role": "Head of sales operations"},
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def brief(**changes: Any) -> Brief:
    return Brief(**load(BriefSchema(), brief_input(**changes)))


def draft(**changes: Any) -> Project:
    return Project(id="prj-1", org_id="org-acme", brief=brief(**changes), created_at=NOW)


def in_review(**changes: Any) -> Project:
    project = draft(**changes)
    review.submit(project, Level.UNVERIFIED, POLICY, NOW)
    project.events.clear()
    return project


def published(**changes: Any) -> Project:
    project = draft(**changes)
    project.publish(NOW)
    project.events.clear()
    return project


def awaiting_funding(**changes: Any) -> Engagement:
    return open_engagement(published(**changes), "eng-1", "app-1", "org-acme", "acc-carla", NOW)


def kickoff_pending(**changes: Any) -> Engagement:
    engagement = awaiting_funding(**changes)
    engagement.fund(NOW)
    return quiet(engagement)


def active(**changes: Any) -> Engagement:
    engagement = kickoff_pending(**changes)
    for person in (RUBEN, EVA):
        engagement.declare_conflict(NO_CONFLICT, Party.COMPANY, person.id, NOW)
    sign(engagement, Party.COMPANY)
    sign(engagement, Party.CANDIDATE)
    return quiet(engagement)


def submitted(**changes: Any) -> Engagement:
    engagement = active(**changes)
    engagement.submit([File(**FILE)], "Done.", NOW + DAY)
    return quiet(engagement)


def revision_requested(**changes: Any) -> Engagement:
    engagement = submitted(**changes)
    engagement.request_revision(CRITERIA, "Three left.", NOW + 2 * DAY)
    return quiet(engagement)


def completed(**changes: Any) -> Engagement:
    engagement = submitted(**changes)
    engagement.accept(NOW + 2 * DAY)
    return quiet(engagement)


def cancelled(**changes: Any) -> Engagement:
    engagement = awaiting_funding(**changes)
    engagement.cancel(Party.COMPANY, "Changed our plans.", NOW)
    return quiet(engagement)


def disputed(**changes: Any) -> Engagement:
    engagement = submitted(**changes)
    engagement.open_dispute("dsp-1", NOW + 2 * DAY)
    return quiet(engagement)


def signing(engagement: Engagement, conflict: Disclosure | None = NO_CONFLICT) -> Signing:
    """All that stands now, read."""
    kickoff = engagement.offered_kickoff()
    papers = [ReadPaper(one.kind, one.version, one.sha256) for one in kickoff.papers]
    return Signing(Read(kickoff.version, kickoff.sha256), papers, conflict)


def sign(engagement: Engagement, party: Party, now: datetime = NOW) -> None:
    """Read and sign for one side."""
    engagement.sign(signing(engagement), party, PEOPLE[party], now)


def opinion(**changes: int) -> Opinion:
    """Of the company."""
    answers = {"would_engage_again": True, "would_hire": True}
    scores = {**SCORES, **changes}
    return Opinion(scores=scores, answers=answers, role="supervisor", comment="Great work.")


def of_company(**changes: int) -> Opinion:
    """Of the candidate."""
    answers = {"would_engage_again": True, "would_recommend": True}
    return Opinion(scores={**COMPANY_SCORES, **changes}, answers=answers, comment="A clear brief.")


def quiet(engagement: Engagement) -> Engagement:
    """As a store hands it out: nothing waits to be announced."""
    engagement.events.clear()
    return engagement


def told(thing: Engagement | Project) -> list[str]:
    """The types of the events that wait to be announced."""
    return [event.type.removesuffix(".v1") for event in thing.events]


STATES = (
    awaiting_funding,
    kickoff_pending,
    active,
    submitted,
    revision_requested,
    completed,
    cancelled,
    disputed,
)
