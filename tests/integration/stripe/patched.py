"""What a patched process does with the adapter: run by `test_patched.py` with the API's address.

As in a service, eventlet patches first and everything else is imported after it.
"""

import sys
import time

import eventlet

eventlet.monkey_patch()

from services.payments.domain import Kind, State  # noqa: E402
from services.payments.stripe_bank import Access, StripeBank  # noqa: E402
from tests.unit.payments.bank_cases import E, order  # noqa: E402

AT_ONCE = 10


def main(api_base: str) -> None:
    bank = StripeBank(Access(api_key="sk_test_world", groups=False, api_base=api_base))
    card = bank.attach_card("org:card:1", "tok_visa").id
    ticks: list[float] = []
    clock = eventlet.spawn(tick, ticks)
    orders = [order(Kind.CHARGE, 1000, number, party=card) for number in range(AT_ONCE)]
    pool = eventlet.GreenPool(AT_ONCE)
    states = list(pool.imap(lambda each: bank.charge(E, each).state, orders))
    clock.kill()
    assert states == [State.SUCCEEDED] * AT_ONCE, states
    assert len(ticks) > 1, "other greenlets stood still"


def tick(ticks: list[float]) -> None:
    while True:
        ticks.append(time.monotonic())
        eventlet.sleep(0.005)


main(sys.argv[1])
