"""Starts a service in order, and ends it without losing what is under way."""

import argparse
import importlib
import inspect
import os
import signal
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any, NoReturn

import eventlet
import structlog
from amqp.exceptions import AccessRefused

from shared import config, logs, metrics, topology
from shared.broker import DRAIN_LIMIT, GONE, backoff, describe
from shared.container import Container
from shared.envelope import CONTRACTS, Contracts
from shared.health import Health
from shared.messaging import On
from shared.platform import Platform
from shared.rpc import Rpc

log = structlog.get_logger(__name__)

STOP_LIMIT = DRAIN_LIMIT + 5  # seconds from SIGTERM until the process ends, come what may


def main() -> None:
    """Run the service that the command line names."""
    module = _import(_arguments())
    service = _service_class(module)
    settings = _settings(module)
    logs.configure(service.name, settings.log_level)
    contracts = Contracts.load(getattr(module, "CONTRACTS", CONTRACTS))
    process = Process(Container(service, Platform(settings, service.name), contracts))
    process.run(settings.health_port)


class Process:
    """The one service of this process, its health server and its signals."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.draining = False
        self.health = Health(
            {"serving": self._serving, "broker": self._connected, "database": self._database}
        )

    def run(self, health_port: int) -> None:
        """Start, serve, and return after SIGTERM; a fault that cannot heal ends the process."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        port = self.health.start(health_port)
        self._check_topology()
        relay = self.container.platform.relay
        metrics.watch_relay(lambda: relay.waiting, relay.counts)
        self._start()
        log.info("started", health_port=port, pid=os.getpid())
        try:
            self.container.wait()
        except Exception:
            log.exception("died")
            raise SystemExit(1) from None
        finally:
            self.container.platform.stop()
        log.info("stopped")

    def _start(self) -> None:
        try:
            self.container.start()
        except Exception:
            log.exception("not-started")
            raise SystemExit(1) from None

    def _check_topology(self) -> None:
        """Wait for the broker as long as it takes; a wrong queue needs an operator, so stop."""
        queues = list(_queues(self.container))
        for pause in backoff():
            try:
                topology.check(self.container.uri, queues)
                return
            except topology.Mismatch as exc:
                _stop(str(exc))
            except AccessRefused as exc:
                _stop(f"the broker refuses this user: {describe(exc)}")
            except GONE as exc:
                log.warning("broker-away", error=describe(exc))
                eventlet.sleep(pause)

    def _on_signal(self, number: int, _frame: Any) -> None:
        if self.draining or not self.container.started:
            os._exit(128 + number if self.draining else 0)
        self.draining = True
        eventlet.spawn(self._drain)  # Not here: the signal may have interrupted anything.

    def _drain(self) -> None:
        log.info("draining")
        eventlet.spawn_after(STOP_LIMIT, self._give_up)
        self.container.stop()

    def _give_up(self) -> None:
        log.error("stop-limit", seconds=STOP_LIMIT)
        os._exit(1)

    def _serving(self) -> bool:
        return self.container.started and not self.draining

    def _connected(self) -> bool:
        lines = [
            *self.container.shared_extensions.values(),
            *self.container.dependencies,
        ]
        return all(getattr(line, "connected", True) for line in lines)

    def _database(self) -> bool:
        self.container.platform.client.admin.command("ping")
        return True


def _arguments() -> str:
    parser = argparse.ArgumentParser(prog="python -m shared.run", description=main.__doc__)
    parser.add_argument("service", nargs="?", help="the name of a folder in services/")
    parser.add_argument("--module", help="instead: a dotted module with a service class")
    arguments = parser.parse_args()
    if bool(arguments.service) == bool(arguments.module):
        parser.error("name a service, or a --module")
    return str(arguments.module or f"services.{arguments.service}.service")


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as exc:
        if exc.name is None or not name.startswith(exc.name):
            raise
        _stop(f"there is no service module {name}")


def _service_class(module: ModuleType) -> Any:
    found = [
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__ and isinstance(getattr(kind, "name", None), str)
    ]
    if len(found) != 1:
        _stop(f"{module.__name__} has {len(found)} classes with a `name`; a service is one")
    return found[0]


def _settings(module: ModuleType) -> config.Common:
    """From the service's own `config.py`, a test module's `from_env`, or just what all have."""
    package = module.__name__.rpartition(".")[0]
    own = module if module.__name__.rpartition(".")[2] != "service" else None
    own = own or importlib.import_module(f"{package}.config")
    settings: config.Common = (
        own.from_env() if hasattr(own, "from_env") else config.read(config.Common)
    )
    return settings


def _queues(container: Container) -> Iterable[topology.Queue]:
    """What this service reads, whatever feeds it: bindings are the topology command's matter."""
    service = container.service_name
    entrypoints = list(container.entrypoints)
    for entrypoint in entrypoints:
        if isinstance(entrypoint, On):
            yield topology.consumer_queue(topology.queue_name(service, entrypoint.method_name))
    if any(isinstance(entrypoint, Rpc) for entrypoint in entrypoints):
        yield topology.rpc_queue(service)


def _stop(reason: str) -> NoReturn:
    sys.stderr.write(f"{reason}\n")
    sys.stderr.flush()
    os._exit(2)
