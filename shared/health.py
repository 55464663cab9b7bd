"""What orchestrators ask: is the process alive, is it ready, how is it doing."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import eventlet
import eventlet.wsgi
import orjson
import structlog

from shared import metrics

log = structlog.get_logger(__name__)

BEAT = 0.5  # seconds between ticks of the event loop
STALLED = 10  # seconds without a tick: the process is stuck
CHECK_LIMIT = 2  # seconds that one readiness check may take


class Health:
    """Serves /health/live, /health/ready and /metrics; readiness asks the named `checks`."""

    def __init__(self, checks: Mapping[str, Callable[[], bool]]) -> None:
        self.checks = checks
        self._beat = time.monotonic()

    def start(self, port: int) -> int:
        """Listen on the port (0: any free one) and return it."""
        listener = eventlet.listen(("0.0.0.0", port))
        eventlet.spawn(self._tick)
        eventlet.spawn(
            eventlet.wsgi.server, listener, self.answer, log_output=False, keepalive=False
        )
        return int(listener.getsockname()[1])

    def answer(self, environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            return _respond(start_response, 200, metrics.render(), "text/plain; version=0.0.4")
        if path not in ("/health/live", "/health/ready"):
            return _respond(start_response, 404, b'{"error": "not found"}')
        checks = {"live": self.alive()} if path.endswith("live") else self.run_checks()
        status = 200 if all(checks.values()) else 503
        return _respond(start_response, status, orjson.dumps(checks))

    def alive(self) -> bool:
        return time.monotonic() - self._beat < STALLED

    def run_checks(self) -> dict[str, bool]:
        return {name: _holds(check) for name, check in self.checks.items()}

    def _tick(self) -> None:
        """Shows a blocked loop; it also wakes the loop often enough to notice a signal soon."""
        while True:
            due = time.monotonic() + BEAT
            eventlet.sleep(BEAT)
            self._beat = time.monotonic()
            metrics.hub_delay.set(max(0.0, self._beat - due))


def _holds(check: Callable[[], bool]) -> bool:
    try:
        with eventlet.Timeout(CHECK_LIMIT):
            return bool(check())
    except (Exception, eventlet.Timeout):  # noqa: BLE001 Whatever it is, it does not hold.
        return False


def _respond(
    start_response: Any, status: int, body: bytes, content_type: str = "application/json"
) -> list[bytes]:
    reason = {200: "OK", 404: "Not Found", 503: "Service Unavailable"}[status]
    headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    start_response(f"{status} {reason}", headers)
    return [body]
