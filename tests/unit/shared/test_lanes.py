"""Work that is dealt to several greenlets."""

from collections.abc import Sequence

import eventlet
import pytest

from shared.errors import Unavailable
from shared.lanes import in_lanes


def test_lanes_share_the_work_and_run_beside_each_other() -> None:
    met: list[list[str]] = []
    both = eventlet.Event()

    def act(ids: Sequence[str]) -> None:
        met.append(list(ids))
        both.send() if len(met) == 2 else both.wait(timeout=5)

    in_lanes(["a", "b", "c"], 2, act)
    assert sorted(met) == [["a", "c"], ["b"]]
    in_lanes([], 2, act)
    assert len(met) == 2


def test_a_lane_that_fails_stops_no_other() -> None:
    met: list[str] = []

    def act(ids: Sequence[str]) -> None:
        if "a" in ids:
            raise Unavailable("unreadable-document", "a")
        met.extend(ids)

    with pytest.raises(Unavailable, match="a"):
        in_lanes(["a", "b", "c", "d"], 3, act)
    assert sorted(met) == ["b", "c"]
