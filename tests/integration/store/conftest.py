"""The tally service on a vhost and a database of its own."""

from collections.abc import Iterator

import pytest

from deploy.embedded.database import Database
from shared.platform import Platform
from shared.store import Store
from tests.integration.store.tally import Counter, Inbox, counters, platform
from tests.servers import Vhost

Environment = dict[str, str]


@pytest.fixture
def environment(vhost: Vhost, database: Database, database_prefix: str) -> Environment:
    return {
        "AMQP_URI": vhost.amqp_uri,
        "MONGO_URI": database.uri,
        "DATABASE_PREFIX": database_prefix,
    }


@pytest.fixture
def quiet(database: Database, database_prefix: str) -> Iterator[Platform]:
    """A platform that loads and saves and announces nothing: this process is not patched."""
    made = platform(
        {
            "AMQP_URI": "amqp://nowhere",
            "MONGO_URI": database.uri,
            "DATABASE_PREFIX": database_prefix,
        }
    )
    yield made
    made.stop()


@pytest.fixture
def store(quiet: Platform) -> Store[Counter]:
    made = counters(quiet)
    quiet.prepare()
    return made


@pytest.fixture
def other(quiet: Platform) -> Store[Counter]:
    """The same aggregates, as another process sees them."""
    return counters(quiet)


@pytest.fixture
def inbox(vhost: Vhost) -> Inbox:
    return Inbox(vhost)
