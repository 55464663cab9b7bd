"""Partners: who hears of events, where they are sent, and what was."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.base import PageQuery, page_of
from services.gateway.schemas.partners import (
    Delivery,
    DeliveryQuery,
    Endpoint,
    EndpointChange,
    NewEndpoint,
    NewPartner,
    Partner,
    PartnerChange,
    PartnerEventPage,
    PartnerEventQuery,
    Replayed,
    ReplayRange,
    Rotation,
    ShownEndpoint,
)

resource = Resource("partners", __name__, description="Webhooks and polling for other systems")
PARTNER = "/partners/<partner_id>"
ENDPOINT = f"{PARTNER}/endpoints/<endpoint_id>"


@resource.operation(
    "POST",
    "/partners",
    body=NewPartner,
    answer=Partner,
    status=201,
    location="/v1/partners/{id}",
)
def create_partner(body: dict[str, Any]) -> Any:
    return ask("notifications", "create_partner", **body)


@resource.operation("GET", "/partners", query=PageQuery, answer=page_of(Partner))
def list_partners(query: dict[str, Any]) -> Any:
    return ask("notifications", "list_partners", **query)


@resource.operation("GET", PARTNER, answer=Partner)
def get_partner(partner_id: str) -> Any:
    return ask("notifications", "get_partner", partner_id=partner_id)


@resource.operation("PATCH", PARTNER, body=PartnerChange, answer=Partner)
def update_partner(partner_id: str, body: dict[str, Any]) -> Any:
    return ask("notifications", "update_partner", partner_id=partner_id, **body)


@resource.operation(
    "POST",
    f"{PARTNER}/endpoints",
    body=NewEndpoint,
    answer=ShownEndpoint,
    status=201,
    location="/v1/partners/{partner_id}/endpoints/{id}",
)
def create_endpoint(partner_id: str, body: dict[str, Any]) -> Any:
    return ask("notifications", "create_endpoint", partner_id=partner_id, **body)


@resource.operation("GET", ENDPOINT, answer=Endpoint)
def get_endpoint(**ids: str) -> Any:
    return ask("notifications", "get_endpoint", **ids)


@resource.operation("PATCH", ENDPOINT, body=EndpointChange, answer=Endpoint)
def update_endpoint(body: dict[str, Any], **ids: str) -> Any:
    return ask("notifications", "update_endpoint", **ids, **body)


@resource.operation("DELETE", ENDPOINT)
def remove_endpoint(**ids: str) -> None:
    ask("notifications", "remove_endpoint", **ids)


@resource.operation("POST", f"{ENDPOINT}/rotate-secret", body=Rotation, answer=ShownEndpoint)
def rotate_endpoint_secret(body: dict[str, Any], **ids: str) -> Any:
    return ask("notifications", "rotate_endpoint_secret", **ids, **body)


@resource.operation("POST", f"{ENDPOINT}/ping", answer=Delivery)
def ping_endpoint(**ids: str) -> Any:
    return ask("notifications", "ping_endpoint", **ids)


@resource.operation("POST", f"{ENDPOINT}/replay", body=ReplayRange, answer=Replayed)
def replay_events(body: dict[str, Any], **ids: str) -> Any:
    return ask("notifications", "replay_events", **ids, **body)


@resource.operation("GET", f"{ENDPOINT}/deliveries", query=DeliveryQuery, answer=page_of(Delivery))
def list_deliveries(query: dict[str, Any], **ids: str) -> Any:
    return ask("notifications", "list_deliveries", **ids, **query)


@resource.operation("POST", f"{PARTNER}/deliveries/<delivery_id>/redeliver", answer=Delivery)
def redeliver_event(**ids: str) -> Any:
    return ask("notifications", "redeliver_event", **ids)


@resource.operation("GET", f"{PARTNER}/events", query=PartnerEventQuery, answer=PartnerEventPage)
def list_partner_events(partner_id: str, query: dict[str, Any]) -> Any:
    types = query.pop("type")
    wanted = types.split(",") if types else None
    return ask("notifications", "list_partner_events", partner_id=partner_id, **query, types=wanted)
