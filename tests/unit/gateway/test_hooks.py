"""The door of payment processors: every byte goes on as it came, with the signature over it."""

from base64 import b64decode, b64encode

import pytest

from shared.errors import Invalid, NotFound
from tests.unit.gateway.conftest import World

BODY = b'{ "id": "evt_1",\n "name": "Za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87" }\n'


@pytest.mark.parametrize(
    ("processor", "header"),
    [("stripe", "Stripe-Signature"), ("sandbox", "Stint-Sandbox-Signature")],
)
def test_what_is_signed_goes_on_byte_for_byte(world: World, processor: str, header: str) -> None:
    world.rpc.answers["receive_hook"] = {"id": "evt_1", "received": True}
    answer = world.client()(
        "POST",
        f"/v1/hooks/{processor}",
        data=BODY,
        headers={header: "t=1,v1=2"},
        content_type="application/json; charset=utf-8",
    )
    assert (answer.status_code, answer.get_json()) == (200, {"id": "evt_1", "received": True})
    [(_, sent)] = world.rpc.calls("receive_hook")
    assert b64decode(sent.pop("body_base64")) == BODY
    assert sent == {"processor": processor, "signature": "t=1,v1=2"}


def test_bytes_that_are_no_text_go_on_too_and_no_signature_is_an_empty_one(world: World) -> None:
    world.rpc.answers["receive_hook"] = Invalid("hook-signature-wrong", "Not signed.")
    answer = world.client()("POST", "/v1/hooks/stripe", data=b"\xff\x00")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "hook-signature-wrong")
    [(_, sent)] = world.rpc.calls("receive_hook")
    assert sent["body_base64"] == b64encode(b"\xff\x00").decode()
    assert sent["signature"] == ""


def test_a_processor_that_is_not_connected_is_not_there(world: World) -> None:
    world.rpc.answers["receive_hook"] = NotFound("processor-unknown", "No.")
    assert world.client()("POST", "/v1/hooks/paypal", data=b"{}").status_code == 404


def test_a_body_of_more_than_a_mebibyte_is_not_taken(world: World) -> None:
    answer = world.client()("POST", "/v1/hooks/stripe", data=b"x" * (1 << 20) + b"x")
    assert answer.status_code == 413
    assert world.rpc.calls("receive_hook") == []
