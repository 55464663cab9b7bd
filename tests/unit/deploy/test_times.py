"""Times and ages on the command line."""

from datetime import UTC, datetime, timedelta

import click
import pytest

from deploy.cli.conduct import Pace
from deploy.cli.times import Age, Moment, in_words, iso


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("2h", timedelta(hours=2)),
        ("3d", timedelta(days=3)),
        ("0s", timedelta()),
    ],
)
def test_an_age_is_a_number_and_a_unit(text: str, age: timedelta) -> None:
    assert Age().convert(text, None, None) == age


@pytest.mark.parametrize("text", ["", "2", "h", "-2h", "1.5h", "2 h", "2w", "9" * 30 + "d"])
def test_anything_else_is_no_age(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no age"):
        Age().convert(text, None, None)


@pytest.mark.parametrize(
    "text", ["2026-11-22T04:00", "2026-11-22T04:00Z", "2026-11-22T05:00+01:00", "20261122T0400"]
)
def test_a_moment_is_utc_unless_it_says_otherwise(text: str) -> None:
    assert Moment().convert(text, None, None) == datetime(2026, 11, 22, 4, tzinfo=UTC)


def test_an_age_as_a_moment_is_so_long_ago() -> None:
    moment = Moment().convert("2h", None, None)

    assert timedelta(hours=2) <= datetime.now(UTC) - moment < timedelta(hours=2, minutes=1)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01", "0001-01-01", "0001-01-01T00:00+14:00", "99999999d"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no time"):
        Moment().convert(text, None, None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.25, "0.2 s"),
        (59.9, "59.9 s"),
        (61, "1 min 1 s"),
        (7_260, "2 h 1 min"),
        (180_000, "2 d 2 h"),
    ],
)
def test_an_age_is_told_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words


def test_moments_are_told_in_utc_to_the_millisecond() -> None:
    moment = datetime.fromisoformat("2026-11-22T05:00:00.123456+01:00")

    assert iso(moment) == "2026-11-22T04:00:00.123+00:00"


def test_a_pace_spreads_evenly_and_never_hurries_to_catch_up() -> None:
    clock = [0.0]
    sent: list[float] = []

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    pace = Pace(4, sleep, lambda: clock[0])
    for number in range(6):
        if number == 3:
            clock[0] = 10  # Something took long.
        pace.wait()
        sent.append(clock[0])

    assert sent == [0, 0.25, 0.5, 10, 10.25, 10.5]
