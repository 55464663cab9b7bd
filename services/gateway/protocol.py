"""HTTP as it comes over the socket: in bounded time, and what is no request gets a problem."""

from contextlib import suppress
from typing import Any

import eventlet
from eventlet import wsgi
from nameko.web.server import HttpOnlyProtocol
from werkzeug import Response

from services.gateway import problems

HEADER_LIMIT = 15  # seconds for a request's headers once it has begun
IDLE_LIMIT = 75  # seconds that a connection is kept between requests
LINGER = 1.0  # seconds that a client's rest is read before the connection is closed
Environ = dict[str, Any]


class Protocol(HttpOnlyProtocol):
    """Reads requests; what is none is answered with a problem."""

    def _read_request_line(self) -> Any:
        line = b""
        with eventlet.Timeout(IDLE_LIMIT, False):
            line = super()._read_request_line()
        if len(line) >= self.server.url_length_limit:
            self._refuse(414, "uri-too-long", "The request line is too long.")
            return ""
        return line

    def parse_request(self) -> bool:
        limit = eventlet.Timeout(HEADER_LIMIT)
        try:
            return bool(super().parse_request()) and self._sound()
        except (wsgi.HeaderLineTooLong, wsgi.HeadersTooLarge):
            return self._refuse(431, "headers-too-large", "The headers are too large.")
        except eventlet.Timeout as expired:
            if expired is not limit:
                raise
            return self._refuse(408, "request-timeout", "The headers did not come in time.")
        finally:
            limit.cancel()

    def _sound(self) -> bool:
        """Whether the length of the body is clear: two ways of telling it are an attack."""
        length = self.headers.get_all("content-length") or []
        if any(not each.isascii() or not each.isdigit() for each in length) or len(length) > 1:
            return self._refuse(400, "bad-request", "Content-Length is no number.")
        coding = self.headers.get("transfer-encoding")
        if coding is not None and (length or coding.strip().lower() != "chunked"):
            detail = "Transfer-Encoding is only chunked, and without Content-Length."
            return self._refuse(400, "bad-request", detail)
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses; its own page would be HTML."""
        self._refuse(int(code), "bad-request", message or explain or "Not HTTP.")

    def _refuse(self, status: int, code: str, detail: str) -> bool:
        self.close_connection = True
        with suppress(OSError):
            self.wfile.write(raw(problems.problem(status, code, detail)))
            self.wfile.flush()
        self._linger()
        return False

    def handle_one_response(self) -> None:
        environ = self.environ
        super().handle_one_response()
        if self.close_connection and unread(environ):
            self._linger()

    def get_environ(self) -> Environ:
        environ: Environ = super().get_environ()
        environ["stint.close"] = self._close_after
        return environ

    def _close_after(self) -> None:
        """End the connection after this answer, instead of reading a body that nobody wants."""
        self.close_connection = True

    def _linger(self) -> None:
        """Closing on unread bytes would take the answer from the client before it reads it."""
        with suppress(OSError), eventlet.Timeout(LINGER, False):
            self.connection.shutdown(1)
            while self.connection.recv(65_536):
                pass


def unread(environ: Environ) -> bool:
    """Whether the client has announced more than was read."""
    source = environ["eventlet.input"]
    if source.chunked_input:
        return bool(source.chunk_length)
    return bool(source.position < (source.content_length or 0))


def raw(answer: Response) -> bytes:
    """The answer as bytes of HTTP, for where there is no request."""
    headers = {**answer.headers, "Connection": "close", "X-Content-Type-Options": "nosniff"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status}\r\n{lines}\r\n".encode("latin-1") + answer.get_data()
