"""Who pays for a project's engagements: a card of the company, and sponsors."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.base import PageQuery
from services.gateway.schemas.money import (
    FundingAnswer,
    FundingPlan,
    FundingPlans,
    FundingProposal,
)

resource = Resource("funding", __name__, description="Sponsors, and which card is charged")


@resource.operation(
    "PUT", "/projects/<project_id>/funding", body=FundingProposal, answer=FundingPlan
)
def propose_funding(project_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "propose_funding", project_id=project_id, **body)


@resource.operation("GET", "/funding-plans", query=PageQuery, answer=FundingPlans)
def list_funding(query: dict[str, Any]) -> Any:
    return ask("payments", "list_funding", **query)


@resource.operation("GET", "/funding-plans/<plan_id>", answer=FundingPlan)
def get_funding(plan_id: str) -> Any:
    return ask("payments", "get_funding", plan_id=plan_id)


@resource.operation(
    "POST", "/funding-plans/<plan_id>/answer", body=FundingAnswer, answer=FundingPlan
)
def answer_funding(plan_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "answer_funding", plan_id=plan_id, **body)
