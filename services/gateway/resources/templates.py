"""Briefs to begin with."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.projects import Project
from services.gateway.schemas.templates import FromTemplate, Template, TemplateList

resource = Resource("templates", __name__, description="Briefs to begin with")


@resource.operation("GET", "/templates", answer=TemplateList)
def list_templates() -> Any:
    return ask("projects", "list_templates")


@resource.operation("GET", "/templates/<template_id>", answer=Template)
def get_template(template_id: str) -> Any:
    return ask("projects", "get_template", template_id=template_id)


@resource.operation(
    "POST",
    "/projects/from-template",
    body=FromTemplate,
    answer=Project,
    status=201,
    location="/v1/projects/{id}",
)
def create_from_template(body: dict[str, Any]) -> Any:
    return ask("projects", "create_from_template", **body)
