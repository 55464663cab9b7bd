"""What good work leads to: hire offers and credentials."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.base import PageQuery, page_of
from services.gateway.schemas.hire_offers import Credential, DeclineOffer, Extension, HireOffer

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


@resource.operation("GET", "/credentials", query=PageQuery, answer=page_of(Credential))
def list_credentials(query: dict[str, Any]) -> Any:
    return ask("applications", "list_credentials", **query)


@resource.operation("GET", "/credentials/<credential_id>", answer=Credential)
def get_credential(credential_id: str) -> Any:
    return ask("applications", "get_credential", credential_id=credential_id)
