"""Log lines are JSON, and hold neither secrets nor addresses of people."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from shared import logs
from shared.broker import describe
from shared.errors import Conflict


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_line_is_json_with_the_service_and_what_the_context_knows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("lending", "INFO")
    structlog.contextvars.bind_contextvars(event_id="e-1")

    structlog.get_logger("shared.any").info("handled", ms=1.5)

    line = json.loads(capsys.readouterr().out)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "handled",
        "level": "info",
        "service": "lending",
        "event_id": "e-1",
        "ms": 1.5,
    }


def test_lines_of_libraries_are_json_as_well(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("lending", "INFO")
    logging.getLogger("some.library").warning("it is %s", "late")
    logging.getLogger("some.library").info("chatter")

    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["event"] == "it is late"


def test_an_error_brings_its_traceback_in_the_same_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("lending", "INFO")
    try:
        raise ValueError("a bug")
    except ValueError:
        structlog.get_logger("shared.any").exception("died")

    (line,) = capsys.readouterr().out.splitlines()
    assert "ValueError: a bug" in json.loads(line)["exception"]


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("password", "hunter2", "[hidden]"),
        ("refresh_token", "abc", "[hidden]"),
        ("email", "a@b.example", "[hidden]"),
        ("headers", {"Authorization": "Bearer x", "Accept": "*/*"}, None),
        ("uri", "amqp://user:pass@host:5672/v", "amqp://[hidden]@host:5672/v"),
        ("error", "no such person: ada.l+x@example.org!", "no such person: [hidden]!"),
        ("queue", "lending.on_book_returned", "lending.on_book_returned"),
        ("count", 5, 5),
    ],
)
def test_secrets_and_addresses_are_hidden(key: str, value: object, shown: object) -> None:
    line = logs.redact(None, "info", {key: value})

    if shown is None:
        shown = {"Authorization": "[hidden]", "Accept": "*/*"}
    assert line == {key: shown}


def test_an_error_is_described_in_one_short_line_with_its_code() -> None:
    assert describe(Conflict("book-lent", "It is lent.")) == "Conflict book-lent: It is lent."
    assert describe(ValueError("two\nlines")) == "ValueError: two lines"
    assert len(describe(ValueError("x" * 10_000))) == 500
