"""HTTP to partners' endpoints: never inwards, in bounded time, and whatever comes back is short."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from typing import Any

import eventlet
from eventlet.green import ssl

from services.notifications.partners.domain.addresses import check_url
from services.notifications.partners.domain.delivery import Answer
from shared.addresses import all_public
from shared.errors import Invalid
from shared.outbound import PORTS, connected, resolved

LIMIT = 12.0  # seconds for all of it: name, connection, request and answer
READ = 4096  # Bytes of an answer that are looked at; the rest is not even read.
AGENT = "Stint-Webhooks/1"
Resolve = Callable[[str, int], Sequence[str]]


class Refused(Exception):
    """The target may not be called; the text is a code."""


class Courier:
    """Posts to endpoints; `private` lets plain HTTP and one's own network pass."""

    def __init__(
        self,
        private: bool = False,
        *,
        resolve: Resolve | None = None,
        limit: float = LIMIT,
        trust: Any = None,
    ) -> None:
        self._private, self._limit = private, limit
        self._resolve, self._trust = resolve or resolved, trust

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """What came back, or why nothing did; never raises for anything that the target does."""
        began = time.monotonic()
        try:
            with eventlet.Timeout(self._limit) as limit:
                answer = self._post(url, body, headers)
        except eventlet.Timeout as expired:
            if expired is not limit:
                raise
            answer = Answer(None, 0, code="timeout")
        except Refused as exc:
            answer = Answer(None, 0, code=str(exc))
        except ssl.SSLError:
            answer = Answer(None, 0, code="tls-failed")
        except (OSError, HTTPException, ValueError):
            answer = Answer(None, 0, code="connection-failed")
        ms = round((time.monotonic() - began) * 1000)
        return Answer(answer.status, ms, answer.text, answer.code, answer.retry_after)

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            parts = check_url(url, self._private)
        except Invalid:
            raise Refused("address-refused") from None
        host, port = str(parts.hostname), parts.port or PORTS[parts.scheme]
        connection, found = HTTPConnection(host, port), self._addresses(host, port)
        secure = parts.scheme == "https"
        with closing(connected(host, port, found, secure=secure, trust=self._trust)) as line:
            connection.sock = line
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            named = {"Host": parts.netloc, "User-Agent": AGENT, "Connection": "close", **headers}
            with suppress(BrokenPipeError, ConnectionResetError):  # It may have answered already.
                connection.request("POST", path, body, named)
            return _read(connection)

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        """All addresses of the host; raises Refused where one of them leads inwards."""
        try:
            found = self._resolve(host, port)
        except Exception:  # noqa: BLE001 (resolvers raise whatever a strange name makes them)
            found = ()
        if not found:
            raise Refused("name-unknown")
        if not self._private and not all_public(found):
            raise Refused("address-refused")
        return found


def sign(secrets: Sequence[str], id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks, with a signature by each secret."""
    # Here, since every process of the service would pay for its import at the start.
    from standardwebhooks import Webhook

    text = body.decode()
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(one).sign(id, at, text) for one in secrets),
    }


def _read(connection: HTTPConnection) -> Answer:
    response = connection.getresponse()
    asked, text = response.getheader("Retry-After", ""), ""
    try:
        text = response.read(READ).decode(errors="replace")
    except (OSError, HTTPException, ValueError):
        pass  # The status is what counts.
    finally:
        response.close()
    return Answer(response.status, 0, text, retry_after=asked[:100])
