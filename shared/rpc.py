"""Calls from the gateway to a service: `@rpc` methods here, `RpcClient` there.

A request names its deadline and is not run after it; errors of `shared.errors` cross as they are.
"""

import inspect
import math
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
import structlog
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import DependencyProvider, Entrypoint, SharedExtension

from shared import metrics, topology
from shared.broker import Consumers, describe
from shared.caller import DEADLINE, JSON, REPLY_TO, Caller
from shared.container import AWAY
from shared.delivery import Delivery
from shared.envelope import Call, Malformed
from shared.errors import Invalid, StintError, Unavailable, to_wire
from shared.messaging import TimedOut, bounded, unexpected
from shared.principal import Principal

log = structlog.get_logger(__name__)

PREFETCH = 100


class Request:
    """A decoded request: what to run, for whom, and until when (seconds since the epoch)."""

    def __init__(self, delivery: Delivery) -> None:
        """Raises Malformed where it is not a request of ours."""
        if delivery.content_type != JSON:
            raise Malformed(f"content type {delivery.content_type!r} is not {JSON}")
        try:
            body = orjson.loads(delivery.body)
            self.method = str(body["method"])
            self.arguments = dict(body["arguments"])
            about = dict(body["call"])
            self.call = Call(**{**about, "principal": Principal(**about["principal"])})
            self.deadline = _finite(delivery.headers[DEADLINE]) / 1000
        except Exception as exc:
            raise Malformed(f"undecodable request: {describe(exc)}") from exc

    @property
    def seconds_left(self) -> float:
        return self.deadline - time.time()


class RpcServer(SharedExtension):
    """Reads `rpc-<service>` for all `@rpc` methods of the service and answers."""

    consumers = Consumers()
    prefetch = PREFETCH

    def __init__(self) -> None:
        self.methods: dict[str, Rpc] = {}

    def setup(self) -> None:
        self.queue = topology.rpc_name(self.container.service_name)
        self.consumers.register(self)

    def receive(self, message: Any) -> None:
        """Take a request: run it, refuse it, drop it when it is late, or park what is none."""
        delivery = Delivery(self.queue, message, self.consumers, self.container.publisher)
        try:
            request = Request(delivery)
            entrypoint = self._find(request)
        except (Malformed, Invalid) as exc:
            self._spawn(partial(self._refuse, delivery, exc))
            return
        if request.seconds_left <= 0:
            self._spawn(partial(self._expire, delivery, request))
            return
        try:
            self.container.spawn_worker(
                entrypoint,
                (request,),
                {},
                handle_result=lambda *end: self._answer(delivery, request, *end),
            )
        except ContainerBeingKilled:
            self.consumers.settled()

    def _find(self, request: Request) -> "Rpc":
        entrypoint = self.methods.get(request.method)
        if entrypoint is None:
            raise Invalid("unknown-method", f"There is no method {request.method}.")
        try:
            entrypoint.signature.bind(None, request.call, **request.arguments)
        except TypeError as exc:
            raise Invalid("wrong-arguments", f"{request.method}: {exc}.") from exc
        return entrypoint

    def _spawn(self, act: Callable[[], None]) -> None:
        self.container.spawn_managed_thread(act, "rpc")

    def _refuse(self, delivery: Delivery, exc: Malformed | Invalid) -> None:
        log.error("call-refused", error=describe(exc))
        metrics.calls.labels("unknown", "refused").inc()
        if _answerable(delivery):
            error = exc if isinstance(exc, Invalid) else Invalid("malformed-request", str(exc))
            self._reply(delivery, {"error": to_wire(error)})
            delivery.ack()
        else:
            delivery.park(exc)

    def _expire(self, delivery: Delivery, request: Request) -> None:
        delivery.ack()
        self._tell(delivery, request, "expired", None)

    def _answer(
        self, delivery: Delivery, request: Request, _worker: Any, result: object, exc_info: Any
    ) -> tuple[object, Any]:
        exc = exc_info[1] if exc_info else None
        body: dict[str, Any] = {"result": result}
        if exc is not None:
            body = {"error": to_wire(_as_error(exc))}
        self._reply(delivery, body)
        delivery.ack()
        self._tell(delivery, request, "ok" if exc is None else "error", exc)
        return result, exc_info

    def _reply(self, delivery: Delivery, body: dict[str, Any]) -> None:
        """Best effort: a caller that hears nothing asks again; the call's id tells the repeat."""
        properties = delivery.message.properties
        try:
            self.container.publisher.publish(
                "",
                properties["reply_to"],
                _dumps(body),
                mandatory=False,
                content_type=JSON,
                correlation_id=properties["correlation_id"],
            )
        except Exception as exc:  # noqa: BLE001 An error here would end the service.
            log.warning("reply-not-sent", error=describe(exc))

    def _tell(
        self, delivery: Delivery, request: Request, outcome: str, exc: BaseException | None
    ) -> None:
        metrics.calls.labels(request.method, outcome).inc()
        metrics.call_seconds.labels(request.method).observe(delivery.milliseconds / 1000)
        facts: dict[str, Any] = {
            "call_id": request.call.id,
            "correlation_id": request.call.correlation_id,
        }
        if exc is not None:
            facts |= {"error": describe(exc), "exc_info": unexpected(exc)}
        tell = log.error if facts.get("exc_info") else log.info
        tell("called", method=request.method, outcome=outcome, ms=delivery.milliseconds, **facts)


