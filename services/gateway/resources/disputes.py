"""Disputes about held money: opened, answered, bargained over, decided, appealed."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.resources.files import hand_in
from services.gateway.schemas.base import PageQuery
from services.gateway.schemas.disputes import (
    DisputeDecision,
    DisputeIn,
    Disputes,
    DisputeStatement,
    OfferChoice,
    OpenDisputes,
    SplitOffer,
)

resource = Resource("disputes", __name__, description="Disputes about held money")
PATH = "/engagements/<engagement_id>/disputes"


@resource.operation(
    "POST",
    PATH,
    body=DisputeIn,
    answer=Disputes,
    status=201,
    location="/v1/engagements/{id}/disputes",
)
def open_dispute(engagement_id: str, body: dict[str, Any]) -> Any:
    return _said("open_dispute", engagement_id, body)


@resource.operation("GET", PATH, answer=Disputes)
def read_disputes(engagement_id: str) -> Any:
    return ask("payments", "read_disputes", engagement_id=engagement_id)


@resource.operation("POST", f"{PATH}/statements", body=DisputeStatement, answer=Disputes)
def add_dispute_statement(engagement_id: str, body: dict[str, Any]) -> Any:
    return _said("add_dispute_statement", engagement_id, body)


@resource.operation("POST", f"{PATH}/offers", body=SplitOffer, answer=Disputes)
def offer_split(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "offer_split", engagement_id=engagement_id, **body)


@resource.operation("POST", f"{PATH}/offers/accept", body=OfferChoice, answer=Disputes)
def accept_split(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "accept_split", engagement_id=engagement_id, **body)


@resource.operation("POST", f"{PATH}/escalate", answer=Disputes)
def escalate_dispute(engagement_id: str) -> Any:
    return ask("payments", "escalate_dispute", engagement_id=engagement_id)


@resource.operation("POST", f"{PATH}/decide", body=DisputeDecision, answer=Disputes)
def decide_dispute(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "decide_dispute", engagement_id=engagement_id, **body)


@resource.operation("POST", f"{PATH}/appeal", body=DisputeStatement, answer=Disputes)
def appeal_dispute(engagement_id: str, body: dict[str, Any]) -> Any:
    return _said("appeal_dispute", engagement_id, body)


@resource.operation("POST", f"{PATH}/waive", answer=Disputes)
def waive_appeal(engagement_id: str) -> Any:
    return ask("payments", "waive_appeal", engagement_id=engagement_id)


@resource.operation("POST", f"{PATH}/withdraw", answer=Disputes)
def withdraw_dispute(engagement_id: str) -> Any:
    return ask("payments", "withdraw_dispute", engagement_id=engagement_id)


@resource.operation("GET", "/disputes", query=PageQuery, answer=OpenDisputes)
def list_disputes(query: dict[str, Any]) -> Any:
    return ask("payments", "list_disputes", **query)


def _said(method: str, engagement_id: str, body: dict[str, Any]) -> Any:
    """Evidence is noted with the engagement, so that whoever reads the record may fetch it."""
    file_ids = body.pop("file_ids")
    files = hand_in(file_ids, engagement_id) if file_ids else []
    return ask("payments", method, engagement_id=engagement_id, files=files, **body)
