"""A service of its own for each test."""

import pytest

from tests.unit.applications.world import World


@pytest.fixture
def world() -> World:
    return World()
