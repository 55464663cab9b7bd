"""What holds for every test: no network where none is needed, and examples that repeat."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.servers import run_folder

HERE = Path(__file__).parent
WITH_SERVERS = ("integration", "e2e", "chaos")

settings.register_profile("stint", deadline=None, derandomize=True, max_examples=60)
settings.register_profile("explore", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "stint"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(HERE).parts[0] if item.path.is_relative_to(HERE) else ""
        if folder not in WITH_SERVERS:
            item.add_marker(pytest.mark.disable_socket)


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """Where the servers of this run keep their data; whatever still runs at its end is ended."""
    with run_folder() as folder:
        yield folder
