"""A request to a place that somebody outside has named: never to an address inside.

The name is resolved once, every address it has must be public, and that very address is connected
to, so that a name which changes its mind in between leads nowhere else. Redirects are not followed
and no answer is read but its status. The sockets are eventlet's own, patched process or not: the
time limit holds also against a server that sends a byte a second.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cache
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import SplitResult, urlsplit

import eventlet
from eventlet.green import socket, ssl

from shared.addresses import all_public
from shared.errors import Invalid, Unavailable

LIMIT = 10.0  # seconds, from the name to the answer's status
PORTS = {"http": 80, "https": 443}
LONGEST = 2000
TRIED = 2  # Addresses of one name.


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
    host, port = str(parts.hostname), parts.port or PORTS[parts.scheme]
    timer = eventlet.Timeout(limit)
    try:
        found = resolved(host, port)
        if not inside and not all_public(found):
            raise Invalid(
                "url-refused", "This address is not a public one.", {"url": "Not public."}
            )
        connection = HTTPConnection(host, port)
        with closing(connected(host, port, found, secure=parts.scheme == "https")) as line:
            connection.sock = line
            named = {"Host": parts.netloc, **headers}
            connection.request(method, target, body=body or None, headers=named)
            return connection.getresponse().status
    except (OSError, HTTPException) as exc:
        raise Unavailable("no-answer", f"No answer: {type(exc).__name__}.") from None
    except eventlet.Timeout as expired:
        if expired is not timer:
            raise
        raise Unavailable("no-answer", f"No answer within {limit:g} seconds.") from None
    finally:
        timer.cancel()


def resolved(host: str, port: int) -> Sequence[str]:
    """Every address of the name, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def connected(
    host: str, port: int, addresses: Sequence[str], *, secure: bool, trust: Any = None
) -> Any:
    """A socket to the first of these addresses that answers, where a `secure` host has proved its
    name to `trust`, a TLS context; raises OSError.

    By hand to what was looked at: a name that is resolved a second time may lead elsewhere.
    """
    failure: OSError | None = None
    for address in addresses[:TRIED]:
        try:
            plain = socket.create_connection((address, port))
        except OSError as exc:
            failure = exc
            continue
        return _secured(plain, host, trust or _trust()) if secure else plain
    raise failure or OSError(f"{host} has no address")


def _secured(plain: Any, host: str, trust: Any) -> Any:
    line = trust.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    try:
        line.do_handshake()
    except BaseException:  # The time limit is one, too.
        line.close()
        raise
    return line


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


@cache
def _trust() -> Any:
    return ssl.create_default_context()
