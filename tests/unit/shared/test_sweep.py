"""Rounds over what is due."""

import pytest

from shared.errors import Unavailable
from shared.sweep import each


def test_everybody_has_a_turn() -> None:
    met: list[str] = []
    each(["a", "b"], met.append)
    assert met == ["a", "b"]


def test_one_that_fails_keeps_nobody_waiting_and_is_told_at_the_end() -> None:
    met: list[str] = []

    def act(id_: str) -> None:
        if id_ != "c":
            raise Unavailable("unreadable-document", id_)
        met.append(id_)

    with pytest.raises(Unavailable, match="b"):
        each(["a", "b", "c"], act)
    assert met == ["c"]
