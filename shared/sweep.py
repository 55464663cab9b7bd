"""A round over what is due."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def each(things: Iterable[T], act: Callable[[T], object]) -> None:
    """Act on each: what fails stays due, and keeps nobody behind it waiting.

    Raises the last failure when all had their turn, so that the round is known to have failed.
    """
    failure: Exception | None = None
    for thing in things:
        try:
            act(thing)
        except Exception as exc:  # noqa: BLE001 Whatever it is, it is that one's.
            failure = exc
    if failure is not None:
        raise failure
