"""nameko's web server, hardened: no client and no shortage ends it, and SIGTERM cuts no answer.

It survives running out of file descriptors, bounds connections and the time for a request, tells
every failure as a problem document, and drains what is being answered.
"""

import errno
import io
import resource
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import eventlet
import structlog
from eventlet import greenio, wsgi
from eventlet.event import Event as Signal
from nameko.exceptions import ContainerBeingKilled
from nameko.web.handlers import HttpRequestHandler
from nameko.web.server import WebServer, WsgiApp
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException

from services.gateway import problems
from services.gateway.calls import request_id
from services.gateway.config import MEBIBYTE
from services.gateway.protocol import IDLE_LIMIT, LINGER, Environ, Protocol, raw, unread
from shared.errors import Unavailable
from shared.hints import Bell

log = structlog.get_logger(__name__)

METHODS = "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS"
DRAIN_LIMIT = 25  # seconds that answers under way get after SIGTERM
SOCKET_LIMIT = 30  # seconds that a client may be silent within a request
BODY_LIMIT = 30  # seconds for a body that is no upload
LONGEST_LINE = 8192
STREAMED = ("/v1/files", "/v1/uploads/")  # These go past all memory, straight to the disk.
MOST_FILES = 65_536
SPARE_FILES = 256  # File descriptors for the broker, the database and files; at most half of all.


class Application(WsgiApp):
    """nameko's routes, of which nothing escapes as HTML."""

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.url_map.merge_slashes = False  # Else `//v1` is redirected.

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["HTTP_X_REQUEST_ID"] = id_ = request_id(environ)
        environ["stint.pause"] = self.server.pause
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            # Else werkzeug takes a body of unknown length for an empty one.
            environ["wsgi.input_terminated"] = True
        answer = self._read(environ, id_) or self._answer(environ, id_)
        if unread(environ):
            environ["stint.close"]()
        if answer.mimetype == "text/event-stream":
            environ["eventlet.minimum_write_chunk_size"] = 0
        found: Iterable[bytes] = answer(environ, start_response)
        return found

    def _read(self, environ: Environ, id_: str) -> Response | None:
        """Take in the body before a worker is bound to it, so that slow clients hold none."""
        if (
            environ["PATH_INFO"].startswith(STREAMED)
            or int(environ.get("CONTENT_LENGTH") or 0) > MEBIBYTE
        ):
            return None
        source = environ["wsgi.input"]
        try:
            with eventlet.Timeout(BODY_LIMIT):
                body = source.read(MEBIBYTE + 1)
        except (eventlet.Timeout, OSError, ValueError):
            detail = "The body did not come in time, or not as announced."
            return problems.problem(408, "request-timeout", detail, request_id=id_)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        return None

    def _answer(self, environ: Environ, id_: str) -> Response:
        adapter = self.url_map.bind_to_environ(environ)
        try:
            provider, values = adapter.match()
            return _handled(provider, environ, values)
        except HTTPException as exc:
            return problems.from_http(exc, id_)
        except ContainerBeingKilled:
            away = Unavailable("shutting-down", "This process is ending; try again.")
            return problems.from_error(away, id_)
        except Exception as exc:  # noqa: BLE001 (logged there; the client gets a problem)
            return problems.unexpected(exc, id_)


def _handled(provider: Any, environ: Environ, values: dict[str, Any]) -> Response:
    request = Request(environ)
    request.path_values = values  # type: ignore[attr-defined]
    answer: Response = provider.handle_request(request)
    return answer


