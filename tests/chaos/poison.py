"""Messages that no service can make sense of, strewn among the good ones."""

import json
import logging
import random
import threading
from contextlib import suppress

import pika
from pika.exceptions import AMQPError

from deploy.embedded.broker import Broker
from shared.envelope import CONTENT_TYPE

QUEUES = (
    "projects.on_payment_funded",
    "applications.on_engagement_completed",
    "matching.on_candidate_updated",
    "payments.on_deliverable_accepted",
    "notifications.on_event",
)
BODIES = (b"{broken", b"[1, 2]", b"null", b"\xff\xfe", b"", json.dumps({"id": "x"}).encode())
EVERY = 4.0  # seconds


class Poisoner:
    """Sends one now and then; a publish that was not confirmed is made again, under its id."""

    def __init__(self, broker: Broker, seed: int) -> None:
        self._broker, self._dice = broker, random.Random(seed)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.ids: set[str] = set()

    def start(self) -> None:
        logging.getLogger("pika").setLevel(logging.CRITICAL + 1)  # Each refusal is seven lines.
        self._thread.start()

    def finish(self) -> set[str]:
        """The message ids of all that was sent."""
        self._stop.set()
        self._thread.join(120)
        return self.ids

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            id_ = f"poison-{len(self.ids)}"
            queue, body = self._dice.choice(QUEUES), self._dice.choice(BODIES)
            while not self._sent(queue, body, id_):
                self._stop.wait(0.5)
            self.ids.add(id_)

    def _sent(self, queue: str, body: bytes, id_: str) -> bool:
        about = pika.BasicProperties(content_type=CONTENT_TYPE, message_id=id_, delivery_mode=2)
        parameters = pika.URLParameters(f"{self._broker.amqp_uri()}?socket_timeout=5")
        parameters.blocked_connection_timeout = 10
        with suppress(AMQPError, OSError):
            with pika.BlockingConnection(parameters) as connection:
                channel = connection.channel()
                channel.confirm_delivery()
                channel.basic_publish("stint.redeliver", queue, body, about, mandatory=True)
            return True
        return False
