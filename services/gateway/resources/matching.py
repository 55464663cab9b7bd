"""Skills, recommendations, and why a score is what it is."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.matching import (
    CandidateMatches,
    LimitQuery,
    Match,
    ProjectMatches,
    SkillQuery,
    TaxonomySkills,
)

resource = Resource("matching", __name__, description="Skills and recommendations")


@resource.operation("GET", "/skills", query=SkillQuery, answer=TaxonomySkills)
def search_skills(query: dict[str, Any]) -> Any:
    return ask("matching", "search_skills", **query)


@resource.operation("GET", "/recommendations", query=LimitQuery, answer=ProjectMatches)
def recommend_projects(query: dict[str, Any]) -> Any:
    return ask("matching", "recommend_projects", **query)


@resource.operation(
    "GET", "/projects/<project_id>/recommendations", query=LimitQuery, answer=CandidateMatches
)
def recommend_candidates(project_id: str, query: dict[str, Any]) -> Any:
    return ask("matching", "recommend_candidates", project_id=project_id, **query)


@resource.operation("GET", "/applications/<application_id>/match", answer=Match)
def explain_match(application_id: str) -> Any:
    return ask("matching", "explain_match", application_id=application_id)
