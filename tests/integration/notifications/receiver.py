"""A partner's server on this machine, good or bad: what it does is the path that is posted to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import eventlet

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
SECRET_TEXT = b"Denied: whsec_MfKQ9r8GKYqrTwjUPD8I is wrong"
HUGE = 10 * 1024 * 1024


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


def _plain(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _drip(line: Any) -> None:
    for byte in OK * 100:
        line.sendall(bytes([byte]))
        eventlet.sleep(0.05)


def _huge(line: Any) -> None:
    line.sendall(_plain("200 OK").replace(b"Length: 0", f"Length: {HUGE}".encode()))
    for _ in range(HUGE // 65_536):
        line.sendall(b"x" * 65_536)


def _never(_line: Any) -> None:
    eventlet.sleep(30)


BAD: dict[str, Callable[[Any], object]] = {
    "/never": _never,
    "/drip": _drip,
    "/huge": _huge,
    "/close": lambda _line: None,
    "/error": lambda line: line.sendall(_plain("500 Oh", body=SECRET_TEXT)),
    "/inwards": lambda line: line.sendall(_plain("302 Found", "Location: /good")),
    "/gone": lambda line: line.sendall(_plain("410 Gone")),
    "/later": lambda line: line.sendall(_plain("503 Busy", "Retry-After: 600")),
    "/noise": lambda line: line.sendall(b"\x00\xff" * 50_000),
}


@dataclass
class Receiver:
    """Takes each connection in a greenlet of its own; `wrap` may put TLS around it."""

    wrap: Callable[[Any], Any] = lambda line: line
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = eventlet.listen(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._answering = eventlet.GreenPool()
        self._loop = eventlet.spawn(self._serve)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def got(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def close(self) -> None:
        self._loop.kill()
        end(self._answering)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            line, _ = self._listener.accept()
            self.connections += 1
            self._answering.spawn_n(self._answer, line)

    def _answer(self, line: Any) -> None:
        try:
            line = self.wrap(line)
            request = self._read(line)
            self.requests.append(request)
            BAD.get(request.path, lambda line: line.sendall(OK))(line)
        except (OSError, ValueError):
            pass  # The other side has had enough.
        finally:
            line.close()

    def _read(self, line: Any) -> Request:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := line.recv(65_536)):
                raise ValueError("no request")
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest)}
        while len(body) < int(headers["content-length"]):
            body += line.recv(65_536)
        return Request(first.split(" ")[1], headers, body)


def end(pool: Any) -> None:
    """Kill what still runs in it."""
    for running in list(pool.coroutines_running):
        eventlet.kill(running)
