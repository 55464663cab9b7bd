"""A request that is none is answered or kept, and the service goes on."""

import time
from typing import Any

import orjson
import pika
import pytest

from shared.caller import DEADLINE, JSON, Caller
from shared.envelope import Call
from tests.integration.messaging.stage import CALLS, DONE, Runs, Wire
from tests.servers import ServiceProcess
from tests.waiting import wait_until

REQUEST = orjson.dumps({"method": "do", "call": Call(), "arguments": {"what": "nothing"}})


def in_time() -> dict[str, int]:
    return {DEADLINE: round((time.time() + 3) * 1000)}


# What it is, its body, its properties.
BROKEN: dict[str, tuple[bytes, dict[str, Any]]] = {
    "no reply address": (b"{}", {"content_type": JSON}),
    "nothing at all": (b"", {"content_type": None}),
    "no content type": (REQUEST, {"content_type": None}),
    "no JSON": (b"{broken", {"content_type": JSON}),
    "a list": (b"[1]", {"content_type": JSON}),
    "no call": (b'{"method": "do", "arguments": {}}', {"content_type": JSON}),
    "no deadline": (REQUEST, {"content_type": JSON}),
    "a deadline that is a word": (REQUEST, {"content_type": JSON, "headers": {DEADLINE: "soon"}}),
    "an unknown method": (REQUEST.replace(b'"do"', b'"x"'), {"content_type": JSON}),
    "a reply address without an id": (
        b"{broken",
        {"content_type": JSON, "reply_to": "amq.rabbitmq.reply-to.x"},
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_request_that_cannot_be_answered_is_parked_as_it_came(
    module_sample: ServiceProcess, module_wire: Wire, module_caller: Caller, what: str
) -> None:
    """Finding 6: one such message ends a nameko service, again and again after each restart."""
    body, properties = BROKEN[what]

    module_wire.publish(body, "sample", exchange="stint.rpc", **properties)

    (parked,) = module_wire.wait_parked(queue=CALLS)
    assert parked.body == body
    assert module_caller.call("sample", "echo", Call(), value=1)["value"] == 1
    module_wire.empty_parked(CALLS)


def test_a_broken_request_with_a_reply_address_is_answered(
    module_sample: ServiceProcess, module_wire: Wire
) -> None:
    with module_wire.channel() as channel:
        answers: list[bytes] = []
        channel.basic_consume(
            "amq.rabbitmq.reply-to", lambda *got: answers.append(got[3]), auto_ack=True
        )
        channel.basic_publish("stint.rpc", "sample", b"{broken", _asking("c-1"))
        wait_until(lambda: channel.connection.process_data_events(0.05) or answers)

    assert orjson.loads(answers[0])["error"]["code"] == "malformed-request"
    assert module_wire.count(f"{CALLS}.parked") == 0


def test_no_request_makes_the_service_write_into_a_queue(
    module_sample: ServiceProcess, module_wire: Wire, module_runs: Runs
) -> None:
    """A reply address that names a queue would let a caller forge messages."""
    module_wire.publish(
        REQUEST.replace(b'"do"', b'"x"'),
        "sample",
        exchange="stint.rpc",
        content_type=JSON,
        reply_to=DONE,
        correlation_id="c-1",
        headers=in_time(),
    )

    module_wire.wait_parked(queue=CALLS)

    assert module_wire.count(f"{DONE}.parked") == 0
    module_wire.empty_parked(CALLS)


def test_a_request_past_its_deadline_is_not_run(
    module_sample: ServiceProcess, module_wire: Wire, module_runs: Runs
) -> None:
    call = Call()
    body = orjson.dumps({"method": "do", "call": call, "arguments": {"what": "nothing"}})

    module_wire.publish(
        body,
        "sample",
        exchange="stint.rpc",
        content_type=JSON,
        headers={DEADLINE: round(time.time() * 1000) - 1},
    )

    wait_until(lambda: _outcome(module_sample, call) == "expired")
    assert module_runs.began(call.id) == []
    assert module_wire.count(CALLS) == 0


def _outcome(service: ServiceProcess, call: Call) -> str | None:
    found = [line["outcome"] for line in service.lines() if line.get("call_id") == call.id]
    return found[0] if found else None


def _asking(correlation_id: str) -> Any:
    return pika.BasicProperties(
        content_type=JSON, reply_to="amq.rabbitmq.reply-to", correlation_id=correlation_id
    )
