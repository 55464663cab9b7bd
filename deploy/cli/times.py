"""Times and ages as people type and read them on the command line."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
AGE_PATTERN = re.compile(r"(\d+)([smhd])")
LONGEST = 36_500 * 86_400  # seconds
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)  # Brokers know no time before 1970.


class Age(click.ParamType):
    """`90s`, `15m`, `2h` or `3d`, as a timedelta."""

    name = "age"

    def convert(self, value: Any, param: Any, ctx: Any) -> timedelta:
        if isinstance(value, timedelta):
            return value
        age = _age(value)
        if age is None:
            self.fail(f"{value!r} is no age such as 90s, 15m, 2h or 3d", param, ctx)
        return age


class Moment(click.ParamType):
    """An ISO 8601 time (UTC unless it says otherwise), or an age: so long ago."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        moment = _moment(value)
        if moment is None or moment < EARLIEST:
            self.fail(f"{value!r} is no time such as 2026-11-22T04:00Z, and no age", param, ctx)
        return moment


def _moment(text: str) -> datetime | None:
    if age := _age(text):
        return datetime.now(UTC) - age
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _age(text: str) -> timedelta | None:
    parts = AGE_PATTERN.fullmatch(text)
    seconds = int(parts[1]) * UNITS[parts[2]] if parts else None
    return timedelta(seconds=seconds) if seconds is not None and seconds <= LONGEST else None


def in_words(age: timedelta) -> str:
    """`2 d 3 h`, `4 min 5 s`, `1.5 s`: the two largest units."""
    seconds = age.total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s"
    for name, size, below, rest in (("d", 86_400, "h", 3600), ("h", 3600, "min", 60)):
        if seconds >= size:
            return f"{seconds // size:.0f} {name} {seconds % size // rest:.0f} {below}"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def iso(moment: datetime) -> str:
    """In UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
