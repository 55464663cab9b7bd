"""The whole stack, as `make run` starts it, with short waits and a clock that tests may move."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.embedded.processes import free_ports
from deploy.embedded.stack import Stack
from tests.servers import SHORT_LADDER, Vhost, diagnose

MAIL_SECRET = "bounces-come-with-this"
Travel = Callable[[float], None]


@pytest.fixture(scope="session")
def clock_offset_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("clock") / "offset"
    file.write_text("0")
    return file


@pytest.fixture(scope="session")
def stack(servers_folder: Path, clock_offset_file: Path) -> Iterator[Stack]:
    """The six services, ready; one stack for the whole run."""
    (http_port,) = free_ports(1)
    env = {
        "RETRY_LADDER": SHORT_LADDER,
        "CLOCK_OFFSET_FILE": str(clock_offset_file),
        "HTTP_PORT": str(http_port),
        "RATE_LIMIT": "100000/minute",
        "SIGN_IN_LIMIT": "100000/minute",
        "MAIL_HOOK_SECRET": MAIL_SECRET,
        "WEBHOOKS_TO_PRIVATE": "true",
    }
    with Stack(servers_folder / "stack", fresh=True, env=env) as stack:
        yield stack


@pytest.fixture
def travel(clock_offset_file: Path) -> Travel:
    """Move every service's clock on by so many seconds; it never goes back."""

    def move(seconds: float) -> None:
        unfinished = clock_offset_file.with_suffix(".new")
        unfinished.write_text(str(float(clock_offset_file.read_text()) + seconds))
        unfinished.replace(clock_offset_file)

    return move


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and call.when == "call" and isinstance(stack, Stack):
        stuck = diagnose(Vhost(stack.broker, "/"), stack.database, "stint")
        report.sections.append(("queues, parked messages, outboxes", stuck))
        report.sections += [
            (f"end of {log.name}", "\n".join(log.read_text(errors="replace").splitlines()[-15:]))
            for log in sorted(stack.services.logs.glob("*.log"))
        ]
    return report
