"""Worlds on databases of their own, one for each crash."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from deploy.embedded.database import Database
from shared.platform import Platform
from tests.integration.payments.real import RealWorld, platform
from tests.servers import new_prefix
from tests.unit.payments.fakes import Time

NewWorld = Callable[..., RealWorld]
NewPlatform = Callable[..., Platform]


@pytest.fixture
def new_world(database: Database) -> Iterator[NewWorld]:
    with ExitStack() as stack:

        def make(crash_at: int = 0) -> RealWorld:
            world = RealWorld(database.uri, stack.enter_context(new_prefix(database)), crash_at)
            stack.callback(world.platform.client.close)
            return world

        yield make


@pytest.fixture
def new_platform(database: Database, database_prefix: str) -> Iterator[NewPlatform]:
    with ExitStack() as stack:

        def make(environment: str = "development", **settings: str) -> Platform:
            made = platform(database.uri, database_prefix, Time(), environment, **settings)
            stack.callback(made.client.close)
            return made

        yield make
