"""Events as a Stripe that others wrote makes them, signed by Stripe's library, taken in by us."""

import json
from dataclasses import replace
from typing import Any

import pytest
import stripe

from services.payments import usecases
from services.payments.domain import Notice, Status
from services.payments.usecases.reconciling import reconcile
from shared.envelope import Call
from tests.integration.stripe.rig import SECRET, StripeRig
from tests.unit.payments.bank_cases import PRICE, E, Kind, order
from tests.unit.payments.bookkeeping import books_of
from tests.unit.payments.fakes import World
from tests.unit.payments.story import OPERATOR, Story, call


def events(rig: StripeRig) -> list[tuple[bytes, str, str]]:
    """Body, signature and type of all that has happened there, the newest first."""
    found: list[Any] = rig.client.v1.events.list({"limit": 100}).data
    bodies = [(json.dumps(event.to_dict(for_json=True)), event.type) for event in found]
    sign = stripe.WebhookSignature.generate_signature_header
    return [(body.encode(), sign(body, SECRET), type_) for body, type_ in bodies]


def read(rig: StripeRig) -> dict[str, Notice]:
    """The notices by the type of their event."""
    return {type_: rig.bank.read_hook(body, header) for body, header, type_ in events(rig)}


def test_what_is_told_of_money_names_its_operation(rig: StripeRig) -> None:
    operation, outcome = rig.charge()
    rig.bank.refund(E, order(Kind.REFUND, 405, charge_id=outcome.bank_id))
    told = read(rig)
    for type_, kind, key in (
        ("payment_intent.succeeded", "charge", operation.key),
        ("charge.succeeded", "charge", operation.key),
        ("refund.created", "refund", f"{E}:refund:1"),
    ):
        assert (told[type_].kind, told[type_].operation_key) == (kind, key)
    assert told["charge.succeeded"].amount == PRICE
    assert told["refund.created"].amount == 405
    assert told["customer.created"].kind == "other"


def test_a_chargeback_is_told_with_the_charge_that_it_is_about(rig: StripeRig) -> None:
    operation, _ = rig.charge(token="tok_createDispute")
    opened = read(rig)["charge.dispute.created"]
    assert (opened.kind, opened.code, opened.operation_key) == (
        "chargeback",
        "opened",
        operation.key,
    )
    assert (opened.amount, opened.currency, opened.engagement_id) == (PRICE, "USD", E)
    assert rig.bank.answer_chargeback(opened.object_id, "losing_evidence")
    assert read(rig)["charge.dispute.created"].code == "lost"  # As it stands now.


def test_a_charge_whose_answer_was_lost_is_settled_by_its_event(rig: StripeRig) -> None:
    world = World()
    world.desk = replace(world.desk, bank=rig.bank)
    story = Story(world)
    rig.faults.losing = ["answer"]
    assert story.fund().status is Status.PENDING
    hear_all(world, rig)
    assert story.escrow.status is Status.FUNDED
    assert rig.effects() == [(f"{E}:charge:1", PRICE)]
    assert all(not hook.get("due_at") for hook in world.hooks.documents.values())


@pytest.mark.parametrize("evidence", ["winning_evidence", "losing_evidence"])
def test_a_chargeback_is_followed_from_its_notice_to_its_end_and_both_sides_agree(
    rig: StripeRig, evidence: str
) -> None:
    world = World()
    world.desk = replace(world.desk, bank=rig.bank)
    story = Story(world, token="tok_createDispute")
    story.fund()
    hear_all(world, rig)
    (chargeback,) = story.escrow.chargebacks
    assert (chargeback.state, chargeback.amount, story.escrow.frozen) == ("opened", PRICE, True)
    usecases.answer_chargeback(world.desk, call("c-answer", OPERATOR), E, chargeback.id, evidence)
    hear_all(world, rig)
    (chargeback,) = story.escrow.chargebacks
    assert chargeback.state == ("won" if evidence == "winning_evidence" else "lost")
    report = reconcile(books_of(world, rig.bank))
    assert report["currencies"]["USD"]["agree"], report
    assert report["breaks"] == []  # The fee came with the notice.


def hear_all(world: World, rig: StripeRig) -> None:
    """All that has happened at Stripe is told, the newest first."""
    for body, header, _ in events(rig):
        usecases.receive_hook(world.desk, Call(), "stripe", body, header)
