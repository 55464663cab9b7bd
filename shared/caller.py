"""The asking side of a call: one connection, many requests at once, each with a deadline.

Plain threads and futures, so that it works in tools; in a service they are greenlets.
"""

import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from typing import Any
from uuid import uuid4

import amqp
import orjson
import structlog
from kombu import Connection

from shared.broker import HEARTBEAT, backoff, describe, turns
from shared.envelope import Call
from shared.errors import Invalid, StintError, Unavailable, from_wire
from shared.topology import RPC

log = structlog.get_logger(__name__)

DEADLINE = "x-deadline"  # Header: milliseconds since the epoch.
JSON = "application/json"
LIMIT = 3.0  # seconds that a caller waits
REPLY_TO = "amq.rabbitmq.reply-to"  # The broker sends replies straight to this channel: no queue.


class Caller:
    """Calls methods of services. `start` it first; safe for any number of threads or greenlets."""

    def __init__(self, uri: str, limit: float = LIMIT) -> None:
        self._uri, self._limit = uri, limit
        self._pending: dict[str, Future[Any]] = {}
        self._connected = threading.Event()
        self._stopping = False
        self._channel: Any = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="rpc-replies", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._thread.join()

    @property
    def connected(self) -> bool:
        return self._connected.is_set()

    @property
    def pending(self) -> int:
        """Calls that wait for their answer."""
        return len(self._pending)

    def call(self, service: str, method: str, call: Call, /, **arguments: Any) -> Any:
        """What the method returns, or the error of `shared.errors` that it raised.

        Unavailable("service-unavailable") when nobody answers in time; it may have run even so.
        """
        until = time.monotonic() + self._limit
        id_, answer = str(uuid4()), Future[Any]()
        self._pending[id_] = answer
        try:
            if not self._connected.wait(self._limit):
                raise _unavailable(service)
            self._send(id_, service, method, call, arguments, until - time.monotonic())
            return answer.result(until - time.monotonic())
        except (NoAnswer, amqp.AMQPError, OSError) as exc:
            log.warning("call-failed", to=service, method=method, error=describe(exc))
            raise _unavailable(service) from exc
        finally:
            del self._pending[id_]

    def _send(
        self,
        id_: str,
        service: str,
        method: str,
        call: Call,
        arguments: dict[str, Any],
        seconds: float,
    ) -> None:
        message = amqp.Message(
            _dumps({"method": method, "call": call, "arguments": arguments}),
            content_type=JSON,
            reply_to=REPLY_TO,
            correlation_id=id_,
            expiration=str(max(1, round(seconds * 1000))),  # milliseconds on the wire
            application_headers={DEADLINE: int((time.time() + seconds) * 1000)},
        )
        self._channel.basic_publish(message, RPC, service, mandatory=True)

    def _run(self) -> None:
        pauses = backoff()
        while not self._stopping:
            try:
                with Connection(self._uri, heartbeat=HEARTBEAT, connect_timeout=5) as line:
                    self._listen(line)
                    pauses = backoff()
            except Exception as exc:  # noqa: BLE001 Whatever it is, the next connection may do.
                log.warning("broker-away", error=describe(exc))
            self._connected.clear()
            self._fail_all()
            if not self._stopping:
                time.sleep(next(pauses))

    def _listen(self, line: Connection) -> None:
        self._channel = line.channel()
        # Else each publish would read from the socket that this loop is reading.
        line.connection.client_properties["capabilities"].pop("connection.blocked", None)
        self._channel.events["basic_return"].add(self._returned)
        self._channel.basic_consume(REPLY_TO, no_ack=True, callback=self._replied)
        self._connected.set()
        for _ in turns(line):
            if self._stopping:
                return

    def _replied(self, message: Any) -> None:
        answer = self._pending.get(message.properties.get("correlation_id"))
        if answer is None or answer.done():
            return  # Its caller gave up.
        body = orjson.loads(message.body)
        if "error" in body:
            answer.set_exception(from_wire(body["error"]))
        else:
            answer.set_result(body["result"])

    def _returned(self, _reason: Any, _exchange: str, key: str, message: Any) -> None:
        answer = self._pending.get(message.properties.get("correlation_id"))
        if answer is not None and not answer.done():
            answer.set_exception(_unavailable(key))

    def _fail_all(self) -> None:
        for answer in list(self._pending.values()):
            if not answer.done():
                answer.set_exception(_unavailable("service"))


def _dumps(request: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(request)
    except TypeError as exc:
        raise Invalid("value-unusable", f"A value of the request cannot be used: {exc}.") from exc


def _unavailable(service: str) -> StintError:
    return Unavailable("service-unavailable", f"{service.capitalize()} does not answer just now.")
