"""Finds RabbitMQ's own start script, and installs Debian's package where that is possible."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.processes import HOME, EmbeddedError

# The script in the package's own folder: the one on the PATH insists on the user rabbitmq.
PLACES = (
    (Path("/usr/lib/rabbitmq/lib"), "rabbitmq_server-*/sbin/rabbitmq-server"),
    (Path("/usr/lib/rabbitmq/bin"), "rabbitmq-server"),
    (Path("/opt/homebrew/opt/rabbitmq/sbin"), "rabbitmq-server"),
    (Path("/usr/local/opt/rabbitmq/sbin"), "rabbitmq-server"),
)
POLICY = Path("/usr/sbin/policy-rc.d")
MISSING = (
    "RabbitMQ is not installed and cannot be installed from here: "
    "install the package rabbitmq-server (it need not run) and try again."
)


def rabbitmq_server() -> Path:
    """The script that starts a node, installed first when this is root on Debian."""
    found = _find()
    if found is None and _can_install():
        with _one_at_a_time():
            found = _find()
            if found is None:
                _install()
                found = _find()
    if found is None or shutil.which("epmd") is None:
        raise EmbeddedError(MISSING)
    return found


def _find() -> Path | None:
    for folder, pattern in PLACES:
        if scripts := sorted(folder.glob(pattern)):
            return scripts[-1]
    on_path = shutil.which("rabbitmq-server")
    return Path(on_path) if on_path else None


def _can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install() -> None:
    print("installing Debian's rabbitmq-server (once)", file=sys.stderr)
    log = HOME / ".stint" / "install-rabbitmq.log"
    apt = ["apt-get", "-y", "-o", "DPkg::Lock::Timeout=300"]
    with _no_service_starts(), log.open("wb") as output:
        for step in (["update"], ["install", "--no-install-recommends", "rabbitmq-server"]):
            done = subprocess.run(
                [*apt, *step],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
            if done.returncode and step[0] == "install":
                raise EmbeddedError(f"{MISSING} What apt-get said is in {log}.")


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Debian starts what it installs; this machine's port 5672 is not ours to take."""
    if POLICY.exists():
        kept: str | None = POLICY.read_text()
        mode = POLICY.stat().st_mode
    else:
        kept, mode = None, 0o755
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        if kept is None:
            POLICY.unlink()
        else:
            POLICY.write_text(kept)
            POLICY.chmod(mode)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    lock = HOME / ".stint" / "install.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
