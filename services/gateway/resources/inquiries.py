"""Questions about a brief, and answers that everybody reads."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.resources.accounts import person
from services.gateway.schemas.brief_parts import Inquiries, Inquiry, InquiryAnswer, NewInquiry
from services.gateway.schemas.projects import Link

resource = Resource("inquiries", __name__, description="Questions about a brief")


@resource.operation(
    "POST",
    "/projects/<project_id>/inquiries",
    body=NewInquiry,
    query=Link,
    answer=Inquiry,
    status=201,
)
def ask_inquiry(project_id: str, body: dict[str, Any], query: dict[str, Any]) -> Any:
    sent = {"project_id": project_id, "person": person(), **body, **query}
    return ask("projects", "ask_inquiry", **sent)


@resource.operation("GET", "/projects/<project_id>/inquiries", query=Link, answer=Inquiries)
def list_inquiries(project_id: str, query: dict[str, Any]) -> Any:
    return ask("projects", "list_inquiries", project_id=project_id, **query)


@resource.operation(
    "POST",
    "/projects/<project_id>/inquiries/<inquiry_id>/answer",
    body=InquiryAnswer,
    answer=Inquiry,
)
def answer_inquiry(project_id: str, inquiry_id: str, body: dict[str, Any]) -> Any:
    return ask("projects", "answer_inquiry", project_id=project_id, inquiry_id=inquiry_id, **body)
