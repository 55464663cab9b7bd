"""Transfers and refunds never draw more on a charge than it brought, and refunds are fair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.drawing import Drawn, in_proportion, in_turn

AMOUNTS = st.lists(st.integers(1, 10**6), min_size=1, max_size=5)


def charges(amounts: list[int], taken: dict[str, int] | None = None) -> list[Drawn]:
    known = taken or {}
    return [Drawn(f"ch_{n}", amount, known.get(f"ch_{n}", 0)) for n, amount in enumerate(amounts)]


def test_a_payout_draws_on_the_oldest_charge_first() -> None:
    assert list(in_turn(120, charges([100, 50]))) == [("ch_0", 100), ("ch_1", 20)]
    assert list(in_turn(10, charges([100, 50], {"ch_0": 95}))) == [("ch_0", 5), ("ch_1", 5)]
    assert list(in_turn(0, charges([100]))) == []


@pytest.mark.parametrize("shares", [in_turn, in_proportion])
def test_more_than_there_is_is_an_error(shares) -> None:
    with pytest.raises(ValueError, match="1 more"):
        list(shares(51, charges([100, 50], {"ch_0": 100})))


def test_what_goes_back_is_shared_as_it_was_brought() -> None:
    assert list(in_proportion(75, charges([100, 50]))) == [("ch_0", 50), ("ch_1", 25)]
    assert list(in_proportion(10, charges([200, 100, 100]))) == [
        ("ch_0", 6),
        ("ch_1", 2),
        ("ch_2", 2),
    ]


@given(AMOUNTS, st.lists(st.floats(0, 1), max_size=6))
def test_however_often_it_goes_back_no_charge_is_off_by_more_than_units(amounts, shares) -> None:
    taken: dict[str, int] = {}
    for share in [*shares, 1.0]:
        left = sum(amounts) - sum(taken.values())
        part = left if share == 1.0 else int(left * share)
        drawn = dict(in_proportion(part, charges(amounts, taken)))
        assert sum(drawn.values()) == part
        taken = {c.charge_id: c.taken + drawn.get(c.charge_id, 0) for c in charges(amounts, taken)}
        total = sum(taken.values())
        for charge in charges(amounts):
            exact = total * charge.amount / sum(amounts)
            assert abs(taken[charge.charge_id] - exact) <= len(amounts)
    assert list(taken.values()) == amounts
