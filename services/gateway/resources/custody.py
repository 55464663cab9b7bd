"""What operators do with held money: freeze it, agree to each other's wishes, watch its age."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.base import PageQuery
from services.gateway.schemas.custody import (
    AllHeldFunds,
    Approvals,
    ChargebackEvidence,
    Chargebacks,
    MoneyReason,
)
from services.gateway.schemas.payments import Escrow

resource = Resource("custody", __name__, description="Held money, for operators")
PAYMENT = "/engagements/<engagement_id>/payment"
APPROVAL = "/engagements/<engagement_id>/approvals/<approval_id>"


@resource.operation("POST", f"{PAYMENT}/freeze", body=MoneyReason, answer=Escrow)
def freeze_funds(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "freeze_funds", engagement_id=engagement_id, **body)


@resource.operation("POST", f"{PAYMENT}/unfreeze", body=MoneyReason, answer=Escrow)
def unfreeze_funds(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "unfreeze_funds", engagement_id=engagement_id, **body)


@resource.operation("POST", f"{APPROVAL}/approve", answer=Escrow)
def approve_movement(engagement_id: str, approval_id: str) -> Any:
    return ask("payments", "approve_movement", engagement_id=engagement_id, approval_id=approval_id)


@resource.operation("POST", f"{APPROVAL}/reject", body=MoneyReason, answer=Escrow)
def reject_movement(engagement_id: str, approval_id: str, body: dict[str, Any]) -> Any:
    about = {"engagement_id": engagement_id, "approval_id": approval_id}
    return ask("payments", "reject_movement", **about, **body)


@resource.operation(
    "POST",
    "/engagements/<engagement_id>/chargebacks/<chargeback_id>/answer",
    body=ChargebackEvidence,
    answer=Escrow,
)
def answer_chargeback(engagement_id: str, chargeback_id: str, body: dict[str, Any]) -> Any:
    about = {"engagement_id": engagement_id, "chargeback_id": chargeback_id}
    return ask("payments", "answer_chargeback", **about, **body)


@resource.operation("GET", "/approvals", query=PageQuery, answer=Approvals)
def list_approvals(query: dict[str, Any]) -> Any:
    return ask("payments", "list_approvals", **query)


@resource.operation("GET", "/chargebacks", query=PageQuery, answer=Chargebacks)
def list_chargebacks(query: dict[str, Any]) -> Any:
    return ask("payments", "list_chargebacks", **query)


@resource.operation("GET", "/funds", query=PageQuery, answer=AllHeldFunds)
def list_funds(query: dict[str, Any]) -> Any:
    return ask("payments", "list_funds", **query)
