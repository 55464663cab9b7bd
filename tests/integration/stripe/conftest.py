"""A Stripe that keeps books, and one whose requests and answers get lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.stripe.rig import StripeRig
from tests.integration.stripe.world import Missing, World


@pytest.fixture(scope="session")
def world(servers_folder: Path) -> Iterator[World]:
    try:
        made = World(servers_folder / "stripe-world", servers_folder)
    except Missing as exc:
        pytest.skip(f"NOT TESTED against a stateful Stripe: {exc}")
    yield from made.running()


@pytest.fixture
def rig(world: World) -> StripeRig:
    return StripeRig.at(world.new())
