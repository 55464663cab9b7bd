"""Which stacks run under `.stint/`, and how to end them from another terminal."""

import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from deploy.embedded.processes import HOME, EmbeddedError, members, sweep

STACKS = HOME / ".stint"
TESTS = STACKS / "test"
STATE = "state.json"
STOP_SECONDS = 75  # Services take up to 35 of them, the broker and the database the rest.


class Lock:
    """Held by the process that runs a stack; the system lets go of it when that process ends."""

    NAME = "lock"

    def __init__(self, root: Path) -> None:
        self._path = root / self.NAME
        self._file: IO[str] | None = None

    def take(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+")
        # Whoever asks who the owner is holds the lock for a moment.
        deadline = time.monotonic() + 0.5
        while not (taken := _locked(file)) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not taken:
            file.close()
            raise EmbeddedError(
                f"a stack already runs in {self._path.parent}: `make stop` ends it."
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


def owner(root: Path) -> int | None:
    """The pid that runs the stack of this folder; None when nobody does."""
    try:
        file = (root / Lock.NAME).open("r+")
    except FileNotFoundError:
        return None
    with file:
        return None if _locked(file) else int(file.read() or 0) or None


def running() -> dict[str, dict[str, Any]]:
    """What each stack that runs under `.stint/` wrote about itself, by its folder's name."""
    found = {}
    for root in _roots():
        if (pid := owner(root)) and (root / STATE).exists():
            found[root.name] = {"owner": pid, **json.loads((root / STATE).read_text())}
    return found


def stop_all(say: Callable[[str], None]) -> None:
    """End every stack under `.stint/`, and what a crash has left; test runs that live go on."""
    for root in _roots():
        if owner(root):
            say(f"stopping {root.relative_to(HOME)}")
            stop(root)
    spared = {pid for root in _roots(TESTS) if owner(root) for pid in members(root)}
    if left := set(members(STACKS)) - spared:
        say(f"ending {len(left)} processes that were left behind")
        sweep(STACKS, spared=spared)


def stop(root: Path) -> None:
    """End the stack of one folder; its owner is asked first, and killed when it takes too long."""
    pid = owner(root)
    if pid:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while owner(root) and time.monotonic() < deadline:
            time.sleep(0.1)
        if owner(root):
            os.kill(pid, signal.SIGKILL)
    sweep(root)


def adopt_environment() -> None:
    """Let commands reach the stack of `make run` where the environment names no other."""
    if "AMQP_URI" in os.environ or not STACKS.exists():
        return
    stack = running().get("run")
    if stack:
        print("(the stack of `make run`)", file=sys.stderr)
        for name, value in stack["environment"].items():
            os.environ.setdefault(name, value)


def _roots(folder: Path = STACKS) -> Iterator[Path]:
    return (lock.parent for lock in sorted(folder.glob(f"*/{Lock.NAME}")))


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
