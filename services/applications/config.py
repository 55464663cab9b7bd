"""Settings of this service."""

from dataclasses import dataclass

import environs

from shared import config


@dataclass(frozen=True, kw_only=True)
class Settings(config.Common):
    """`id_key` keeps application ids from telling whose they are: changing it loses no data, but
    lets candidates apply again, so keep it for ever."""

    id_key: str


def from_env() -> Settings:
    env = config.Env()
    id_key = env.str("ID_KEY", validate=environs.validate.Length(min=32))
    return config.read(Settings, env, id_key=id_key)
