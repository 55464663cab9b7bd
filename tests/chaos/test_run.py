"""A short chaos run; `make chaos SEED=7 MINUTES=10` is a long one."""

from pathlib import Path

import pytest

from tests.chaos.run import Plan, report, run, say_aloud

PLAN = Plan(seed=7, seconds=35.0, gap=2.5, players=5, calm=15.0, journeys=10)


@pytest.mark.timeout(900)  # Two minutes on an idle machine.
def test_whatever_dies_each_journey_ends_once_and_to_the_cent(
    servers_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        found = run(servers_folder / "chaos", PLAN, say_aloud)
        assert report(found, say_aloud)
    assert len(found.faults) >= 10
    assert len(found.played) >= 10
