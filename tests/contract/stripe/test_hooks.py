"""Notices signed by Stripe's own library of another language, as bodies and headers on file.

`signed.json` says how it was made; its time stamps are old, so that the tolerance is set wide here
where age is not what is tested.
"""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import stripe

from services.payments.domain import Notice
from shared.errors import Invalid, Unavailable
from tests.contract.stripe import world
from tests.contract.stripe.stand_in import Answer, fixture
from tests.contract.stripe.world import E, bank, refusal

FILE: dict[str, Any] = json.loads(Path(__file__).with_name("signed.json").read_text())
SIGNED = {json.loads(hook["body"])["id"]: hook for hook in FILE["hooks"]}
CENTURY = 100 * 365 * 86_400
PATIENT = replace(world.ACCESS, tolerance=CENTURY)
DISPUTE = "/v1/disputes/{dispute}"


def stands(status: str, *booked: tuple[str, int]) -> Any:
    """Stripe when a dispute is read: it stands so, and is about a charge of ours."""

    def script(_verb: str, path: str, _sent: dict[str, Any]) -> Answer | None:
        if path != DISPUTE:
            return None
        lines = [fixture("balance_transaction", currency=of, fee=fee) for of, fee in booked]
        about = {"status": status, "currency": "usd", "balance_transactions": lines}
        return 200, fixture("dispute", id="dp_1", charge=world.charged(), **about)

    return script


OPENED = stands("needs_response")


def read(id_: str, access: Any = PATIENT, script: Any = OPENED) -> Notice:
    hook = SIGNED[id_]
    return bank(script, access)[0].read_hook(hook["body"].encode(), hook["header"])


NOTICES = {
    "evt_intent": ("charge", "pi_1", f"{E}:charge:1", "", 26405, ""),
    "evt_charge": ("charge", "ch_1", f"{E}:charge:1", "", 26405, ""),
    "evt_refund": ("refund", "re_1", f"{E}:refund:1", "", 405, "lost-or-stolen-card"),
    "evt_refund_of_charge": ("refund", "re_1", f"{E}:refund:1", "", 405, ""),
    "evt_transfer": ("transfer", "tr_1", f"{E}:transfer:1", "", 23764, ""),
    "evt_dispute": ("chargeback", "dp_1", f"{E}:charge:1", "", 26405, "opened"),
    "evt_account": ("account", "acct_1", "", "acc-1:account", 0, ""),
    "evt_payout": ("payout", "po_1", "", "", 23764, "account-closed"),
    "evt_names": ("other", "cus_1", "", "", 0, ""),
}


@pytest.mark.parametrize("id_", NOTICES)
def test_what_stripes_own_library_signed_is_read(id_: str) -> None:
    kind, object_id, operation_key, account_key, amount, code = NOTICES[id_]
    assert read(id_) == Notice(
        id=id_,
        kind=kind,
        object_id=object_id,
        at=world.START,
        engagement_id=E if operation_key else "",
        operation_key=operation_key,
        account_key=account_key,
        amount=amount,
        currency="USD" if amount else "",
        code=code,
    )


def test_each_endpoint_signs_with_a_secret_of_its_own() -> None:
    assert {hook["secret"] for hook in SIGNED.values()} == set(world.ACCESS.webhook_secrets)
    for secret, id_ in (("whsec_account", "evt_account"), ("whsec_connect", "evt_charge")):
        with pytest.raises(Invalid, match="not signed"):
            read(id_, replace(PATIENT, webhook_secrets=(secret,)))
    with pytest.raises(Invalid, match="not signed"):
        read("evt_charge", replace(PATIENT, webhook_secrets=()))


TAMPERED = {
    "a space after the body": lambda body, header: (body + b" ", header),
    "another amount": lambda body, header: (body.replace(b"26405", b"26406"), header),
    "another time": lambda body, header: (body, header.replace("t=1", "t=2")),
    "no signature": lambda body, header: (body, header.split(",")[0]),
    "another scheme": lambda body, header: (body, header.replace("v1=", "v0=")),
    "half of it": lambda body, header: (body, header[:-32]),
    "nothing": lambda body, _header: (body, ""),
    "nonsense": lambda body, _header: (body, "t=soon,v1=abc"),
    "no text": lambda _body, header: (b"\xff\xfe", header),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_was_tampered_with_is_refused(how: str) -> None:
    hook = SIGNED["evt_charge"]
    body, header = TAMPERED[how](hook["body"].encode(), hook["header"])
    with pytest.raises(Invalid) as caught:
        bank(access=PATIENT)[0].read_hook(body, header)
    assert caught.value.code == "hook-signature-wrong"


def test_a_notice_that_was_under_way_too_long_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        read("evt_charge", world.ACCESS)
    assert caught.value.code == "hook-signature-wrong"


def test_a_notice_of_the_other_mode_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        read("evt_live")
    assert caught.value.code == "hook-livemode-wrong"
    live = replace(PATIENT, api_key="sk_live_contract")
    assert read("evt_live", live).object_id == "ch_2"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        ("needs_response", "chargeback", "opened"),
        ("under_review", "chargeback", "opened"),
        ("won", "chargeback", "won"),
        ("lost", "chargeback", "lost"),
        ("warning_needs_response", "other", ""),
        ("warning_closed", "other", ""),
    ],
)
def test_a_chargeback_is_told_as_it_stands_now_and_an_inquiry_moves_nothing(
    status: str, kind: str, code: str
) -> None:
    notice = read("evt_dispute", script=stands(status))
    assert (notice.kind, notice.code, notice.operation_key) == (kind, code, f"{E}:charge:1")


@pytest.mark.parametrize(
    ("booked", "fee", "returned"),
    [
        ([], 0, 0),  # It was only just opened.
        ([("usd", 1500)], 1500, 0),
        ([("usd", 1500), ("usd", 0)], 1500, 0),  # Won, and the fee is kept.
        ([("usd", 1500), ("usd", -1500)], 1500, 1500),
        ([("eur", 1500)], 0, 0),  # Settled in another currency: the reconciliation finds it.
    ],
)
def test_what_a_chargeback_has_cost_so_far_is_told_with_it(
    booked: list[tuple[str, int]], fee: int, returned: int
) -> None:
    notice = read("evt_dispute", script=stands("won", *booked))
    assert (notice.fee, notice.fee_returned) == (fee, returned)


def test_a_chargeback_that_cannot_be_read_is_told_again_by_stripe() -> None:
    with pytest.raises(Unavailable):
        read("evt_dispute", script=lambda *_: refusal(500, "api_error"))


UNREADABLE = [b"{", b"[]", b"{}", b'{"object": "v2.core.event", "id": "evt_1"}']
HALF: list[dict[str, Any]] = [
    {},
    {"id": "evt_1", "type": "charge.succeeded", "data": {"object": None}},
    {"id": "evt_1", "type": "charge.succeeded", "data": {"object": {"id": "ch_1"}}},
    {"id": "evt_1", "type": 7, "created": 1, "data": {"object": {"id": "ch_1"}}},
]
UNREADABLE += [json.dumps({"object": "event", "livemode": False} | half).encode() for half in HALF]


@pytest.mark.parametrize("body", UNREADABLE)
def test_what_is_signed_and_no_event_is_refused(body: bytes) -> None:
    header = stripe.WebhookSignature.generate_signature_header(
        body.decode(), "whsec_connect", int(time.time())
    )
    with pytest.raises(Invalid) as caught:
        bank()[0].read_hook(body, header)
    assert caught.value.code == "hook-unreadable"
