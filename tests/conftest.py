"""What holds for every test: no network where none is needed, and examples that repeat."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from deploy.embedded.broker import Broker
from deploy.embedded.database import Database
from deploy.embedded.mail import MailSink
from tests.servers import run_folder

pytest_plugins = ["tests.counting"]

HERE = Path(__file__).parent
WITH_SERVERS = ("integration", "e2e", "chaos")
# They talk to programs of others, whose clocks do not travel with the stack's: before any other.
BY_THE_REAL_CLOCK = ("test_identity.py", "test_partner_streams.py")

settings.register_profile("stint", deadline=None, derandomize=True, max_examples=60)
settings.register_profile("explore", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "stint"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes goes first, and small tests fill the end: no worker waits for another."""
    items.sort(
        key=lambda item: (
            item.path.name not in BY_THE_REAL_CLOCK,
            _folder(item) not in WITH_SERVERS,
        )
    )
    for item in items:
        if _folder(item) not in WITH_SERVERS:
            item.add_marker(pytest.mark.disable_socket)


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(HERE).parts[0] if item.path.is_relative_to(HERE) else ""


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """Where the servers of this run keep their data; whatever still runs at its end is ended."""
    with run_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def broker(servers_folder: Path) -> Iterator[Broker]:
    """One node for the whole run."""
    broker = Broker(servers_folder / "broker", servers_folder)
    broker.start()
    yield broker
    broker.kill()  # Its data is thrown away: nothing to wait for.
    broker.stop()


@pytest.fixture(scope="session")
def database(servers_folder: Path) -> Iterator[Database]:
    """One server for the whole run."""
    database = Database(servers_folder / "database", servers_folder)
    database.start()
    yield database
    database.kill()


@pytest.fixture(scope="session")
def mail_sink(servers_folder: Path) -> Iterator[MailSink]:
    sink = MailSink(servers_folder / "mail", servers_folder)
    sink.start()
    yield sink
    sink.kill()
