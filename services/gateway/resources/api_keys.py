"""Keys for machines."""

from typing import Any

from services.gateway.calls import current
from services.gateway.operations import Resource
from services.gateway.ports import ports
from services.gateway.resources.identity import live
from services.gateway.schemas.api_keys import ApiKey, NewApiKey, ShownApiKey
from services.gateway.schemas.base import PageQuery, page_of

resource = Resource("api-keys", __name__, description="Keys for machines")


@resource.operation("POST", "/api-keys", body=NewApiKey, answer=ShownApiKey, status=201)
def create_api_key(body: dict[str, Any]) -> Any:
    live()
    return ports().api_keys.create(current(), **body)


@resource.operation("GET", "/api-keys", query=PageQuery, answer=page_of(ApiKey))
def list_api_keys(query: dict[str, Any]) -> Any:
    return ports().api_keys.page(current().principal, **query)


@resource.operation("DELETE", "/api-keys/<key_id>")
def revoke_api_key(key_id: str) -> None:
    ports().api_keys.revoke(current(), key_id)
