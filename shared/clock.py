"""The time: aware UTC, cut to the millisecond that the database keeps."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]


def now() -> datetime:
    """Aware UTC in whole milliseconds, moved by the seconds in `CLOCK_OFFSET_FILE` if set.

    The file is for tests and rehearsals ("fourteen days later"); settings refuse it in production.
    """
    moment = datetime.now(UTC) + _offset()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _offset() -> timedelta:
    path = os.environ.get("CLOCK_OFFSET_FILE")
    if not path:
        return timedelta()
    try:
        return timedelta(seconds=float(Path(path).read_text() or 0))
    except FileNotFoundError:
        return timedelta()
