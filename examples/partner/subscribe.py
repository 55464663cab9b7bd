"""Reads a partner's stream over AMQP: goes on at the stored offset, and connects again by itself.

    STINT_AMQP_URI=amqps://partner.ID.a:PASSWORD@host/partners python subscribe.py --partner ID

`stint partner create ID` gives the address. Nothing is declared: the platform has made the queue.
"""

import argparse
import json
import logging
import os
import random
import signal
import sys
import time
from typing import Any

import pika
from inbox import Inbox, show
from pika.exceptions import AMQPError, ProbableAccessDeniedError, ProbableAuthenticationError

WAY = "amqp"
PREFETCH = 100  # A stream needs one; this many events may be under way.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
REFUSED = (ProbableAccessDeniedError, ProbableAuthenticationError)


class Subscriber:
    """`run` returns after SIGTERM or SIGINT; raises when the broker refuses user or queue."""

    def __init__(self, uri: str, queue: str, inbox: Inbox) -> None:
        self._parameters = pika.URLParameters(uri)
        self._parameters.heartbeat = 30
        self._queue, self._inbox = queue, inbox
        self._connection: Any = None
        self._stopping = False

    def run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping:
            try:
                self._read()
                pause = FIRST_PAUSE
            except REFUSED:
                raise
            except (AMQPError, OSError) as error:
                logging.warning("not connected, again in %.1f s: %r", pause, error)
                time.sleep(random.uniform(pause / 2, pause))
                pause = min(pause * 2, LONGEST_PAUSE)

    def stop(self, *_signal: object) -> None:
        self._stopping = True

    def _read(self) -> None:
        with pika.BlockingConnection(self._parameters) as connection:
            channel = connection.channel()
            channel.basic_qos(prefetch_count=PREFETCH)
            channel.basic_consume(
                self._queue, self._take, arguments={"x-stream-offset": self._next()}
            )
            logging.info("reading %s", self._queue)
            while not self._stopping:
                connection.process_data_events(time_limit=0.5)

    def _next(self) -> int | str:
        """Behind the last event that was kept; at first everything that the stream has."""
        last = self._inbox.position(WAY)
        return "first" if last is None else int(last) + 1

    def _take(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        offset = properties.headers["x-stream-offset"]
        event = json.loads(body)
        show(WAY, event, self._inbox.take(event, WAY, str(offset)))
        channel.basic_ack(method.delivery_tag)  # Asks for more; the stream forgets nothing by it.


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--partner", required=True, metavar="ID")
    parser.add_argument("--inbox", default="partner.sqlite", metavar="FILE")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    uri = os.environ.get("STINT_AMQP_URI")
    if not uri:
        parser.error("STINT_AMQP_URI is missing: it is what `stint partner create` shows")
    subscriber = Subscriber(uri, f"partner.{asked.partner}", Inbox(asked.inbox))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, subscriber.stop)
    try:
        subscriber.run()
    except REFUSED:
        logging.error("the broker refuses this user: was the password rotated or revoked?")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
