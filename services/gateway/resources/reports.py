"""What people read about their money, as data or as files."""

from base64 import b64decode
from typing import Any

from flask import request
from werkzeug import Response

from services.gateway.calls import ask, current
from services.gateway.operations import JSON, Resource
from services.gateway.ports import ports
from services.gateway.schemas.reports import (
    Earnings,
    Receipt,
    Receipts,
    Spend,
    Statement,
    YearQuery,
)

resource = Resource("reports", __name__, description="Statements, receipts, spending, earnings")
CSV, PDF = "text/csv", "application/pdf"
RECEIPTS = "/engagements/<engagement_id>/receipts"


@resource.operation("GET", "/statements/<period>", answer=Statement, sends=f"{CSV} {PDF}")
def get_statement(period: str) -> Any:
    return _in_form("get_statement", f"statement-{period}", [CSV, PDF], period=period)


@resource.operation("GET", "/spend", query=YearQuery, answer=Spend)
def get_spend(query: dict[str, Any]) -> Any:
    return ask("payments", "get_spend", **query)


@resource.operation("GET", RECEIPTS, answer=Receipts)
def list_receipts(engagement_id: str) -> Any:
    return ask("payments", "list_receipts", engagement_id=engagement_id)


@resource.operation("GET", f"{RECEIPTS}/<number>", answer=Receipt, sends=PDF)
def get_receipt(engagement_id: str, number: str) -> Any:
    about = {"engagement_id": engagement_id, "number": number}
    return _in_form("get_receipt", f"receipt-{engagement_id}-{number}", [PDF], **about)


@resource.operation("GET", "/earnings", answer=Earnings)
def get_earnings() -> Any:
    return ask("payments", "get_earnings")


def _in_form(method: str, name: str, files: list[str], **about: Any) -> Any:
    """In the form that the client prefers; a file carries the organisation's name."""
    wanted = request.accept_mimetypes.best_match([JSON, *files], default=JSON)
    if wanted == JSON:
        return ask("payments", method, **about)
    form = {CSV: "csv", PDF: "pdf"}[wanted]
    found = ask("payments", method, **about, form=form, name=_organisation())
    answer = Response(b64decode(found["base64"]), content_type=wanted)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    answer.headers["Vary"] = "Accept"
    return answer


def _organisation() -> str:
    found = ports().accounts.organisations.find(str(current().principal.org_id))
    return found.name if found else ""
