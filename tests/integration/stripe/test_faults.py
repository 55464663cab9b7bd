"""Requests and answers that get lost on the way to a Stripe that keeps books: one effect each."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import stripe

from services.payments.domain import Kind, State, Status
from services.payments.sandbox_bank import NoAnswer
from shared.errors import Unavailable
from tests.integration.stripe.rig import StripeRig
from tests.integration.stripe.world import World as StripeWorld
from tests.unit.payments.bank_cases import order
from tests.unit.payments.fakes import World
from tests.unit.payments.story import PRICE, E, Story

CHARGED = (f"{E}:charge:1", PRICE)
RETURNED = (f"{E}:refund:1", PRICE)


class Nth:
    """Loses the nth request that changes something, or its answer; 0 loses none."""

    def __init__(self, point: str = "", number: int = 0) -> None:
        self.point, self.number, self.count = point, number, 0

    def __call__(self, point: str, _key: str) -> None:
        self.count += point == "request"
        if point == self.point and self.count == self.number:
            self.number = 0
            raise NoAnswer


def patiently(act: Callable[[], Any]) -> Any:
    """What people do who are told to come back."""
    try:
        return act()
    except Unavailable:
        return act()


def told(rig: StripeRig, faults: Nth) -> tuple[Status, list[tuple[str, int]]]:
    """Charge and give back, with whatever gets lost; how it ends, and what has really happened."""
    rig.http.faults = faults
    world = World()
    world.desk = replace(world.desk, bank=rig.bank)
    story = Story(world, do=patiently)
    story.fund()
    story.sweep_until_quiet(30)
    story.cancel()
    story.sweep_until_quiet(30)
    booked = {entry.id: entry.kind for entry in world.journal.entries.values()}
    assert booked == {CHARGED[0]: "charge", RETURNED[0]: "refund"}
    assert world.journal.balance("processor_balance") == rig.net().get("USD", 0)
    return story.escrow.status, sorted(rig.effects())


@pytest.mark.parametrize("point", ["request", "answer"])
def test_whichever_request_or_answer_is_lost_there_is_one_charge_and_one_refund(
    world: StripeWorld, point: str
) -> None:
    calm = Nth()
    end = told(StripeRig.at(world.new()), calm)
    assert end == (Status.REFUNDED, [CHARGED, RETURNED])
    assert calm.count == 5  # The card's three, the charge, the refund.
    for number in range(1, calm.count + 1):
        assert told(StripeRig.at(world.new()), Nth(point, number)) == end, number


def test_the_library_repeats_what_got_lost_under_the_same_key(world: StripeWorld) -> None:
    rig = StripeRig.at(world.new(), retries=2)
    operation = order(Kind.CHARGE, PRICE, party=rig.card())
    rig.faults.losing = ["answer", "request"]
    assert rig.bank.charge(E, operation).state is State.SUCCEEDED
    assert rig.effects() == [(operation.key, PRICE)]
    assert [key for verb, _, key in rig.http.sent if verb == "post"][-2:] == [operation.key] * 2


def test_a_process_that_died_is_followed_by_one_with_the_recorded_key(rig: StripeRig) -> None:
    operation = order(Kind.CHARGE, PRICE, party=rig.card())
    rig.faults.losing = ["answer"]
    assert rig.bank.charge(E, operation).state is State.UNKNOWN
    following = StripeRig.at(rig.api_base)
    assert following.bank.charge(E, operation).state is State.SUCCEEDED
    assert rig.effects() == [(operation.key, PRICE)]


def test_without_a_recorded_key_the_same_accident_charges_twice(rig: StripeRig) -> None:
    """Why the key is written down before anything is sent: a key of the library's own dies too."""
    sent: Any = {"amount": PRICE, "currency": "usd", "payment_method": rig.card(), "confirm": True}
    card = rig.client.v1.payment_methods.retrieve(sent["payment_method"])
    sent |= {"customer": str(card.customer), "metadata": {"operation_key": "none"}}
    sent["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
    rig.faults.losing = ["answer"]
    with pytest.raises(stripe.APIConnectionError):
        rig.bank._client.v1.payment_intents.create(sent)
    rig.bank._client.v1.payment_intents.create(sent)
    assert rig.effects() == [("none", PRICE), ("none", PRICE)]
