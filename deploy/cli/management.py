"""RabbitMQ's management API, as far as the `stint` commands use it."""

import json
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from deploy.cli.main import Refusal


def compare(
    what: str, expected: Mapping[str, Any], there: Mapping[str, Any] | None
) -> Iterator[str]:
    """A line where it is missing, or for each thing about it that is not as expected."""
    if there is None:
        yield f"missing {what}"
        return
    for name, value in expected.items():
        if there.get(name) != value:
            yield f"different {what}: {name} is {there.get(name)}, not {value}"


class Management:
    """Answers about one vhost; a refusal or an absent API ends the command with one line."""

    def __init__(self, uri: str, amqp_uri: str) -> None:
        parts, broker = urlsplit(uri), urlsplit(amqp_uri)
        user, password = (
            (parts.username, parts.password)
            if parts.username
            else (broker.username or "guest", broker.password or "guest")
        )
        self.user = unquote(user or "")
        credentials = f"{self.user}:{unquote(password or '')}"
        host = parts.netloc.rpartition("@")[2]
        self._base = f"{parts.scheme}://{host}{parts.path.rstrip('/')}/api"
        self._header = "Basic " + b64encode(credentials.encode()).decode()
        self._vhost = quote(unquote(broker.path[1:]) or "/", safe="")

    def every(self, kind: str) -> list[dict[str, Any]]:
        """All `queues`, `exchanges` or `bindings` of the vhost."""
        return self.get(f"{kind}/{self._vhost}")

    def nodes(self) -> list[dict[str, Any]]:
        """The brokers of the cluster, with their alarms."""
        return self.get("nodes")

    def get(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("GET", path)
        return found

    def put(self, path: str, body: object) -> None:
        """Make it so, as often as you like."""
        self._call("PUT", path, body)

    def delete(self, path: str) -> None:
        """Take it away; what is gone already is no failure."""
        self._call("DELETE", path)

    def _call(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            f"{self._base}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": self._header, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as exc:
            if method == "DELETE" and exc.code == HTTPStatus.NOT_FOUND:
                return None
            reason = f"{exc.code} {exc.reason}"
        except OSError as exc:
            reason = str(exc)
        raise Refusal(f"the management API at {self._base} does not answer: {reason}")
