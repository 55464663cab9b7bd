"""Work that mostly waits for somebody else, side by side."""

from collections.abc import Callable, Sequence
from contextvars import copy_context
from functools import partial

import eventlet

from shared.sweep import each


def in_lanes(ids: Sequence[str], lanes: int, act: Callable[[Sequence[str]], object]) -> None:
    """Deal the ids to at most so many greenlets, each of which acts on its part.

    Raises the failure of a lane when all are through.
    """
    parts = [ids[first::lanes] for first in range(min(lanes, len(ids)))]
    running = [eventlet.spawn(copy_context().run, partial(act, part)) for part in parts]
    each(running, lambda lane: lane.wait())
