"""`stint run` and `stint stop`, as typed in two terminals."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded import state
from deploy.embedded.processes import HOME, Child, members, sweep
from tests.servers import health
from tests.waiting import wait_until

STINT = Path(sys.executable).with_name("stint")


@pytest.fixture
def root(servers_folder: Path, tmp_path: Path) -> Iterator[Path]:
    root = servers_folder / f"run-{tmp_path.name}"
    yield root
    sweep(root, grace=0)


def started(root: Path) -> Child:
    """A `stint run` that is ready."""
    run = Child("stint run", [STINT, "run", "--root", root], stack=root.parent, log=root / "out")
    run.start()
    run.wait_until(lambda: "Ctrl-C" in run.log.read_text(), 180)
    return run


def test_a_stack_runs_restarts_what_dies_refuses_a_second_one_and_leaves_nothing(
    root: Path,
) -> None:
    run = started(root)
    about = json.loads((root / state.STATE).read_text())
    with urllib.request.urlopen(f"{about['addresses']['gateway']}/openapi.json") as answer:
        assert answer.status == 200

    os.kill(about["pids"]["payments"], signal.SIGKILL)
    port = about["health_ports"]["payments"]
    wait_until(lambda: not health(port), 10, "payments is gone")
    wait_until(lambda: health(port), 90, "payments is back")

    second = stint("run", "--root", str(root))
    assert second.returncode == 2
    assert "already runs" in second.stderr

    assert stint("stop", "--root", str(root)).returncode == 0
    wait_until(lambda: not run.alive, 10, "stint run has ended")
    assert run.exit_code == 0
    assert list(members(root)) == []


def stint(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [STINT, *arguments], cwd=HOME, capture_output=True, text=True, timeout=120, check=False
    )
