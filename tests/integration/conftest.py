"""A real broker, a real database protocol and real service processes, private to this test run."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.embedded.broker import Broker
from deploy.embedded.database import Database
from deploy.embedded.processes import free_ports
from tests.servers import (
    SHORT_LADDER,
    ServiceProcess,
    Vhost,
    diagnose,
    new_prefix,
    new_vhost,
)

StartService = Callable[..., ServiceProcess]
STARTED = pytest.StashKey[list[ServiceProcess]]()
STOP_SECONDS = 15


@pytest.fixture(autouse=True)
def _servers_survive(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test killed and did not start again must not fail the next one."""
    yield
    for name in {"broker", "database"} & set(request.fixturenames):
        server: Broker | Database = request.getfixturevalue(name)
        if not server.alive:
            server.restart()


@pytest.fixture
def vhost(broker: Broker) -> Iterator[Vhost]:
    with new_vhost(broker) as vhost:
        yield vhost


@pytest.fixture(scope="module")
def module_vhost(broker: Broker) -> Iterator[Vhost]:
    with new_vhost(broker) as vhost:
        yield vhost


@pytest.fixture
def database_prefix(database: Database) -> Iterator[str]:
    with new_prefix(database) as prefix:
        yield prefix


@pytest.fixture(scope="module")
def module_database_prefix(database: Database) -> Iterator[str]:
    with new_prefix(database) as prefix:
        yield prefix


@pytest.fixture
def service_env(
    vhost: Vhost, database: Database, database_prefix: str, tmp_path: Path
) -> dict[str, str]:
    """The environment of a service that lives in this test's vhost and databases."""
    (http_port,) = free_ports(1)
    return {
        "STINT_ENV": "development",
        "AMQP_URI": vhost.amqp_uri,
        "MANAGEMENT_URI": vhost.management_uri,
        "MONGO_URI": database.uri,
        "DATABASE_PREFIX": database_prefix,
        "RETRY_LADDER": SHORT_LADDER,
        "SECURITY_HOLD_DAYS": "0",
        "CLOCK_OFFSET_FILE": str(tmp_path / "clock-offset"),
        "FILES_DIR": str(tmp_path / "files"),
        "HTTP_PORT": str(http_port),
        "ID_KEY": uuid4().hex * 2,
    }


@pytest.fixture
def start_service(
    request: pytest.FixtureRequest, servers_folder: Path, service_env: dict[str, str]
) -> Iterator[StartService]:
    """`start_service("payments", RATE="7")`: a ready process, ended with the test.

    `ready=False` returns at once. Keyword arguments are added to its environment.
    """
    started = request.node.stash.setdefault(STARTED, [])
    with ExitStack() as running:

        def start(what: str, *, ready: bool = True, **env: str) -> ServiceProcess:
            process = ServiceProcess(what, {**service_env, **env}, servers_folder)
            started.append(process)
            running.callback(process.terminate, STOP_SECONDS)
            process.start()
            if ready:
                process.wait_ready()
            return process

        yield start


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:
    report = yield
    if report.failed and call.when == "call":
        used = getattr(item, "funcargs", {})
        vhost = used.get("vhost") or used.get("module_vhost")
        prefix = used.get("database_prefix") or used.get("module_database_prefix") or ""
        database = used.get("database") if prefix else None
        if text := diagnose(vhost, database, prefix):
            report.sections.append(("broker and database", text))
        report.sections += [
            (f"end of the log of {service.name}", service.last_lines())
            for service in item.stash.get(STARTED, [])
        ]
    return report