class Server(WebServer):
    """Accepts connections until the entrypoints stop, and then ends them one by one."""

    def __init__(self) -> None:
        super().__init__()
        self._connections: dict[int, list[Any]] = {}
        self._waiting: set[Bell] = set()
        self._ending = False
        self._drained: Signal | None = None

    @property
    def bind_addr(self) -> tuple[str, int]:
        settings = self.container.platform.settings
        return settings.http_host, settings.http_port

    def get_wsgi_app(self) -> Application:
        return Application(self)

    def get_wsgi_server(self, sock: Any, wsgi_app: Any, **_: Any) -> Any:
        return wsgi.Server(
            sock,
            sock.getsockname(),
            wsgi_app,
            protocol=Protocol,
            debug=False,
            log=_Log(),
            log_output=False,
            keepalive=IDLE_LIMIT,
            socket_timeout=SOCKET_LIMIT,
            url_length_limit=LONGEST_LINE,
        )

    def start(self) -> None:
        if not self._starting:
            files = raise_limit()
            self._most = min(
                self.container.platform.settings.http_connections,
                files - min(SPARE_FILES, files // 2),
            )
        super().start()

    def run(self) -> None:
        """Accept for ever: a shortage is waited out, since only closing connections ends it."""
        pause = 0.05
        while self._is_accepting:
            try:
                sock, address = self._sock.accept()
            except OSError as exc:
                if not self._is_accepting or exc.errno in (errno.EBADF, errno.EINVAL):
                    return
                log.warning("accept-failed", error=str(exc), wait=pause)
                eventlet.sleep(pause)
                pause = min(pause * 2, 1.0)
                continue
            pause = 0.05
            sock.settimeout(SOCKET_LIMIT)
            full = len(self._connections) >= self._most
            eventlet.spawn_n(self._turn_away if full else self.process_request, sock, address)

    def process_request(self, sock: Any, address: Any) -> None:
        state = [address, sock, wsgi.STATE_IDLE]
        self._connections[id(state)] = state
        try:
            self._serv.process_request(state)
        except (Exception, eventlet.Timeout) as exc:  # noqa: BLE001 (a client that went away)
            log.debug("connection-failed", error=f"{type(exc).__name__}: {exc}")
            with suppress(OSError):
                sock.close()
        finally:
            del self._connections[id(state)]

    def _turn_away(self, sock: Any, _address: Any) -> None:
        full = Unavailable("too-many-connections", "Too many connections; try again.")
        with suppress(OSError, eventlet.Timeout), eventlet.Timeout(LINGER):
            sock.sendall(raw(problems.from_error(full)))
            sock.shutdown(1)
            sock.recv(65_536)
        sock.close()

    def pause(self, seconds: float, bell: Bell | None = None) -> bool:
        """Wait so long, or until the bell is rung; true as soon as the process is to end."""
        bell = bell or Bell()
        self._waiting.add(bell)
        try:
            if not self._ending:
                bell.wait(seconds)
        finally:
            self._waiting.discard(bell)
        return self._ending

    def drain(self) -> None:
        """Take no more requests; return when every answer is written, or after 25 s."""
        if self._drained is not None:
            self._drained.wait()
            return
        self._drained = Signal()
        self._is_accepting = False
        self._gt.kill()
        self._sock.close()
        self._serv.keepalive = False
        self._ending = True
        for bell in list(self._waiting):
            bell.ring()
        self._end_connections()
        self._drained.send()

    def _end_connections(self) -> None:
        for state in list(self._connections.values()):
            idle, state[2] = state[2] == wsgi.STATE_IDLE, wsgi.STATE_CLOSE
            if idle and _silent(state[1]):
                greenio.shutdown_safe(state[1])
        with eventlet.Timeout(DRAIN_LIMIT, False):
            while self._connections:
                eventlet.sleep(0.02)
            return
        log.error("drain-limit", connections=len(self._connections))

    def stop(self) -> None:
        self.drain()
        super().stop()


def _silent(sock: Any) -> bool:
    """Whether nothing has come that is not read yet: a request that just arrived is answered."""
    try:
        return not sock.fd.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:
        return True


class Http(HttpRequestHandler):
    """`@http("GET", "/path")`: the method gets the werkzeug request and returns a response."""

    server = Server()

    def stop(self) -> None:
        self.server.drain()
        super().stop()

    def response_from_exception(self, exc: Exception) -> Response:
        return problems.unexpected(exc)


class _Log:
    """What eventlet says of connections, at the level it deserves."""

    def debug(self, text: str, *_: Any) -> None:
        log.debug("connection", text=text)

    def info(self, text: str, *_: Any) -> None:
        """Mostly clients that went away while they were answered."""
        log.info("connection", text=text)

    error = info


def raise_limit() -> int:
    """Allow as many open files as the system lets this process have; returns how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return soft if soft != resource.RLIM_INFINITY else MOST_FILES


http = Http.decorator
