"""A request is decoded or refused; a caller's error is what the service's was."""

import time
from typing import Any

import eventlet
import orjson
import pytest
from pymongo.errors import AutoReconnect

from shared.caller import DEADLINE, JSON, Caller, _dumps
from shared.envelope import Call, Malformed
from shared.errors import Conflict, Invalid, NotYet, Unavailable
from shared.messaging import TimedOut
from shared.principal import Principal
from shared.rpc import Request, _answerable, _as_error

CALL = Call(principal=Principal("acc-1", "owner", "org-1"), expected_version=3)


class Delivery:
    """A delivered request, as far as decoding looks at it."""

    def __init__(self, body: object, *, content_type: str | None = JSON, **about: Any) -> None:
        self.body = body if isinstance(body, bytes) else orjson.dumps(body)
        self.content_type = content_type
        self.headers = about.pop("headers", {DEADLINE: int((time.time() + 3) * 1000)})
        self.message = self
        self.properties = about


def decode(delivery: Delivery) -> Request:
    return Request(delivery)  # type: ignore[arg-type]


GOOD: dict[str, Any] = {"method": "lend", "call": CALL, "arguments": {"book": 1}}


def test_a_request_carries_its_call_and_what_is_left_of_its_time() -> None:
    request = decode(Delivery(GOOD))

    assert (request.method, request.arguments, request.call) == ("lend", {"book": 1}, CALL)
    assert 2.5 < request.seconds_left <= 3


@pytest.mark.parametrize(
    "delivery",
    [
        Delivery(GOOD, content_type=None),
        Delivery(GOOD, content_type="application/x-python-pickle"),
        Delivery(GOOD, headers={}),
        Delivery(GOOD, headers={DEADLINE: "soon"}),
        Delivery(GOOD, headers={DEADLINE: [1]}),
        Delivery(GOOD, headers={DEADLINE: float("nan")}),
        Delivery(GOOD, headers={DEADLINE: float("inf")}),
        Delivery(b""),
        Delivery(b"{broken"),
        Delivery(b"\xff"),
        Delivery([GOOD]),
        Delivery({**GOOD, "call": None}),
        Delivery({**GOOD, "call": {"id": "c"}}),
        Delivery({**GOOD, "call": {"principal": {"id": "a", "role": "owner", "rank": 1}}}),
        Delivery({**GOOD, "arguments": None}),
        Delivery({"call": CALL, "arguments": {}}),
    ],
)
def test_what_is_no_request_is_malformed(delivery: Delivery) -> None:
    with pytest.raises(Malformed):
        decode(delivery)


@pytest.mark.parametrize(
    ("about", "answerable"),
    [
        ({"reply_to": "amq.rabbitmq.reply-to.g1", "correlation_id": "c"}, True),
        ({"reply_to": "amq.rabbitmq.reply-to.g1"}, False),
        ({"reply_to": "lending.on_book_returned", "correlation_id": "c"}, False),
        ({"correlation_id": "c"}, False),
        ({"reply_to": None, "correlation_id": "c"}, False),
    ],
)
def test_only_a_callers_own_address_is_answered(about: dict[str, Any], answerable: bool) -> None:
    assert _answerable(Delivery(GOOD, **about)) is answerable  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (Conflict("book-lent", "It is lent."), Conflict, "book-lent"),
        (NotYet("book-unknown", "Later."), Unavailable, "book-unknown"),
        (AutoReconnect("away"), Unavailable, "database-unavailable"),
        (TimedOut("slow"), Unavailable, "deadline-passed"),
        (ValueError("a secret"), Unavailable, "internal-error"),
        (eventlet.Timeout(None), Unavailable, "internal-error"),
    ],
)
def test_every_error_has_a_category(error: BaseException, kind: type, code: str) -> None:
    seen = _as_error(error)

    assert isinstance(seen, kind)
    assert seen.code == code
    assert "secret" not in seen.detail


@pytest.mark.parametrize("value", ["\ud800", 2**64, {1: "a"}, object()])
def test_a_value_that_json_cannot_carry_is_the_callers_fault(value: object) -> None:
    with pytest.raises(Invalid):
        _dumps({"arguments": {"value": value}})


def test_a_caller_that_reaches_no_broker_gives_up_in_time_and_keeps_nothing() -> None:
    caller, began = Caller("amqp://127.0.0.1:1", limit=0.1), time.monotonic()

    with pytest.raises(Unavailable) as caught:
        caller.call("lending", "lend", CALL)

    assert caught.value.code == "service-unavailable"
    assert time.monotonic() - began < 1
    assert caller.pending == 0
