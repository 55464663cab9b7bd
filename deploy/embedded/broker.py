"""A private RabbitMQ node: its own folder, ports, cookie and name server, beside any other node."""

import json
import shutil
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deploy.embedded import install
from deploy.embedded.processes import Child, free_ports, listens

USER = PASSWORD = "guest"
START_SECONDS = 60

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
collect_statistics_interval = 1000
disk_free_limit.absolute = 100MB
raft.wal_max_size_bytes = 67108864
"""


class Broker:
    """One node. Ports stay the same over a restart, so that clients find it again."""

    def __init__(self, folder: Path, stack: Path | None = None) -> None:
        self.folder = folder.resolve()
        self.amqp_port, self.management_port, self._dist, self._epmd_port = free_ports(4)
        stack = stack or self.folder
        script = install.rabbitmq_server()
        epmd = shutil.which("epmd") or "epmd"
        # epmd in the foreground, as a child of ours: the node would start one that outlives it.
        self._epmd = Child(
            "epmd",
            [epmd, "-address", "127.0.0.1", "-port", str(self._epmd_port)],
            stack=stack,
            log=self.folder / "epmd.log",
        )
        self.node = Child(
            "RabbitMQ",
            [script],
            stack=stack,
            log=self.folder / "console.log",
            env=self._environment(),
        )

    @property
    def pids(self) -> dict[str, int]:
        return {"rabbitmq": self.node.pid, "epmd": self._epmd.pid}

    @property
    def alive(self) -> bool:
        return self.node.alive

    @property
    def management_uri(self) -> str:
        return f"http://{USER}:{PASSWORD}@127.0.0.1:{self.management_port}"

    def amqp_uri(self, vhost: str = "/") -> str:
        return f"amqp://{USER}:{PASSWORD}@127.0.0.1:{self.amqp_port}/{quote(vhost, safe='')}"

    def begin(self) -> None:
        """Start it without waiting; `wait_ready` does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (self.folder / "environment").write_text("")
        (self.folder / "advanced.config").write_text("[].\n")
        (self.folder / "rabbitmq.conf").write_text(
            CONFIGURATION.format(amqp=self.amqp_port, management=self.management_port)
        )
        if not self._epmd.alive:
            self._epmd.start()
            self._epmd.wait_until(lambda: listens(self._epmd_port), 10)
        self.node.start()

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        self.node.wait_until(self._answers, seconds)

    def start(self) -> None:
        self.begin()
        self.wait_ready()

    def stop(self) -> None:
        # A node closes its queues and files within the first second and then waits for five more.
        self.node.terminate(3)
        self._epmd.terminate(2)

    def kill(self) -> None:
        """`kill -9`, as a crash of the node."""
        self.node.kill()

    def restart(self) -> None:
        """Start it again after `kill` or `stop`, on the same ports and data."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        self.node.freeze()

    def thaw(self) -> None:
        self.node.thaw()

    def add_vhost(self, name: str) -> str:
        """A vhost of that name; returns its AMQP URI."""
        self.api("PUT", f"vhosts/{quote(name, safe='')}")
        self.api(
            "PUT",
            f"permissions/{quote(name, safe='')}/{USER}",
            {"configure": ".*", "write": ".*", "read": ".*"},
        )
        return self.amqp_uri(name)

    def drop_vhost(self, name: str) -> None:
        self.api("DELETE", f"vhosts/{quote(name, safe='')}")

    def api(self, method: str, path: str, body: object = None) -> Any:
        """The management API's answer, decoded; None when it is empty."""
        credentials = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.management_port}/api/{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Basic {credentials}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def _answers(self) -> bool:
        try:
            self.api("GET", "overview")
        except (urllib.error.URLError, OSError):
            return False
        return listens(self.amqp_port)

    def _environment(self) -> dict[str, str]:
        folder = str(self.folder)
        settings = {
            "NODENAME": "stint@localhost",
            "NODE_PORT": str(self.amqp_port),
            "NODE_IP_ADDRESS": "127.0.0.1",
            "DIST_PORT": str(self._dist),
            "MNESIA_BASE": f"{folder}/data",
            "LOG_BASE": f"{folder}/log",
            "ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "CONFIG_FILE": f"{folder}/rabbitmq",
            "ADVANCED_CONFIG_FILE": f"{folder}/advanced.config",
            "CONF_ENV_FILE": f"{folder}/environment",
            "GENERATED_CONFIG_DIR": f"{folder}/config",
            "PID_FILE": f"{folder}/node.pid",
        }
        return {
            **{f"RABBITMQ_{name}": value for name, value in settings.items()},
            # Makes the script become the node, so that our signals reach it without a detour.
            "RUNNING_UNDER_SYSTEMD": "1",
            # A cookie of its own, and a name server that only this node asks.
            "HOME": folder,
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
