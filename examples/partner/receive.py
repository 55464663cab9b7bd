"""Receives webhooks: verifies the signature, keeps each event once, answers at once.

    STINT_WEBHOOK_SECRETS=whsec_...,whsec_... python receive.py --port 8080

Two secrets while they are being rotated. Put it behind your own TLS.
"""

import argparse
import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from inbox import Inbox, show
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

WAY = "webhook"
LARGEST = 256 * 1024  # bytes; an event has 64 KiB at most


def verified(body: bytes, headers: dict[str, str], secrets: list[str]) -> dict[str, Any] | None:
    """The event, where one of the secrets has signed it within the last five minutes."""
    for secret in secrets:
        try:
            event: dict[str, Any] = Webhook(secret).verify(body, headers)
            return event
        except (WebhookVerificationError, ValueError):  # ValueError: no base64, or no JSON.
            continue
    return None


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    secrets: list[str] = []
    file = ""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= LARGEST:
            self._answer(413)
            return
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        event = verified(body, headers, self.secrets)
        if event is None:
            self._answer(401)
            return
        # Kept before it is answered: what fails now is sent again. Work on it afterwards.
        show(WAY, event, Inbox(self.file).take(event))
        self._answer(204)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: `show` has told."""

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--inbox", default="partner.sqlite", metavar="FILE")
    asked = parser.parse_args()
    Receiver.secrets = [
        one for one in os.environ.get("STINT_WEBHOOK_SECRETS", "").split(",") if one
    ]
    Receiver.file = asked.inbox
    if not Receiver.secrets:
        parser.error("STINT_WEBHOOK_SECRETS is missing: what the endpoint was made with")
    server = ThreadingHTTPServer(("127.0.0.1", asked.port), Receiver)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    print(json.dumps({"listening": server.server_port}), flush=True)
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
