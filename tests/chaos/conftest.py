"""The servers of the integration tests, for the tests here that need no whole stack."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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
