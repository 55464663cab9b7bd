"""Logs: one JSON object per line on stdout, with what the context knows and without secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

SECRET = re.compile(r"password|secret|token|authorization|cookie|api_?key|e_?mail", re.IGNORECASE)
CREDENTIALS = re.compile(r"(\w+://)[^/\s@]*@")
ADDRESS = re.compile(r"(?<!://)[\w.+-]+@[\w-]+(\.[\w-]+)+")
# Libraries that tell in many lines what we tell in one.
QUIET = {"pika": logging.CRITICAL, "nameko": logging.CRITICAL, "amqp": logging.ERROR}


def configure(service: str, level: str = "INFO") -> None:
    """Send our log lines, and the warnings of libraries, to stdout as JSON."""
    processors = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(service),
    ]
    structlog.configure(
        processors=[*processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=processors,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                structlog.processors.JSONRenderer(serializer=_dumps),
            ],
        )
    )
    _route(handler, level)


def note_duplicate() -> None:
    """Remember in this context that its message had been handled before."""
    structlog.contextvars.bind_contextvars(duplicate=True)


def saw_duplicate() -> bool:
    return bool(structlog.contextvars.get_contextvars().get("duplicate"))


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide values under secret names, and credentials in addresses, however deep."""
    return {key: _hidden(key, value) for key, value in line.items()}


def _hidden(key: str, value: Any) -> Any:
    if SECRET.search(key):
        return "[hidden]"
    if isinstance(value, dict):
        return {str(name): _hidden(str(name), inner) for name, inner in value.items()}
    if isinstance(value, str):
        return ADDRESS.sub("[hidden]", CREDENTIALS.sub(r"\1[hidden]@", value))
    return value


def _named(service: str) -> Any:
    def add(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> Any:
        line.setdefault("service", service)
        return line

    return add


def _dumps(line: Any, **_options: Any) -> str:
    return orjson.dumps(line, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()


def _route(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for ours in ("shared", "services"):
        logging.getLogger(ours).setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
