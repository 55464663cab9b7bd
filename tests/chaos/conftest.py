"""The servers of the integration tests, for the tests here that need no whole stack."""

import logging
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
import structlog

from shared import delivery, messaging, store
from shared.codec import Codec
from tests.chaos.stack import ChaosStack
from tests.integration.conftest import (
    _servers_survive,
    database_prefix,
    pytest_runtest_makereport,
    service_env,
    start_service,
    vhost,
)
from tests.integration.messaging.stage import runs, sample, wire

__all__ = [
    "_servers_survive",
    "database_prefix",
    "pytest_runtest_makereport",
    "runs",
    "sample",
    "service_env",
    "start_service",
    "vhost",
    "wire",
]


@pytest.fixture(scope="session")
def chaos_stack(servers_folder: Path) -> Iterator[ChaosStack]:
    """One whole stack for the tests that leave it sound."""
    with ChaosStack(servers_folder / "chaos-stack") as stack:
        yield stack


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The model's time is its own: what is tried again is tried at once."""

    def at_once(*_: float) -> Iterator[float]:
        return repeat(0.0)

    codecs: dict[type, Codec[Any]] = {}

    def codec(aggregate: type, *others: Any) -> Codec[Any]:
        return codecs.setdefault(aggregate, codecs.get(aggregate) or Codec(aggregate, *others))

    monkeypatch.setattr(delivery, "backoff", at_once)
    monkeypatch.setattr(messaging, "backoff", at_once)
    monkeypatch.setattr(store, "Codec", codec)  # Making one takes longer than all it does here.
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet, cache_logger_on_first_use=False)
    yield
    structlog.reset_defaults()
