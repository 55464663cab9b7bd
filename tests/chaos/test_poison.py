"""A service that is fed a corpus of malformed messages parks each with its reason, and goes on."""

import json
from typing import Any
from uuid import uuid4

import pytest

from shared.topology import apply, parked_name, plan, read_handlers
from tests.chaos.corpus import corpus
from tests.examples import example_of
from tests.integration.conftest import StartService
from tests.integration.messaging.stage import LADDER, SOON, Wire, handled
from tests.servers import ServiceProcess, Vhost
from tests.waiting import wait_until

TYPE, QUEUE = "application.accepted.v1", "payments.on_application_accepted"


def good(id_: str) -> dict[str, Any]:
    """An event that payments handles: nobody has a card, so the charge fails, and that is all."""
    data = example_of(TYPE)
    return {
        "specversion": "1.0",
        "id": id_,
        "source": "applications",
        "type": TYPE,
        "subject": "application:1",
        "time": "2030-01-02T03:04:05.678+00:00",
        "data": {**data, "engagement_id": f"eng-{id_}"},
        "aggregateversion": 1,
        "correlationid": id_,
    }


@pytest.fixture
def payments(vhost: Vhost, start_service: StartService) -> ServiceProcess:
    apply(vhost.amqp_uri, plan(read_handlers(), LADDER))
    return start_service("payments")


def publish(wire: Wire, body: bytes, **about: Any) -> None:
    wire.publish(body, QUEUE, exchange="stint.redeliver", **about)


@pytest.mark.timeout(600)
def test_each_message_of_the_corpus_is_parked_and_the_next_good_one_handled_at_once(
    vhost: Vhost, payments: ServiceProcess
) -> None:
    wire, poisons = Wire(vhost.amqp_uri), list(corpus(good("e-0")))
    for number, poison in enumerate(poisons):
        publish(wire, poison.body, content_type=poison.content_type, message_id=f"p-{number}")
        next_ = str(uuid4())
        publish(wire, json.dumps(good(next_)).encode(), message_id=next_)
        told = f"a good event after {poison.what}"
        wait_until(lambda: handled(payments, next_), SOON, told)
        assert handled(payments, next_)[0]["outcome"] == "ok"

    parked = {one.id: one for one in wire.wait_parked(len(poisons), QUEUE)}
    assert set(parked) == {f"p-{number}" for number in range(len(poisons))}
    for number, poison in enumerate(poisons):
        one = parked[f"p-{number}"]
        assert one.body == poison.body, poison.what
        assert one.error.startswith("Malformed: "), poison.what
    assert wire.count(QUEUE) == 0
    assert wire.count(parked_name(QUEUE)) == len(poisons)
