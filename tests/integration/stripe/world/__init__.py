"""A stateful Stripe that others wrote, as a process: found, installed and started from here."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from deploy.embedded.processes import HOME, Child, free_ports, listens

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
FOLDER = HOME / ".stint" / "stripe-world"
RIGHT = "import sys; sys.exit(sys.version_info[:2] not in ((3, 13), (3, 14)))"
PLACES = (
    ".pyenv/versions/3.1[34]*/bin/python",
    ".local/share/uv/python/cpython-3.1[34]*/bin/python",
)
INSTALL_SECONDS, START_SECONDS = 300, 60
HOST = "127.0.0.1"


class Missing(Exception):
    """Why it cannot run here, in one sentence."""


def python() -> Path:
    """A CPython that can run it; raises Missing."""
    named = [os.environ.get("STRIPE_WORLD_PYTHON", ""), "python3.14", "python3.13"]
    paths = [Path(found) for name in named if name and (found := shutil.which(name))]
    paths += [path for place in PLACES for path in sorted(Path.home().glob(place))]
    for path in [Path(sys.executable), *paths]:
        if subprocess.run([path, "-c", RIGHT], capture_output=True).returncode == 0:
            return path
    raise Missing("no CPython 3.13 or 3.14 was found: name one in STRIPE_WORLD_PYTHON")


def environment() -> Path:
    """The interpreter of its environment, made where it is not up to date; raises Missing."""
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    stamp = FOLDER / "stamp"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    with (FOLDER.parent / "stripe-world.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            _install(python())
            stamp.write_text(wanted)
    return FOLDER / "bin" / "python"


def _install(interpreter: Path) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    options = ["--quiet", "--disable-pip-version-check", "--ignore-requires-python", "--no-deps"]
    pip = [FOLDER / "bin" / "python", "-m", "pip", "install", *options, "--require-hashes"]
    steps = [[interpreter, "-m", "venv", FOLDER], [*pip, "-r", REQUIREMENTS]]
    for step in steps:
        try:
            done = subprocess.run(step, capture_output=True, text=True, timeout=INSTALL_SECONDS)
        except subprocess.TimeoutExpired as exc:
            raise Missing("its packages could not be installed in time") from exc
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no reason given"]
            raise Missing(f"its packages cannot be installed: {lines[-1]}")


class World:
    """The server; each `new()` is an account of its own."""

    def __init__(self, folder: Path, stack: Path) -> None:
        interpreter = environment()
        (self.port,) = free_ports(1)
        options = ["--host", HOST, "--port", str(self.port), "--max-instances", "0"]
        mode = ["--reset-options", '{"startup": {"livemode": false}}']
        self._server = Child(
            "the Stripe world",
            [interpreter, HERE / "serve.py", *options, *mode],
            stack=stack,
            log=folder / "console.log",
        )

    def new(self) -> str:
        """The address of a new account's API."""
        return f"http://{HOST}:{self.port}/worlds/{uuid4().hex}"

    def running(self) -> Iterator["World"]:
        self._server.start()
        try:
            self._server.wait_until(lambda: listens(self.port), START_SECONDS)
            yield self
        finally:
            self._server.kill()
