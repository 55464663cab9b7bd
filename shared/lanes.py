"""Work that mostly waits for somebody else, side by side."""

from collections.abc import Callable, Sequence
from contextvars import copy_context
from functools import partial

import eventlet


def in_lanes(ids: Sequence[str], lanes: int, act: Callable[[Sequence[str]], object]) -> None:
    """Deal the ids to at most so many greenlets, each of which acts on its part.

    Raises the failure of a lane when all are through.
    """
    parts = [ids[first::lanes] for first in range(min(lanes, len(ids)))]
    running = [eventlet.spawn(copy_context().run, partial(act, part)) for part in parts]
    failure: Exception | None = None
    for lane in running:
        try:
            lane.wait()
        except Exception as exc:  # noqa: BLE001 Whatever it is, it is that lane's.
            failure = exc
    if failure is not None:
        raise failure
