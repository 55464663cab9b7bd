"""nameko's container, hardened: one broken message, dependency or timer never stops the service."""

import sys
from collections.abc import Callable
from typing import Any

import eventlet
import structlog
from greenlet import GreenletExit
from nameko.containers import ServiceContainer, WorkerContext
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    WaitQueueTimeoutError,
    WTimeoutError,
)

from shared.broker import Publisher, backoff, describe
from shared.envelope import Contracts
from shared.platform import Platform

AWAY = (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    WaitQueueTimeoutError,
    WTimeoutError,
)

log = structlog.get_logger(__name__)

# Room for timers and HTTP beside the messages, whose number the prefetch bounds.
SPARE_WORKERS = 200


class Container(ServiceContainer):
    """Runs one service class with its platform; extensions find here what they need."""

    def __init__(self, service: type, platform: Platform, contracts: Contracts) -> None:
        self.platform, self.contracts = platform, contracts
        self.uri: str = platform.settings.amqp_uri
        self.publisher = Publisher(self.uri)
        super().__init__(service, {"AMQP_URI": self.uri, "max_workers": _workers(service)})

    def start(self) -> None:
        """Build what the service is provided, prepare and start its platform, then take messages.

        Waits for the database as long as it takes.
        """
        self.extensions.all.setup()
        for pause in backoff():
            try:
                self.platform.start()
                break
            except AWAY as exc:
                log.warning("database-away", error=describe(exc))
                eventlet.sleep(pause)
        self.extensions.all.start()
        self.started = True

    def _run_worker(self, worker: WorkerContext, handle_result: Callable[..., Any] | None) -> None:
        """As nameko's, but an error beside the method is the message's, not the service's."""
        structlog.contextvars.clear_contextvars()
        result = exc_info = None
        try:
            result = self._invoke(worker)
        except GreenletExit:
            raise
        except BaseException:  # noqa: BLE001 A stray timeout must settle its message as well.
            exc_info = sys.exc_info()
        try:
            if handle_result is not None:
                result, exc_info = handle_result(worker, result, exc_info)
            self._worker_result(worker, result, exc_info)
            self._worker_teardown(worker)
        except Exception:
            log.exception("worker-not-finished", handler=worker.entrypoint.method_name)
        finally:
            structlog.contextvars.clear_contextvars()

    def _invoke(self, worker: WorkerContext) -> Any:
        self._inject_dependencies(worker)
        self._worker_setup(worker)
        method = getattr(worker.service, worker.entrypoint.method_name)
        invoke = getattr(worker.entrypoint, "invoke", None)
        return invoke(worker, method) if invoke else method(*worker.args, **worker.kwargs)


def _workers(service: type) -> int:
    """A worker for every message that may be held, so that taking one never waits for a worker."""
    entrypoints = [
        entrypoint
        for method in vars(service).values()
        for entrypoint in getattr(method, "nameko_entrypoints", ())
    ]
    return SPARE_WORKERS + sum(getattr(each, "prefetch", 0) for each in entrypoints)
