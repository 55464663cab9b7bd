"""A request to a place that somebody outside has named: never to an address inside.

The name is resolved once, every address it has must be public, and that very address is connected
to, so that a name which changes its mind in between leads nowhere else. Redirects are not followed
and no answer is read but its status.
"""

import http.client
import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from typing import Any
from urllib.parse import SplitResult, urlsplit

import eventlet

from shared.addresses import all_public
from shared.errors import Invalid, Unavailable

LIMIT = 10.0  # seconds, from the name to the answer's status
PORTS = {"http": 80, "https": 443}
LONGEST = 2000


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port; raises Invalid for what is no plain web address."""
    parts = _split(url)
    return parts.scheme, str(parts.hostname), parts.port or PORTS[parts.scheme]


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    inside: bool = False,
    limit: float = LIMIT,
) -> int:
    """The status of the answer. `inside` allows addresses that are not public.

    Raises Invalid where the address is refused, and Unavailable where nobody answers in time.
    """
    parts = _split(url)
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    timer = eventlet.Timeout(limit)
    try:
        with closing(_connection(parts, inside, limit)) as connection:
            connection.request(method, target, body=body or None, headers=dict(headers))
            return connection.getresponse().status
    except (OSError, http.client.HTTPException) as exc:
        raise Unavailable("no-answer", f"No answer: {type(exc).__name__}.") from None
    except eventlet.Timeout as expired:
        if expired is not timer:
            raise
        raise Unavailable("no-answer", f"No answer within {limit:g} seconds.") from None
    finally:
        timer.cancel()


def _split(url: str) -> SplitResult:
    refused = Invalid("url-refused", "This is no web address to send to.", {"url": "Not allowed."})
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise refused
    try:
        parts = urlsplit(url)
        plain = parts.port is None or parts.port > 0
    except ValueError:
        raise refused from None
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc or not plain:
        raise refused
    return parts


def _connection(parts: SplitResult, inside: bool, limit: float) -> http.client.HTTPConnection:
    host, port = str(parts.hostname), parts.port or PORTS[parts.scheme]
    address = _address(host, port, inside)
    if parts.scheme == "https":
        return _PinnedTls(host, port, timeout=limit, context=_context(), address=address)
    return _Pinned(host, port, timeout=limit, address=address)


def _address(host: str, port: int, inside: bool) -> str:
    """The first address of the name, where none of them leads inwards."""
    found = [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not inside and not all_public(map(str, found)):
        raise Invalid("url-refused", "This address is not a public one.", {"url": "Not public."})
    return str(found[0])


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Pinned(http.client.HTTPConnection):
    """Speaks to the host at this one address."""

    def __init__(self, *args: Any, address: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


class _PinnedTls(_Pinned):
    """The same, and the host has to prove its name."""

    def __init__(self, *args: Any, context: ssl.SSLContext, **options: Any) -> None:
        super().__init__(*args, **options)
        self._tls = context

    def connect(self) -> None:
        super().connect()
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host)
