"""Figures of hiring."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.metrics import Days, Metrics

resource = Resource("metrics", __name__, description="Figures of hiring, with their definitions")


@resource.operation("GET", "/metrics", query=Days, answer=Metrics)
def get_metrics(query: dict[str, Any]) -> Any:
    return ask("applications", "get_metrics", **query)


@resource.operation("GET", "/organisations/<org_id>/metrics", query=Days, answer=Metrics)
def get_org_metrics(org_id: str, query: dict[str, Any]) -> Any:
    return ask("applications", "get_org_metrics", org_id=org_id, **query)
