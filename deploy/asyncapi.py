"""Describes the events as AsyncAPI 3 documents: those of the platform's own bus, and partners'.

Written by `make contracts` from the contracts; the partners' one is also a page of the gateway.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shared.envelope import CONTENT_TYPE
from shared.partner_bus import PUBLIC, stream_name
from shared.topology import EVENTS, handler_name, queue_name

PROJECT = Path(__file__).parent.parent / "pyproject.toml"
TIME = "2026-03-02T09:30:00.000+00:00"
IDS = "0199b8c2-77aa-7000-8000-00000000000{}"
LICENCE = {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}
SCHEMES = {"credentials": {"type": "userPassword", "description": "Over TLS."}}
Json = dict[str, Any]
Contracts = Mapping[str, Json]

TEXT = {"type": "string", "minLength": 1}
ENVELOPE: Json = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {**TEXT, "description": "The same however often and by which way the event comes."},
        "source": {**TEXT, "description": "Which service announced it."},
        "type": {**TEXT, "description": "What happened, with its version."},
        "subject": {**TEXT, "description": "What it happened to, as `kind:id`."},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "data": {"type": "object", "description": "What is new at this step."},
    },
}
TOLD: Json = {
    "dataschema": {"type": "string", "description": "`stint:public:` and the type."},
    "partnerid": {**TEXT, "description": "Whom it is for."},
    "sequence": {
        "type": "string",
        "pattern": "^[0-9]{12}$",
        "description": "Counts the partner's events without gaps; as a text it sorts. A test that "
        "was asked for has none.",
    },
}
TRACED: Json = {
    "dataschema": {"type": "string", "description": "`stint:` and the type."},
    "aggregateversion": {"type": "integer", "minimum": 0},
    "correlationid": {**TEXT, "description": "The same in all that one request has caused."},
    "causationid": {**TEXT, "description": "The message that caused this one."},
    "traceparent": {"type": "string", "description": "W3C Trace Context, or empty."},
}


def platform_document(contracts: Contracts) -> str:
    """Every event of the bus: a channel each, one operation for each service at an end of it."""
    operations = dict(_ends(contracts))
    services = sorted({operation["tags"][0]["name"] for operation in operations.values()})
    return _document(
        title="Stint: the platform's own events",
        about="What the services tell each other. An event is announced by one service, in order "
        "for each aggregate and at least once; its type is its routing key.",
        tags=services,
        servers={"bus": _server("amqp", "/", "The broker that `AMQP_URI` names.")},
        channels={type_: _routed(type_) for type_ in contracts},
        operations=operations,
        messages=contracts,
        envelope=_envelope(TRACED),
    )


def partner_document(contracts: Contracts) -> str:
    """What a partner is sent, by AMQP and by webhook; polling is in the OpenAPI document."""
    messages = {type_: _ref("components", "messages", type_) for type_ in contracts}
    channels = {"stream": _stream(messages), "webhook": _webhook(messages)}
    about = "What partners are told. Each event has one id over all ways: a stream on the broker, "
    about += "webhooks, and polling `GET /v1/partners/{id}/events`. It comes at least once, and "
    about += "is kept for 30 days."
    return _document(
        title="Stint: events for partners",
        about=about,
        tags=["partners"],
        servers={
            "broker": _server(
                "amqps", "/partners", "Consume with `x-stream-offset`; declare nothing."
            ),
            "endpoint": {
                "host": "{endpoint}",
                "protocol": "https",
                "description": "The partner's own.",
                "variables": {"endpoint": {"default": "partner.example"}},
            },
        },
        channels=channels,
        operations={"publish": _send("stream", messages), "deliver": _send("webhook", messages)},
        messages=contracts,
        envelope=_envelope(TOLD),
    )


def _document(
    *,
    title: str,
    about: str,
    tags: list[str],
    servers: Json,
    channels: Json,
    operations: Json,
    messages: Contracts,
    envelope: Json,
) -> str:
    document = {
        "asyncapi": "3.0.0",
        "id": "urn:stint:" + title.rpartition(" ")[2],
        "info": {
            "title": title,
            "version": tomllib.loads(PROJECT.read_text())["project"]["version"],
            "description": about,
            "license": LICENCE,
            "tags": [{"name": tag} for tag in tags],
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": servers,
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {
                type_: _message(type_, contract, envelope) for type_, contract in messages.items()
            },
            "schemas": {"envelope": envelope},
            "securitySchemes": SCHEMES,
        },
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _message(type_: str, contract: Json, envelope: Json) -> Json:
    own = {"type": {"const": type_}, "data": contract["schema"]}
    payload = _example(type_, contract, envelope)
    return {
        "name": type_,
        "title": type_,
        "summary": contract["description"],
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [_ref("components", "schemas", "envelope"), {"properties": own}],
        },
        "examples": [{"name": "example", "payload": payload}],
    }


def _example(type_: str, contract: Json, envelope: Json) -> Json:
    """The whole envelope around the first example of the contract."""
    data, (kind, _, _) = contract["examples"][0], type_.partition(".")
    id_ = next((value for name, value in data.items() if name.endswith("_id")), "1")
    given = {
        "specversion": "1.0",
        "id": IDS.format(1),
        "source": contract.get("producer", "stint"),
        "type": type_,
        "subject": f"{kind}:{id_}",
        "time": TIME,
        "datacontenttype": "application/json",
        "dataschema": f"stint:{type_}" if "producer" in contract else f"stint:public:{type_}",
        "partnerid": "par-01",
        "sequence": "000000000001",
        "data": data,
        "aggregateversion": 1,
        "correlationid": IDS.format(9),
        "causationid": IDS.format(8),
        "traceparent": "",
    }
    return {name: value for name, value in given.items() if name in envelope["properties"]}


def _ends(contracts: Contracts) -> Iterator[tuple[str, Json]]:
    """Who announces and who hears each event."""
    for type_, contract in contracts.items():
        producer = contract["producer"]
        yield f"{producer}.announces.{type_}", _operation("send", type_, producer)
        for consumer in contract["consumers"]:
            heard = _operation("receive", type_, consumer)
            heard["description"] = f"From `{queue_name(consumer, handler_name(type_))}`."
            yield f"{consumer}.hears.{type_}", heard


def _operation(action: str, type_: str, service: str) -> Json:
    return {
        "action": action,
        "channel": _ref("channels", type_),
        "tags": [{"name": service}],
        "messages": [_ref("channels", type_, "messages", "event")],
    }


def _send(channel: str, messages: Json) -> Json:
    return {
        "action": "send",
        "channel": _ref("channels", channel),
        "tags": [{"name": "partners"}],
        "messages": [_ref("channels", channel, "messages", type_) for type_ in messages],
    }


def _routed(type_: str) -> Json:
    exchange = {"name": EVENTS, "type": "topic", "durable": True, "autoDelete": False, "vhost": "/"}
    binding = {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}
    return {
        "address": type_,
        "messages": {"event": _ref("components", "messages", type_)},
        "bindings": {"amqp": binding},
    }


def _stream(messages: Json) -> Json:
    queue = {
        "name": stream_name("{partner_id}"),
        "durable": True,
        "exclusive": False,
        "autoDelete": False,
        "vhost": "/partners",
    }
    return {
        "address": stream_name("{partner_id}"),
        "title": "A stream on the broker",
        "description": f"A stream queue that `{PUBLIC}` fills: consume it from an offset, with a "
        "prefetch, and store the offset of what is done. The AMQP `message_id` is the event's id.",
        "servers": [_ref("servers", "broker")],
        "parameters": {"partner_id": {"description": "Which partner."}},
        "messages": messages,
        "bindings": {"amqp": {"is": "queue", "queue": queue, "bindingVersion": "0.3.0"}},
    }


def _webhook(messages: Json) -> Json:
    return {
        "address": None,
        "title": "A webhook",
        "description": "A POST to the partner's endpoint, signed as Standard Webhooks has it: "
        "`webhook-id` (the event's id), `webhook-timestamp`, `webhook-signature`. Any 2xx is a "
        "receipt; 410 ends the endpoint; anything else is tried again for three days.",
        "servers": [_ref("servers", "endpoint")],
        "messages": messages,
    }


def _server(protocol: str, vhost: str, about: str) -> Json:
    return {
        "host": "{host}",
        "protocol": protocol,
        "protocolVersion": "0.9.1",
        "pathname": vhost,
        "description": about,
        "variables": {"host": {"default": "broker.example", "description": "Host and port."}},
        "security": [_ref("components", "securitySchemes", "credentials")],
    }


def _envelope(more: Json) -> Json:
    return {**ENVELOPE, "properties": {**ENVELOPE["properties"], **more}}


def _ref(*steps: str) -> Json:
    return {"$ref": "#/" + "/".join(steps)}
