"""The envelope every message travels in: CloudEvents 1.0, the same bytes from outbox to archive."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol

import jsonschema_rs
import orjson
from uuid_utils.compat import uuid7

from shared.data import read_yaml
from shared.principal import ANONYMOUS, Principal

CONTENT_TYPE = "application/cloudevents+json"
MAX_BYTES = 64 * 1024
REQUIRED = ("specversion", "id", "source", "type", "subject", "time", "data")
CONTRACTS = Path(__file__).parent / "contracts"


class Malformed(Exception):
    """Not a message of ours, or not as its contract says: no retry can help."""


class Fact(Protocol):
    """What a service announces: a frozen dataclass whose fields are JSON-ready."""

    type: ClassVar[str]


class Message(Protocol):
    """What causes a change: an event or a call. Its id marks the save: a repeat is known."""

    @property
    def id(self) -> str: ...
    @property
    def correlation_id(self) -> str: ...
    @property
    def traceparent(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Event:
    """A received event; `subject` is `<aggregate>:<id>`, `data` has passed its contract."""

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    data: dict[str, Any]
    aggregate_version: int = 0
    correlation_id: str = ""
    causation_id: str = ""
    traceparent: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A request from the gateway. `id` is stable over repeats; a create names its aggregate by it.

    `expected_version` is the version that `If-Match` named: the store saves no other.
    """

    id: str = field(default_factory=lambda: str(uuid7()))
    principal: Principal = ANONYMOUS
    correlation_id: str = ""
    traceparent: str = ""
    expected_version: int | None = None


class Contracts:
    """Compiled validators of event data by event type."""

    def __init__(self, schemas: Mapping[str, Mapping[str, Any]]) -> None:
        self._validators = {
            type_: jsonschema_rs.validator_for(dict(schema), validate_formats=True)
            for type_, schema in schemas.items()
        }

    @classmethod
    def load(cls, folder: Path = CONTRACTS) -> "Contracts":
        """Read every `<type>.yml` of the folder; the key `schema` is the data's JSON Schema."""
        return cls({path.stem: read_yaml(path)["schema"] for path in folder.glob("*.yml")})

    def check(self, type_: str, data: Mapping[str, Any]) -> None:
        """Raise Malformed where there is no such event, or its data breaks the contract."""
        validator = self._validators.get(type_)
        if validator is None:
            raise Malformed(f"no contract for {type_}")
        error = next(iter(validator.iter_errors(data)), None)
        if error is not None:
            where = "/".join(str(step) for step in error.instance_path) or "data"
            raise Malformed(f"{type_}: {where}: {error.message}")


def pack(
    fact: Fact,
    *,
    source: str,
    subject: str,
    version: int,
    now: datetime,
    cause: Message | None = None,
    new_id: Callable[[], str] = lambda: str(uuid7()),
) -> dict[str, Any]:
    """A new outbox entry: the id, the bytes and the time are fixed here, once.

    Raises ValueError over 64 KiB: larger content travels as a file reference.
    """
    id_ = new_id()
    body = orjson.dumps(
        {
            "specversion": "1.0",
            "id": id_,
            "source": source,
            "type": fact.type,
            "subject": subject,
            "time": now.isoformat(timespec="milliseconds"),
            "datacontenttype": "application/json",
            "dataschema": f"stint:{fact.type}",
            "data": fact,
            "aggregateversion": version,
            "correlationid": (cause and cause.correlation_id) or id_,
            "causationid": cause.id if cause else id_,
            "traceparent": cause.traceparent if cause else "",
        }
    )
    if len(body) > MAX_BYTES:
        raise ValueError(f"{fact.type} is {len(body)} bytes; the limit is {MAX_BYTES}")
    return {"id": id_, "type": fact.type, "at": now, "body": body}


def parse(body: bytes | str) -> Event:
    """The event in these bytes, or Malformed. Unknown attributes are ignored."""
    try:
        raw = orjson.loads(body)
        missing = [name for name in REQUIRED if name not in raw]
        if missing:
            raise Malformed(f"missing: {', '.join(missing)}")
        event = Event(
            id=raw["id"],
            type=raw["type"],
            source=raw["source"],
            subject=raw["subject"],
            time=datetime.fromisoformat(raw["time"]).astimezone(UTC),
            data=raw["data"],
            aggregate_version=raw.get("aggregateversion", 0),
            correlation_id=raw.get("correlationid", raw["id"]),
            causation_id=raw.get("causationid", raw["id"]),
            traceparent=raw.get("traceparent", ""),
        )
    except Malformed:
        raise
    except Exception as exc:
        raise Malformed(f"undecodable: {exc}") from exc
    _check_kinds(event)
    return event


def _check_kinds(event: Event) -> None:
    texts = (event.id, event.type, event.source, event.subject, event.correlation_id)
    if not all(isinstance(text, str) and text for text in texts):
        raise Malformed("id, type, source, subject and correlationid are non-empty strings")
    if not isinstance(event.data, dict) or not isinstance(event.aggregate_version, int):
        raise Malformed("data is an object and aggregateversion an integer")
