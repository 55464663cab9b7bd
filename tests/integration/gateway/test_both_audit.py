"""What holds for the audit log holds for the fake of unit tests: one suite over both."""

from datetime import timedelta
from typing import Any

import pytest

from services.gateway.audit_store import WATCHED
from tests.integration.gateway.sides import Side
from tests.unit.gateway.fakes import FakeClock

KIM, DANA = "acc-kim", "acc-dana"
START = FakeClock().moment


def entry(chain: str, number: int, **more: Any) -> dict[str, Any]:
    about = {"chain": chain, "sequence": number, "at": START, "hash": f"{chain}/{number}"}
    return {"_id": f"{chain}:{number:012}", **about, **more}


def test_an_entry_that_is_there_stays_and_the_others_follow(side: Side) -> None:
    side.audit.append([entry("c1", 1), entry("c1", 2)])
    side.audit.append([entry("c1", 2, hash="other"), entry("c1", 3), entry("c1", 1, hash="other")])

    assert [one["hash"] for one in side.audit.all()] == ["c1/1", "c1/2", "c1/3"]
    assert side.audit.hash_of("c1:000000000002") == "c1/2"
    assert side.audit.hash_of("c1:000000000009") is None
    side.audit.append([])


def test_every_entry_comes_chain_by_chain(side: Side) -> None:
    for number in (1, 2):
        side.audit.append([entry(chain, number) for chain in ("c2", "c1", "c10")])

    found = [one["hash"] for one in side.audit.all()]
    assert found == ["c10/1", "c10/2", "c1/1", "c1/2", "c2/1", "c2/2"]


def test_the_heads_are_those_of_the_newest_chains(side: Side) -> None:
    assert side.audit.heads() == []
    names = [f"c{number:02}" for number in range(WATCHED + 3)]
    side.audit.append([entry(name, number) for name in names for number in (1, 2)])

    newest = [f"{name}/2" for name in reversed(names)][:WATCHED]
    assert [one["hash"] for one in side.audit.heads()] == newest


@pytest.fixture
def logged(side: Side) -> Side:
    """Nine entries of two people, three in each minute."""
    side.audit.append(
        [
            entry(
                f"c{number % 2}",
                number,
                at=START + timedelta(minutes=number // 3),
                principal_id=(KIM, DANA)[number % 2],
                operation=("read", "write")[number % 3 == 0],
                subjects=[f"eng-{number % 2}", "eng-9"],
            )
            for number in range(9)
        ]
    )
    return side


def span(since: int, until: int) -> dict[str, Any]:
    """From that minute on, and before the other."""
    bounds = (START + timedelta(minutes=minutes) for minutes in (since, until))
    return {"at": dict(zip(("$gte", "$lt"), bounds, strict=True))}


def found(side: Side, where: dict[str, Any], limit: int = 2, start: Any = None) -> list[int]:
    """The numbers of all that fit, page by page."""
    numbers: list[int] = []
    while rows := side.audit.find(where, start, limit):
        assert len(rows) <= limit
        numbers += [row["sequence"] for row in rows]
        start = rows[-1]["at"], rows[-1]["_id"]
    return numbers


@pytest.mark.parametrize("limit", [1, 2, 3, 9])
def test_entries_are_found_in_the_order_of_time_without_gaps(logged: Side, limit: int) -> None:
    everything = [0, 2, 1, 4, 3, 5, 6, 8, 7]
    assert found(logged, {}, limit) == found(logged, span(0, 9), limit) == everything
    assert found(logged, span(1, 2), limit) == [4, 3, 5]
    assert found(logged, {"principal_id": KIM, **span(0, 2)}, limit) == [0, 2, 4]
    assert found(logged, {"operation": "write", **span(1, 9)}, limit) == [3, 6]
    assert found(logged, {"subjects": "eng-1", **span(0, 9)}, limit) == [1, 3, 5, 7]
    assert found(logged, {"subjects": "eng-9", "principal_id": "nobody"}, limit) == []


def test_a_place_outside_the_span_finds_nothing_outside_it(logged: Side) -> None:
    before, behind = (START, "c0:000000000000"), (START + timedelta(minutes=2), "")

    assert found(logged, span(1, 2), start=before) == [4, 3, 5]
    assert found(logged, span(1, 2), start=behind) == []
