"""Settings of the matching service: only those that every service has."""

from dataclasses import dataclass

from shared.config import Common, read


@dataclass(frozen=True, kw_only=True)
class Settings(Common):


def from_env() -> Settings:
    return read(Settings)
