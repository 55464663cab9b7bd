"""Where banks tell of what happened: raw bytes in, since the signature is over them."""

from base64 import b64encode
from typing import Any

from flask import request

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.payments import HookReceipt

resource = Resource("hooks", __name__, description="Webhooks of payment processors")
SIGNATURES = {"stripe": "Stripe-Signature", "sandbox": "Stint-Sandbox-Signature"}


@resource.operation("POST", "/hooks/<processor>", accepts="*/*", answer=HookReceipt, repeats=False)
def receive_hook(processor: str) -> Any:
    return ask(
        "payments",
        "receive_hook",
        processor=processor,
        body_base64=b64encode(request.get_data()).decode(),
        signature=request.headers.get(SIGNATURES.get(processor, ""), ""),
    )
