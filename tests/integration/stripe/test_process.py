"""The whole service over Stripe: a real process, patched as in production, and signed notices."""

import json
from base64 import b64encode
from typing import Any

import pika
import pytest
import stripe

from shared import topology
from shared.caller import Caller
from shared.errors import Invalid, NotFound
from shared.principal import ANONYMOUS
from tests.integration.conftest import StartService
from tests.integration.payments.test_process import LADDER, Around
from tests.integration.stripe.rig import SECRET, StripeRig
from tests.servers import Vhost
from tests.unit.payments.story import OWNER, PRICE


def hook(around: Around, body: str, secret: str = SECRET, processor: str = "stripe") -> Any:
    header = stripe.WebhookSignature.generate_signature_header(body, secret)
    sent = {"body_base64": b64encode(body.encode()).decode(), "signature": header}
    return around.ask(ANONYMOUS, "receive_hook", processor=processor, **sent)


def test_a_fee_is_charged_at_stripe_told_of_by_stripe_and_given_back(
    vhost: Vhost, start_service: StartService, rig: StripeRig
) -> None:
    topology.apply(vhost.amqp_uri, topology.plan(topology.read_handlers(), LADDER))
    start_service(
        "payments",
        STRIPE_API_KEY="sk_test_world",
        STRIPE_WEBHOOK_SECRETS=f"whsec_other,{SECRET}",
        STRIPE_API_BASE=rig.api_base,
        STRIPE_TRANSFER_GROUPS="false",
    )
    connection = pika.BlockingConnection(pika.URLParameters(vhost.amqp_uri))
    caller = Caller(vhost.amqp_uri, limit=20)
    caller.start()
    try:
        around = Around(connection.channel(), "", caller, bank=None)
        around.ask(OWNER, "put_payment_method", token="tok_visa")
        around.accept_application()
        assert around.until("funded")["simulated"] is True
        for event in rig.client.v1.events.list({"limit": 10}).data:
            body = json.dumps(event.to_dict(for_json=True))
            assert hook(around, body) == {"id": event.id, "received": True}
            assert hook(around, body) == {"id": event.id, "received": True}
        with pytest.raises(Invalid, match="not signed"):
            hook(around, body, secret="whsec_guessed")
        with pytest.raises(NotFound):
            hook(around, body, processor="sandbox")
        around.cancel()
        assert around.until("refunded")["refunded_amount"] == PRICE
        keys = [f"{around.engagement_id}:{kind}:1" for kind in ("charge", "refund")]
        assert rig.effects() == [(key, PRICE) for key in keys]
    finally:
        caller.stop()
        connection.close()
