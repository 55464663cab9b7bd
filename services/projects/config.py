"""Settings of the projects service: the common ones are all it needs."""

from dataclasses import dataclass

from shared import config


@dataclass(frozen=True)
class Settings(config.Common):
    """Nothing of its own: terms are in each brief, limits in the domain."""


def from_env() -> Settings:
    """The settings; ends the process with one line where a variable is missing or wrong."""
    return config.read(Settings)
