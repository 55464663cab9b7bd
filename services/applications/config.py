"""Settings of this service."""

from collections.abc import Callable
from dataclasses import dataclass

import environs

from shared import config

PUBLIC = "for-development-only"  # How the keys begin that stand in files of this repository.


@dataclass(frozen=True, kw_only=True)
class Settings(config.Common):
    """`id_key` keeps application ids from telling whose they are: changing it loses no data, but
    lets candidates apply again, so keep it for ever."""

    id_key: str
    public_url: str = "http://127.0.0.1:8000"  # The gateway as the world sees it, in credentials.


def from_env() -> Settings:
    """The settings in the environment; ends the process with one line where one is missing."""
    env = config.Env()
    production = env.str("STINT_ENV", "") == "production"
    checks: list[Callable[[str], object]] = [environs.validate.Length(min=32)]
    if production:
        checks.append(_secret)
    return config.read(
        Settings,
        env,
        id_key=env.str("ID_KEY", validate=checks),
        public_url=env.str("PUBLIC_URL", Settings.public_url).rstrip("/"),
    )


def _secret(value: str) -> None:
    if value.startswith(PUBLIC):
        raise environs.ValidationError("is a key that everybody can read: make one of your own")
