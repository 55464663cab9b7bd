"""What good work leads to: hire offers and credentials."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.base import PageQuery, page_of
from services.gateway.schemas.hire_offers import (
    CheckInAnswer,
    Credential,
    DeclineOffer,
    EndOfHire,
    Extension,
    HireOffer,
    NewOffer,
    RescindOffer,
    StartOfHire,
)

resource = Resource("hire-offers", __name__, description="Hire offers and credentials")


@resource.operation("GET", "/hire-offers", query=PageQuery, answer=page_of(HireOffer))
def list_hire_offers(query: dict[str, Any]) -> Any:
    return ask("applications", "list_hire_offers", **query)


@resource.operation("GET", "/hire-offers/<offer_id>", answer=HireOffer)
def get_hire_offer(offer_id: str) -> Any:
    return ask("applications", "get_hire_offer", offer_id=offer_id)


@resource.operation(
    "POST",
    "/hire-offers/<offer_id>/extend",
    body=Extension,
    optional_body=True,
    answer=HireOffer,
)
def extend_hire_offer(offer_id: str, body: dict[str, Any]) -> Any:
    terms = body.get("terms")
    return ask("applications", "extend_hire_offer", offer_id=offer_id, terms=terms)


@resource.operation("POST", "/hire-offers/<offer_id>/accept", answer=HireOffer)
def accept_hire_offer(offer_id: str) -> Any:
    return ask("applications", "accept_hire_offer", offer_id=offer_id)


@resource.operation("POST", "/hire-offers/<offer_id>/decline", body=DeclineOffer, answer=HireOffer)
def decline_hire_offer(offer_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "decline_hire_offer", offer_id=offer_id, **body)


@resource.operation(
    "POST",
    "/engagements/<engagement_id>/hire-offer",
    body=NewOffer,
    answer=HireOffer,
    status=201,
    location="/v1/hire-offers/{id}",
)
def make_hire_offer(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "make_hire_offer", engagement_id=engagement_id, terms=body)


@resource.operation("POST", "/hire-offers/<offer_id>/rescind", body=RescindOffer, answer=HireOffer)
def rescind_hire_offer(offer_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "rescind_hire_offer", offer_id=offer_id, **body)


@resource.operation("POST", "/hire-offers/<offer_id>/start", body=StartOfHire, answer=HireOffer)
def start_hire(offer_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "start_hire", offer_id=offer_id, **body)


@resource.operation("POST", "/hire-offers/<offer_id>/end", body=EndOfHire, answer=HireOffer)
def end_hire(offer_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "end_hire", offer_id=offer_id, **body)


@resource.operation("PUT", "/hire-offers/<offer_id>/check-in", body=CheckInAnswer, answer=HireOffer)
def answer_check_in(offer_id: str, body: dict[str, Any]) -> Any:
    return ask("applications", "answer_check_in", offer_id=offer_id, **body)


@resource.operation("GET", "/credentials", query=PageQuery, answer=page_of(Credential))
def list_credentials(query: dict[str, Any]) -> Any:
    return ask("applications", "list_credentials", **query)


@resource.operation("GET", "/credentials/<credential_id>", answer=Credential)
def get_credential(credential_id: str) -> Any:
    return ask("applications", "get_credential", credential_id=credential_id)
