"""The examples of the contracts, from which tests make events."""

from typing import Any

from shared.data import read_yaml
from shared.envelope import CONTRACTS


def example_of(type_: str) -> dict[str, Any]:
    """The data of the first example of an event's contract."""
    data: dict[str, Any] = read_yaml(CONTRACTS / f"{type_}.yml")["examples"][0]
    return data
