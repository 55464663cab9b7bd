"""The six services under supervisor, which starts again whatever dies."""

import http.client
import os
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
import xmlrpc.client
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deploy.embedded.processes import HOME, Child, EmbeddedError, free_ports

SERVICES = ("projects", "applications", "matching", "payments", "notifications", "gateway")
GROUP = "stint"  # As deploy/supervisord.conf names it.
STOP_SECONDS = 45  # supervisord gives each service 35 of them.
MOST_STARTS = 3
LONGEST_SOCKET_PATH = 100  # Bytes; the system's limit is 108.


class Services:
    """The processes of one stack."""

    def __init__(self, root: Path, stack: Path, env: Mapping[str, str]) -> None:
        self.logs = root / "logs"
        self.health_ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
        self._socket = _socket_path(root)
        ports = {f"STINT_PORT_{name.upper()}": str(p) for name, p in self.health_ports.items()}
        self.supervisor = Child(
            "supervisor",
            [
                Path(sys.executable).with_name("supervisord"),
                *("-c", HOME / "deploy" / "supervisord.conf"),
            ],
            stack=stack,
            log=self.logs / "supervisord.out",
            env={
                **env,
                **ports,
                "PYTHONUNBUFFERED": "1",
                "STINT_LOGS": str(self.logs),
                "STINT_PYTHON": sys.executable,
                "STINT_ROOT": str(root),
                "STINT_SUPERVISOR_SOCKET": str(self._socket),
            },
        )

    @property
    def started(self) -> bool:
        return self.supervisor.alive

    @property
    def pids(self) -> dict[str, int]:
        running = {each["name"]: each["pid"] for each in self._states() if each["pid"]}
        return {"supervisor": self.supervisor.pid, **running}

    def begin(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)  # Of a run that was killed.
        self.supervisor.start()
        self.supervisor.wait_until(self._answers, 20)

    def wait_ready(self, seconds: float, say: Callable[[str], None]) -> None:
        """Until every service says it is ready; EmbeddedError tells which one is not, and why."""
        waiting = list(SERVICES)
        starts: dict[str, set[int]] = {name: set() for name in SERVICES}
        deadline = time.monotonic() + seconds
        while waiting:
            for name in [each for each in waiting if self.ready(each)]:
                waiting.remove(name)
                say(f"{name} is ready")
            self._complain_of_a_dead_one(starts)
            if waiting and time.monotonic() > deadline:
                raise EmbeddedError(
                    f"{', '.join(waiting)} not ready after {seconds:.0f} s; "
                    f"the end of {self.logs / waiting[0]}.log:\n{self.last_lines(waiting[0])}"
                )
            time.sleep(0.2)

    def ready(self, name: str) -> bool:
        address = f"http://127.0.0.1:{self.health_ports[name]}/health/ready"
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                return bool(answer.status == http.client.OK)
        except (urllib.error.URLError, OSError, http.client.HTTPException):
            return False

    def stop(self) -> None:
        self.supervisor.terminate(STOP_SECONDS)
        self._socket.unlink(missing_ok=True)

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a service; SIGKILL is a crash, after which it is started again."""
        os.kill(self.pids[name], number)

    def stop_one(self, name: str) -> None:
        self._call("stopProcess", f"{GROUP}:{name}")

    def start_one(self, name: str) -> None:
        self._call("startProcess", f"{GROUP}:{name}", False)  # Without waiting.

    def last_lines(self, name: str, count: int = 12) -> str:
        log = self.logs / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return "\n".join(lines[-count:])

    def _complain_of_a_dead_one(self, starts: dict[str, set[int]]) -> None:
        """`starts` gathers the pids that each service has had."""
        for each in self._states():
            name = each["name"]
            starts[name].add(each["pid"])
            # Code 2 is a service that cannot start as it is set up: trying again changes nothing.
            hopeless = each["statename"] in ("BACKOFF", "EXITED") and each["exitstatus"] == 2
            if hopeless or each["statename"] == "FATAL" or len(starts[name] - {0}) > MOST_STARTS:
                raise EmbeddedError(f"{name} does not start:\n{self.last_lines(name, 3)}")

    def _states(self) -> list[dict[str, Any]]:
        return self._call("getAllProcessInfo") if self.started else []

    def _answers(self) -> bool:
        try:
            self._call("getState")
        except OSError:
            return False
        return True

    def _call(self, method: str, *arguments: Any) -> Any:
        transport = _Transport(self._socket)
        with xmlrpc.client.ServerProxy("http://supervisor/RPC2", transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = _Connection(self._path)
        self._connection = host, connection  # Where close() looks for it.
        return connection


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("supervisor", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _socket_path(root: Path) -> Path:
    path = root / "supervisor.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    return Path(tempfile.mkdtemp(prefix="stint-")) / "supervisor.sock"
