"""One compose project, driven by the commands that people type, each in bounded time."""

import json
import os
import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.embedded.processes import HOME

COMMANDS = (["docker", "compose"], ["docker-compose"])  # The second is version 1.
READY = ("python", "-IS", "/app/deploy/compose/ready.py")
BUILD_SECONDS, UP_SECONDS, STEP_SECONDS = 1800, 900, 180
LAST_LINES = 15


class ComposeError(Exception):
    """A step failed, or took too long; the text is for whoever typed the command."""


class Project:
    """The containers of one project name; `folder` keeps what the commands and services said."""

    def __init__(self, name: str, folder: Path, settings: Mapping[str, str]) -> None:
        self.name, self.folder = name, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "compose.log"
        self.log.write_text("")
        # Whoever runs this may have a .env, or variables, that the file would read.
        nothing = folder / "empty.env"
        nothing.write_text("")
        file = HOME / "docker-compose.yml"
        read = set(re.findall(r"[A-Z][A-Z0-9_]+", file.read_text()))
        self._env = {name: value for name, value in os.environ.items() if name not in read}
        self._env.update(settings)
        options = ["-p", name, "-f", str(file), "--env-file", str(nothing)]
        self._compose_command = [*_installed(), *options]

    def build(self) -> None:
        self._compose("build", seconds=BUILD_SECONDS)

    def up(self) -> None:
        self._compose("up", "-d", seconds=UP_SECONDS)

    def scale(self, service: str, count: int) -> None:
        """As many replicas; those that run already go on."""
        replicas = f"{service}={count}"
        self._compose("up", "-d", "--no-deps", "--no-recreate", "--scale", replicas, service)

    def restart(self, service: str, grace: int) -> None:
        """Stop and start its containers; what does not end within `grace` seconds is killed."""
        self._compose("restart", "-t", str(grace), service)

    def down(self) -> None:
        """Keep the logs, then remove containers, networks and volumes; images stay as a cache."""
        if paused := self._docker("ps", "-q", "--filter", "status=paused", *self._label()).split():
            self.unpause(paused)
        try:
            said = self._run([*self._compose_command, "logs", "--no-color"], STEP_SECONDS)
            (self.folder / "services.log").write_text(said.stdout)
        finally:
            self._compose("down", "-v", "--remove-orphans", "-t", "10")

    def containers(self, service: str = "") -> list[str]:
        """The ids of what runs of one service, or of all."""
        return self._docker("ps", "-q", *self._label(service)).split()

    def pause(self, containers: list[str]) -> None:
        self._docker("pause", *containers)

    def unpause(self, containers: list[str]) -> None:
        self._docker("unpause", *containers)

    def kill(self, container: str) -> None:
        """SIGKILL, also to one that is paused: it does nothing more."""
        self._docker("kill", container)

    def run_in(self, container: str, *command: str, given: str = "") -> str:
        """What the command prints that runs in the container; `given` is its standard input."""
        return self._docker("exec", "-i", container, *command, given=given)

    def logs(self, container: str) -> str:
        return self._docker("logs", container)

    def queues(self) -> dict[str, dict[str, Any]]:
        """Each queue's consumers and its messages that are delivered and not acknowledged."""
        (broker,) = self.containers("rabbitmq")
        columns = ("name", "consumers", "messages_unacknowledged")
        said = self.run_in(
            broker, "rabbitmqctl", "-q", "list_queues", *columns, "--formatter", "json"
        )
        return {queue["name"]: queue for queue in json.loads(said)}

    def wait_ready(self, services: tuple[str, ...], seconds: float) -> None:
        """Until each container of these services says it is ready."""
        deadline = time.monotonic() + seconds
        waiting = {each: service for service in services for each in self.containers(service)}
        if missing := set(services) - set(waiting.values()):
            raise ComposeError(f"no container of {', '.join(sorted(missing))} runs")
        while waiting:
            waiting = {each: name for each, name in waiting.items() if not self._ready(each)}
            if waiting and time.monotonic() > deadline:
                names = ", ".join(sorted(set(waiting.values())))
                raise ComposeError(f"not ready after {seconds:.0f} s: {names}")
            time.sleep(0.5)

    def _label(self, service: str = "") -> list[str]:
        labels = [f"project={self.name}", *([f"service={service}"] if service else [])]
        return [f"--filter=label=com.docker.compose.{label}" for label in labels]

    def _ready(self, container: str) -> bool:
        return self._run(["docker", "exec", container, *READY], STEP_SECONDS).returncode == 0

    def _compose(self, *arguments: str, seconds: float = STEP_SECONDS) -> str:
        return self._checked([*self._compose_command, *arguments], arguments[0], seconds)

    def _docker(self, *arguments: str, given: str = "") -> str:
        return self._checked(["docker", *arguments], arguments[0], STEP_SECONDS, given)

    def _checked(self, command: list[str], what: str, seconds: float, given: str = "") -> str:
        done = self._run(command, seconds, given)
        with self.log.open("a") as log:
            log.write(f"$ {' '.join(command)}\n{done.stdout}{done.stderr}\n")
        if done.returncode:
            end = "\n".join((done.stdout + done.stderr).strip().splitlines()[-LAST_LINES:])
            raise ComposeError(f"{what} failed:\n{end}")
        return done.stdout

    def _run(
        self, command: list[str], seconds: float, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                command, cwd=HOME, env=self._env, input=given, capture_output=True, text=True,
                errors="replace", timeout=seconds, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise ComposeError(f"took longer than {seconds:.0f} s: {' '.join(command)}") from None


def _installed() -> list[str]:
    """Compose as it is called here, version 2 where there is one."""
    if not _answers(["docker", "info"]):
        raise ComposeError("no Docker engine answers `docker info`: install and start one.")
    for command in COMMANDS:
        if _answers([*command, "version"]):
            return command
    raise ComposeError("neither `docker compose` nor `docker-compose` is installed.")


def _answers(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
