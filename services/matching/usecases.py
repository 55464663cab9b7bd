"""What matching does: keep entries, score applications, suggest candidates, recommend, explain."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from services.matching.domain.entries import CandidateEntry, Evidence, ProjectEntry, ProjectStatus
from services.matching.domain.recommendation import SUGGESTED_AT_MOST, Recommendation
from services.matching.domain.scoring import Match, Need, Point, Profile, Ranked, match, profile
from shared.errors import Conflict, NotFound, NotYet
from shared.principal import Principal


class Index(Protocol):
    """Ranks candidates exactly. Today in memory; shards and vectors may stand behind it one day."""

    def put(self, candidate_id: str, held: Profile) -> None: ...
    def remove(self, candidate_id: str) -> None: ...
    def score(self, needs: Sequence[Need], candidate_id: str) -> Match | None: ...
    def top(
        self, project_id: str, needs: Sequence[Need], limit: int, without: Container[str] = ()
    ) -> list[Ranked]:
        """The best with a score above 0, best first."""
        ...


class Projects(Protocol):
    """Ranks open projects for a candidate."""

    def put(self, project_id: str, needs: Sequence[Need]) -> None: ...
    def remove(self, project_id: str) -> None: ...
    def top(
        self, candidate_id: str, held: Profile, limit: int, without: Container[str] = ()
    ) -> list[Ranked]:
        """The best with a score above 0, best first."""
        ...


def publish_project(
    entry: ProjectEntry, brief: Mapping[str, Any], revision: int, now: datetime
) -> None:
    needs = [Need(**skill) for skill in brief["skills"]]
    listed = brief.get("visibility") in (None, "public")
    entry.publish(brief["org_id"], brief["title"], needs, revision, now, listed)


def close_project(entry: ProjectEntry, now: datetime) -> None:
    entry.close(now)


def update_candidate(
    entry: CandidateEntry, told: Mapping[str, Any], revision: int, at: datetime, now: datetime
) -> None:
    skills = levels(told["skills"])
    entry.update(skills, told["open_to_work"], told["weekly_hours"], revision, at, now)


def hire_candidate(entry: CandidateEntry, at: datetime, now: datetime) -> None:
    """Leave the recommendations until the profile says `open to work` again."""
    entry.hire(at, now)


def evaluate_work(evidence: Evidence, weighted_score: int, now: datetime) -> None:
    evidence.evaluate(weighted_score, now)


def disregard_score(evidence: Evidence, now: datetime) -> None:
    evidence.disregard_score(now)


def complete_work(evidence: Evidence, done: Mapping[str, Any], now: datetime) -> None:
    evidence.complete(done["skills"], done["weighted_score"], now)


def cancel_work(evidence: Evidence, now: datetime) -> None:
    evidence.cancel(now)


def require_published(project: ProjectEntry | None) -> ProjectEntry:
    """The project, or NotYet where its publication has not been heard of."""
    if project is None or not project.published:
        raise NotYet("project-unknown", "The project has not been heard of here.")
    return project


def score_application(
    recommendation: Recommendation,
    application: Mapping[str, Any],
    project: ProjectEntry,
    proven: Mapping[str, int],
    taxonomy_version: str,
) -> None:
    """Score the skills that the application carries, and what finished work proves."""
    held = profile(levels(application["skills"]), proven)
    found = match(project.needs, held)
    recommendation.rate(application["candidate_id"], found, taxonomy_version)


def withdraw_application(recommendation: Recommendation) -> None:
    recommendation.withdraw()


def best_for(project: ProjectEntry, index: Index) -> list[Ranked]:
    """Whom to suggest for a newly published project; nobody where it is closed, or not for all."""
    if not project.offered:
        return []
    return index.top(project.id, project.needs, SUGGESTED_AT_MOST)


def suggest_candidates(
    recommendation: Recommendation, best: Sequence[Ranked], revision: int, taxonomy_version: str
) -> None:
    recommendation.suggest(best, revision, taxonomy_version)


def recommend_projects(
    by: Principal,
    held: Profile,
    projects: Projects,
    titles: Mapping[str, str],
    limit: int,
    applied: Container[str],
) -> list[dict[str, Any]]:
    """Open projects that fit me and that I have not applied to, best first."""
    by.require("recommend_projects")
    return [
        {
            "project_id": one.id,
            "title": titles.get(one.id, ""),
            "score": one.match.score,
            "points": views(one.match.points),
        }
        for one in projects.top(by.id, held, limit, applied)
    ]


def recommend_candidates(
    by: Principal, project: ProjectEntry | None, index: Index, limit: int, applied: Container[str]
) -> list[dict[str, Any]]:
    """Who fits and has not applied, best first; only an operator learns who they are."""
    by.require("recommend_candidates", org_id=project.org_id if project else None)
    if project is None:
        raise NotFound("project-not-found", "There is no such project.")
    if project.status is not ProjectStatus.OPEN:
        raise Conflict("project-not-open", "The project takes no more applications.")
    ranked = index.top(project.id, project.needs, limit, applied)
    return [
        {"rank": rank, "score": one.match.score, "points": views(one.match.points)}
        | ({"candidate_id": one.id} if by.role == "operator" else {})
        for rank, one in enumerate(ranked, start=1)
    ]


def explain_match(by: Principal, recommendation: Recommendation | None) -> dict[str, Any]:
    """Why an application has its score; the company is not told whose it is."""
    about = recommendation
    by.require(
        "explain_match",
        org_id=about.org_id if about else None,
        person_id=about.candidate_id if about else None,
    )
    if about is None or about.score is None:
        raise NotFound("match-not-found", "There is no score for this application.")
    return {
        "id": about.id,
        "version": about.version,
        "application_id": about.id,
        "project_id": about.project_id,
        "score": about.score,
        "points": views(about.points),
        "reasons": reasons(about.points),
        "model_version": about.model_version,
        "taxonomy_version": about.taxonomy_version,
    } | ({"candidate_id": about.candidate_id} if by.role in ("candidate", "operator") else {})


def views(points: Sequence[Point]) -> list[dict[str, Any]]:
    return [
        {
            "skill_id": point.skill_id,
            "label": point.label,
            "points": point.points,
            "required": point.required,
            "level": point.level,
            "evidence": point.evidence,
        }
        for point in points
    ]


def reasons(points: Sequence[Point]) -> list[str]:
    """The score in sentences, computed from the same points."""
    said = [covered(points, required) for required in (True, False)]
    proven = [point.label for point in points if point.evidence]
    if proven:
        said.append(f"Proven in finished work: {', '.join(proven)}.")
    missing = [point.label for point in points if point.required and not point.points]
    if missing:
        said.append(f"Nothing yet on: {', '.join(missing)}.")
    return [sentence for sentence in said if sentence]


def covered(points: Sequence[Point], required: bool) -> str:
    asked = [point for point in points if point.required is required]
    have = sum(point.points > 0 for point in asked)
    kind = "required" if required else "optional"
    return f"Covers {have} of {len(asked)} {kind} skills." if asked else ""


def levels(skills: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The highest level told for each skill."""
    highest: dict[str, int] = {}
    for skill in skills:
        highest[skill["skill_id"]] = max(skill["level"], highest.get(skill["skill_id"], 0))
    return highest
