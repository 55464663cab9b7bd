"""Settings of the matching service: only those that every service has."""

from shared.config import Common, read


def from_env() -> Common:
    return read(Common)
