"""Starts processes so that they can be found and ended again, whoever died first.

Every process carries the folder of its stack in its environment, and so do the processes that it
starts. Ending a stack means ending whoever carries its folder: no list of pids can go stale.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

TAG = "STINT_STACK"
HOME = Path(__file__).resolve().parents[2]
LAST_LINES = 12


class EmbeddedError(Exception):
    """Something needed cannot be started; the text is for whoever typed the command."""


class Child:
    """One process in a session of its own, with its output in a file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        stack: Path,
        log: Path,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self._env = {**os.environ, **(env or {}), TAG: str(stack.resolve())}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._started().pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._started().poll()

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=HOME,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def terminate(self, seconds: float = 10) -> None:
        """Ask it to stop, and kill it when it has not within the seconds given."""
        if not self.alive:
            return
        self.thaw()
        self._signal(signal.SIGTERM)
        try:
            self._started().wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it and its process group at once, as `kill -9` does."""
        if self._process is None:
            return
        self._signal(signal.SIGKILL, group=True)
        self._process.wait(10)

    def freeze(self) -> None:
        """Stop all its threads; on a busy machine the signal reaches them after `kill` returned."""
        self._signal(signal.SIGSTOP, group=True)
        deadline = time.monotonic() + 10
        while self.alive and not _is_stopped(self.pid) and time.monotonic() < deadline:
            time.sleep(0.005)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT, group=True)

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until it is ready; EmbeddedError with the end of its log when it dies or is late."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise EmbeddedError(
                    f"{self.name} ended with code {self.exit_code}:\n{self.last_lines()}"
                )
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"{self.name} is not ready after {seconds:.0f} s:\n{self.last_lines()}"
                )
            time.sleep(0.05)

    def last_lines(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-LAST_LINES:])

    def _signal(self, number: int, *, group: bool = False) -> None:
        with suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.pid, number)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise EmbeddedError(f"{self.name} was not started.")
        return self._process


class Watchdog:
    """Ends a stack when the process that owns it is gone, however that died."""

    def __init__(self, stack: Path) -> None:
        # It waits for the end of its input, which the system closes when the owner dies.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "deploy.embedded.watchdog", str(stack.resolve())],
            cwd=HOME,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """Let it go, after it has ended whatever is left."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(30)


def sweep(stack: Path, grace: float = 5, spared: Collection[int] = ()) -> None:
    """End whoever belongs to the stack or to one in a folder below it."""
    _signal_all(set(members(stack)) - set(spared), signal.SIGTERM)
    deadline = time.monotonic() + grace
    while (left := set(members(stack)) - set(spared)) and time.monotonic() < deadline:
        time.sleep(0.05)
    while left:
        _signal_all(left, signal.SIGKILL)
        time.sleep(0.02)
        left = set(members(stack)) - set(spared)


def members(stack: Path) -> Iterator[int]:
    """The pids of the stack and of the stacks in folders below it."""
    folder = str(stack.resolve())
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            tag = _tag(entry)
            if tag == folder or tag.startswith(folder + "/"):
                yield int(entry.name)


def _tag(entry: Path) -> str:
    try:
        variables = (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return ""  # Gone meanwhile, or another user's.
    wanted = f"{TAG}=".encode()
    return next((v[len(wanted) :].decode() for v in variables if v.startswith(wanted)), "")


def _is_stopped(pid: int) -> bool:
    """Whether each thread stands still; the state follows the name in parentheses."""
    try:
        lines = [file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/stat")]
    except OSError:
        return False  # A thread has just ended.
    return bool(lines) and all(line.rpartition(")")[2].split()[0] in "Tt" for line in lines)


def _signal_all(pids: set[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
            os.kill(pid, signal.SIGCONT)  # A frozen process acts on nothing else.


def free_ports(count: int) -> list[int]:
    """Ports on the loopback address that nobody listens on, all different."""
    ports: list[int] = []
    while len(ports) < count:
        # Below the range that the system takes for outgoing connections, which could be quicker.
        port = 15_000 + secrets.randbelow(17_000)
        if port not in ports and is_free(port):
            ports.append(port)
    return ports


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
