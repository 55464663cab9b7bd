"""The operators' commands against a vhost and databases of the test's own."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from deploy.cli.main import main
from shared.platform import Platform
from shared.topology import apply, plan, read_handlers
from tests.integration.messaging.stage import LADDER, Wire
from tests.integration.store.tally import platform
from tests.servers import SHORT_LADDER, Vhost

Stint = Callable[..., Result]


@pytest.fixture
def stint(service_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Stint:
    """`stint ARGUMENTS`; nobody is there to answer a question."""
    for name, value in service_env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("STINT_ELECTION", "0s")  # These queues are new each time.
    monkeypatch.delenv("CLOCK_OFFSET_FILE")
    return lambda *arguments: CliRunner().invoke(main, arguments)


@pytest.fixture
def bus(vhost: Vhost) -> Wire:
    """The whole topology, with nobody who reads."""
    apply(vhost.amqp_uri, plan(read_handlers(), LADDER))
    return Wire(vhost.amqp_uri)


@pytest.fixture
def tally(service_env: dict[str, str]) -> Iterator[Platform]:
    """A platform whose relay does not run: what is saved stays in its outbox."""
    environment = platform(service_env)
    yield environment
    environment.client.close()


def event(type_: str, subject: str = "thing:1", **more: Any) -> dict[str, Any]:
    """An envelope; `data` and other attributes by name."""
    id_ = more.pop("id", None) or str(uuid4())
    return {
        "specversion": "1.0",
        "id": id_,
        "source": "tests",
        "type": type_,
        "subject": subject,
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "data": {},
        "correlationid": id_,
        "causationid": id_,
        **more,
    }


def announce(bus: Wire, *events: dict[str, Any]) -> None:
    for each in events:
        bus.publish(
            json.dumps(each).encode(), each["type"], message_id=each["id"], type=each["type"]
        )


def lines(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


__all__ = ["SHORT_LADDER", "Stint", "announce", "bus", "event", "lines", "stint", "tally"]
