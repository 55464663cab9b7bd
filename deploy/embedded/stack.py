"""The whole of Stint on one machine: broker, database, mail, topology and the six services."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.embedded.broker import Broker
from deploy.embedded.database import Database
from deploy.embedded.mail import MailSink
from deploy.embedded.processes import (
    HOME,
    EmbeddedError,
    Watchdog,
    free_ports,
    is_free,
    sweep,
)
from deploy.embedded.state import STATE, Lock
from deploy.embedded.supervision import SERVICES, Services

USUAL_HTTP_PORT = 8000
READY_SECONDS = 120  # They take five; a busy machine may take much longer.


def to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class Stack:
    """`with Stack(folder) as stack:` runs it; leaving the block leaves nothing running.

    `fresh` throws away the data of an earlier run. `env` is added to every service's environment.
    """

    def __init__(
        self,
        root: Path,
        *,
        fresh: bool = False,
        env: Mapping[str, str] | None = None,
        say: Callable[[str], None] = to_stderr,
    ) -> None:
        self.root = root.resolve()
        self._fresh = fresh
        self._extra = dict(env or {})
        self._say = say
        self._lock = Lock(self.root)
        self._watchdog: Watchdog | None = None

    # Declared here, made by start().
    broker: Broker
    database: Database
    mail: MailSink
    services: Services
    http_port: int

    @property
    def url(self) -> str:
        """The gateway's address, without a slash at the end."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a service of this stack reads from its environment."""
        return {
            "STINT_ENV": "development",
            "AMQP_URI": self.broker.amqp_uri(),
            "MANAGEMENT_URI": self.broker.management_uri,
            "MONGO_URI": self.database.uri,
            "DATABASE_PREFIX": "stint",
            "SMTP_HOST": self.mail.host,
            "SMTP_PORT": str(self.mail.port),
            "FILES_DIR": str(self.root / "files"),
            "HTTP_PORT": str(self.http_port),
            "WEB_URL": self.url,
            "PUBLIC_URL": self.url,
            "SSO_RETURN_URLS": f"{self.url}/",
            "SANDBOX_URL": self.url,
            "SECURITY_HOLD_DAYS": "0",  # A rehearsal does not wait for days.
            "ID_KEY": self._id_key(),
            **self._extra,
        }

    @property
    def addresses(self) -> dict[str, str]:
        """What a person wants to open, by what it is."""
        return {
            "gateway": self.url,
            "docs": f"{self.url}/docs",
            "mail": str(self.mail.folder),
            "logs": str(self.services.logs),
            "rabbitmq": self.broker.management_uri,
            "database": self.database.uri,
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything and wait until it is ready; EmbeddedError says what is not, and why."""
        self._lock.take()
        try:
            self._start()
        except BaseException:  # Also Ctrl-C: nothing may stay behind.
            self.stop()
            raise

    def stop(self) -> None:
        """End everything, services first; a second Ctrl-C ends it without waiting."""
        try:
            self._stop_in_order()
        except (KeyboardInterrupt, SystemExit):
            sweep(self.root, grace=0)
        finally:
            sweep(self.root)
            if self._watchdog:
                self._watchdog.dismiss()
                self._watchdog = None
            (self.root / STATE).unlink(missing_ok=True)
            self._lock.release()

    def complaint(self) -> str | None:
        """What of the ground under the services has died, if anything has."""
        children = (self.broker.node, self.database.server, self.services.supervisor)
        dead = [child for child in children if not child.alive]
        return f"{dead[0].name} has ended: see {dead[0].log}" if dead else None

    def kill_service(self, name: str) -> None:
        """`kill -9`; supervisor starts it again."""
        self.services.signal(name, signal.SIGKILL)

    def wait_service(self, name: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not self.services.ready(name):
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"{name} is not ready after {seconds:.0f} s:\n{self.services.last_lines(name)}"
                )
            time.sleep(0.1)

    def run_command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`stint ARGUMENTS` against this stack; its output is in the result, nothing is raised."""
        return subprocess.run(
            [Path(sys.executable).with_name("stint"), *arguments],
            cwd=HOME,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def _start(self) -> None:
        sweep(self.root)  # What a crashed run may have left; its lock is free, so it is nobody's.
        if self._fresh:
            self._empty()
        self._watchdog = Watchdog(self.root)
        self._start_ground()
        self.http_port = self._pick_http_port()
        self.services = Services(self.root, self.root, self.environment)
        self._write_state()
        self._apply_topology()
        self._say(f"starting {', '.join(SERVICES)}")
        self.services.begin()
        self.services.wait_ready(READY_SECONDS, self._say)
        self._write_state()

    def _start_ground(self) -> None:
        """What the services stand on; its addresses are known from then on."""
        self.broker = Broker(self.root / "broker", self.root)
        self.database = Database(self.root / "database", self.root)
        self.mail = MailSink(self.root / "mail", self.root)
        self._say("starting RabbitMQ, the database and the mail sink")
        for each in (self.broker, self.database, self.mail):
            each.begin()
        for each in (self.mail, self.database, self.broker):
            each.wait_ready()

    def _stop_in_order(self) -> None:
        if hasattr(self, "services"):
            self.services.stop()
        for each in (getattr(self, name, None) for name in ("mail", "database", "broker")):
            if each is not None:
                each.stop()

    def _apply_topology(self) -> None:
        done = self.run_command("topology", "apply")
        if done.returncode:
            raise EmbeddedError(f"the topology could not be declared: {done.stderr.strip()}")

    def _id_key(self) -> str:
        """The key of ids that must not tell whose they are: kept with the data that they name."""
        file = self.root / "id-key"
        if not file.exists():
            file.write_text(secrets.token_hex(32))
            file.chmod(0o600)
        return file.read_text()

    def _pick_http_port(self) -> int:
        wanted = self._extra.get("HTTP_PORT") or os.environ.get("HTTP_PORT")
        if wanted:
            return int(wanted)
        return USUAL_HTTP_PORT if is_free(USUAL_HTTP_PORT) else free_ports(1)[0]

    def _empty(self) -> None:
        for entry in self.root.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != Lock.NAME:
                entry.unlink()

    def _write_state(self) -> None:
        pids = {**self.broker.pids, **self.database.pids, **self.mail.pids}
        if self.services.started:
            pids |= self.services.pids
        state = {
            "pids": pids,
            "health_ports": self.services.health_ports,
            "addresses": self.addresses,
            "environment": self.environment,
        }
        unfinished = self.root / f"{STATE}.new"
        unfinished.write_text(json.dumps(state, indent=2) + "\n")
        unfinished.replace(self.root / STATE)
