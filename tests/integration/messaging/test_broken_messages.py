"""Whatever arrives is handled or kept, byte for byte, and the service goes on."""

import pickle
from typing import Any

import pytest

from shared.envelope import CONTENT_TYPE
from tests.integration.messaging.stage import DONE, SOON, Runs, Wire, envelope
from tests.servers import ServiceProcess
from tests.waiting import wait_until

GOOD = envelope("e-1", "thing.done.v1", {"do": "nothing"})
BROKEN: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "no JSON": (b"{broken", {}, "undecodable"),
    "a pickle": (pickle.dumps({"id": 1}), {}, "undecodable"),
    "an empty body": (b"", {}, "undecodable"),
    "a list": (b"[1, 2]", {}, "missing"),
    "null": (b"null", {}, "undecodable"),
    "bytes that claim to be gzip": (b"\xff\xfe\x00", {"content_encoding": "gzip"}, "undecodable"),
    "text in a wrong encoding": (b"\xff\xfe", {"content_encoding": "utf-8"}, "undecodable"),
    "another content type": (GOOD, {"content_type": "application/json"}, "content type"),
    "no content type": (GOOD, {"content_type": None}, "content type"),
    "an unknown type": (envelope("e-1", "thing.lost.v1", {}), {}, "does not take"),
    "a type of another handler": (envelope("e-1", "thing.seen.v1", {}), {}, "does not take"),
    "data against the contract": (envelope("e-1", "thing.done.v1", {"do": 5}), {}, "do: 5 is not"),
    "data without what is required": (envelope("e-1", "thing.done.v1", {}), {}, "do"),
    "an id that is no text": (GOOD.replace(b'"e-1"', b"7"), {}, "non-empty strings"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_event_of_ours_is_parked_as_it_came(
    module_sample: ServiceProcess, module_wire: Wire, module_runs: Runs, what: str
) -> None:
    """Finding 2 (nameko acknowledges and loses it); gotcha G2 (an empty body looped)."""
    body, properties, error = BROKEN[what]

    module_wire.publish(body, **properties)

    (parked,) = module_wire.wait_parked(seconds=SOON)
    assert parked.body == body
    assert parked.properties.content_type == properties.get("content_type", CONTENT_TYPE)
    assert parked.properties.content_encoding == properties.get("content_encoding")
    assert error in parked.error
    _goes_on(module_wire, module_runs)
    module_wire.empty_parked()


HOSTILE: dict[str, dict[str, Any]] = {
    "an attempt that is a word": {"x-attempt": "abc"},
    "a negative attempt": {"x-attempt": -5},
    "an enormous attempt": {"x-attempt": 10**15},
    "an attempt that is true": {"x-attempt": True},
    "an attempt that is a table": {"x-attempt": {"a": [1, 2]}},
    "no text where text is ours": {"x-first-failure": 5, "x-original-key": [1], "x-error": {}},
    "a forged history": {"x-death": [{"count": 99}], "x-first-death-queue": "q", "x-attempt": None},
    "other recipients": {"CC": [DONE], "BCC": [DONE]},
    "bytes, nothing and tables": {
        "blob": b"\x00\xff",
        "none": None,
        "deep": {"a": {"b": [1]}},
    },
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_headers_do_not_keep_an_event_from_being_retried(
    module_sample: ServiceProcess, module_wire: Wire, module_runs: Runs, what: str
) -> None:
    """Gotcha G1: what raises while a message is settled kills a nameko service."""
    id_ = f"hostile-{what}"
    body = envelope(id_, "thing.done.v1", {"do": "unavailable", "times": 1})

    module_wire.publish(body, DONE, exchange="stint.redeliver", headers=HOSTILE[what])

    module_runs.wait_ended(id_)
    wait_until(lambda: module_wire.count(DONE) == 0)
    _goes_on(module_wire, module_runs)
    assert len(module_runs.began(id_)) == 2
    assert module_wire.parked() == []


def test_a_copy_carries_its_own_headers_and_none_of_the_broker(
    module_sample: ServiceProcess, module_wire: Wire
) -> None:
    headers = {
        "traceparent": "00-1",
        "x-death": [{"count": 3}],
        "x-delivery-count": 9,
        "BCC": ["a"],
    }

    module_wire.publish(b"{", headers=headers, app_id="tests", type="thing", message_id="m-1")

    (parked,) = module_wire.wait_parked()
    names = set(parked.headers) - {"x-delivery-count"}  # This one the parked queue adds itself.
    ours = {"x-attempt", "x-error", "x-first-failure", "x-original-key"}
    assert names == {"traceparent", *ours}
    assert parked.headers["x-delivery-count"] == 0
    about = parked.properties
    assert (about.app_id, about.type, about.message_id) == ("tests", "thing", "m-1")
    assert about.delivery_mode == 2
    module_wire.empty_parked()


def test_an_event_as_large_as_a_frame_arrives_whole(
    module_sample: ServiceProcess, module_wire: Wire
) -> None:
    body = b"x" * 400_000

    module_wire.publish(body)

    (parked,) = module_wire.wait_parked()
    assert parked.body == body
    module_wire.empty_parked()


def _goes_on(wire: Wire, runs: Runs) -> None:
    runs.wait_ended(wire.announce("nothing"), seconds=SOON)