class Rpc(Entrypoint):
    """Makes a method callable: it gets the Call and the arguments, and returns JSON-ready data."""

    server = RpcServer()

    def setup(self) -> None:
        method = getattr(self.container.service_cls, self.method_name)
        self.signature = inspect.signature(method)
        self.server.methods[self.method_name] = self

    def stop(self) -> None:
        self.server.consumers.drain()

    def invoke(self, worker: Any, method: Callable[..., object]) -> object:
        """Run it within what is left of the caller's patience."""
        (request,) = worker.args
        call = request.call
        structlog.contextvars.bind_contextvars(
            handler=self.method_name, call_id=call.id, correlation_id=call.correlation_id
        )
        return bounded(max(request.seconds_left, 0.001), lambda: method(call, **request.arguments))


class RpcClient(DependencyProvider):
    """Lets a worker call other services: `self.rpc.call("service", "method", call, ...)`."""

    def setup(self) -> None:
        self.caller = Caller(self.container.uri)

    @property
    def connected(self) -> bool:
        return self.caller.connected

    def start(self) -> None:
        self.caller.start()

    def stop(self) -> None:
        self.caller.stop()

    def get_dependency(self, worker_ctx: Any) -> Caller:
        return self.caller


def _finite(value: Any) -> float:
    """A timer until NaN would disturb the order of all timers of the process."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{DEADLINE} is {number}")
    return number


def _answerable(delivery: Delivery) -> bool:
    """Only to a caller's own reply address: any other would let a request write to any queue."""
    properties = delivery.message.properties
    reply_to = str(properties.get("reply_to"))
    return reply_to.startswith(REPLY_TO + ".") and "correlation_id" in properties


def _as_error(exc: BaseException) -> StintError:
    if isinstance(exc, StintError):
        return exc
    if isinstance(exc, AWAY):
        return Unavailable("database-unavailable", "The service cannot reach its data just now.")
    if isinstance(exc, TimedOut):
        return Unavailable("deadline-passed", "The service did not finish in time.")
    return Unavailable("internal-error", "Something went wrong inside the service.")


def _dumps(body: dict[str, Any]) -> bytes:
    """JSON; what is none becomes an internal error, told in the log."""
    try:
        return orjson.dumps(body)
    except TypeError as exc:
        log.exception("result-is-not-json")
        return orjson.dumps({"error": to_wire(_as_error(exc))})


rpc = Rpc.decorator
