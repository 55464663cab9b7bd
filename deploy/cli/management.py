"""RabbitMQ's management API, as far as the `stint` commands read it."""

import json
import urllib.error
import urllib.request
from base64 import b64encode
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from deploy.cli.main import Refusal


class Management:
    """Answers about one vhost; a refusal or an absent API ends the command with one line."""

    def __init__(self, uri: str, amqp_uri: str) -> None:
        parts, broker = urlsplit(uri), urlsplit(amqp_uri)
        user, password = (
            (parts.username, parts.password)
            if parts.username
            else (broker.username or "guest", broker.password or "guest")
        )
        credentials = f"{unquote(user or '')}:{unquote(password or '')}"
        host = parts.netloc.rpartition("@")[2]
        self._base = f"{parts.scheme}://{host}{parts.path.rstrip('/')}/api"
        self._header = "Basic " + b64encode(credentials.encode()).decode()
        self._vhost = quote(unquote(broker.path[1:]) or "/", safe="")

    def every(self, kind: str) -> list[dict[str, Any]]:
        """All `queues`, `exchanges` or `bindings` of the vhost."""
        return self._get(f"{kind}/{self._vhost}")

    def nodes(self) -> list[dict[str, Any]]:
        """The brokers of the cluster, with their alarms."""
        return self._get("nodes")

    def _get(self, path: str) -> list[dict[str, Any]]:
        request = urllib.request.Request(
            f"{self._base}/{path}", headers={"Authorization": self._header}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                found: list[dict[str, Any]] = json.load(answer)
                return found
        except urllib.error.HTTPError as exc:
            reason = f"{exc.code} {exc.reason}"
        except OSError as exc:
            reason = str(exc)
        raise Refusal(f"the management API at {self._base} does not answer: {reason}")
