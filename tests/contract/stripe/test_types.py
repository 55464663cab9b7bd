"""Stripe's own types at the library's exact version judge what is sent: `make check` runs mypy over
the adapter, and this shows that mypy would see the mistakes that matter.

It does not see a value that is none of a list: Stripe's lists are open. The document does.
"""

import subprocess
import sys
from pathlib import Path

import pytest

HEAD = """
from stripe import StripeClient
from stripe.params import PaymentIntentCreateParams, TransferCreateParams

client = StripeClient("sk_test_x")
"""
WRONG = {
    "an unknown name": 'p: PaymentIntentCreateParams = {"amount": 1, "currency": "usd", "x": 1}',
    "a missing name": 'p: PaymentIntentCreateParams = {"amount": 1}',
    "an amount with a fraction": 'p: TransferCreateParams = {"amount": 1.5, "currency": "usd", '
    '"destination": "acct_1"}',
    "an amount as text": 'client.v1.refunds.create({"charge": "ch_1", "amount": "1"})',
    "an unknown nested name": 'client.v1.payment_intents.create({"amount": 1, "currency": "usd", '
    '"automatic_payment_methods": {"enabled": True, "redirects": "never"}})',
    "a removed name": 'p: PaymentIntentCreateParams = {"amount": 1, "currency": "usd", '
    '"payment_method_types": ["card"]}',
}
RIGHT = 'client.v1.refunds.create({"charge": "ch_1", "amount": 1}, {"idempotency_key": "k"})'


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What mypy says of all the snippets at once, each on a line of its own name."""
    place = tmp_path_factory.mktemp("types")
    for number, snippet in enumerate([*WRONG.values(), RIGHT]):
        (place / f"case_{number}.py").write_text(HEAD + snippet + "\n")
    options = ["--no-error-summary", "--config-file=/dev/null", "--cache-dir=.mypy_cache/snippets"]
    files = sorted(str(file) for file in place.glob("*.py"))
    said = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *files],
        capture_output=True,
        text=True,
        timeout=200,
        cwd=Path(__file__).parents[3],
    )
    assert "error:" in said.stdout, said.stderr
    return said.stdout


@pytest.mark.parametrize("why", WRONG)
def test_mypy_sees_a_request_that_stripe_would_not_understand(faults: str, why: str) -> None:
    assert f"case_{list(WRONG).index(why)}.py" in faults


def test_mypy_has_nothing_against_a_right_one(faults: str) -> None:
    assert f"case_{len(WRONG)}.py" not in faults
