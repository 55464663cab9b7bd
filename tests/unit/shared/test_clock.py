"""Time is UTC, whole milliseconds, and moves by the offset file alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.clock import now


def test_the_time_is_aware_and_cut_to_the_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLOCK_OFFSET_FILE", raising=False)
    moment = now()

    assert moment.tzinfo is UTC
    assert moment.microsecond % 1_000 == 0
    assert abs(moment - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize(("text", "seconds"), [("86400", 86_400), ("-5.5", -5.5), ("", 0)])
def test_the_offset_file_moves_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, seconds: float
) -> None:
    (tmp_path / "offset").write_text(text)
    monkeypatch.setenv("CLOCK_OFFSET_FILE", str(tmp_path / "offset"))

    moved = now() - datetime.now(UTC)

    assert abs(moved - timedelta(seconds=seconds)) < timedelta(seconds=5)


def test_a_file_that_is_not_there_yet_moves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLOCK_OFFSET_FILE", str(tmp_path / "offset"))

    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=5)
