"""Settings of this service."""

from collections.abc import Callable
from dataclasses import dataclass

import environs

from shared import config

ATS_HOSTS = ("app.greenhouse.io",)
REHEARSAL = "http://127.0.0.1"  # Where tests listen; refused in production.
PUBLIC = "for-development-only"  # How the keys begin that stand in files of this repository.


@dataclass(frozen=True, kw_only=True)
class Settings(config.Common):
    """`id_key` keeps application ids from telling whose they are: changing it loses no data, but
    lets candidates apply again, so keep it for ever."""

    id_key: str
    public_url: str = "http://127.0.0.1:8000"  # The gateway as the world sees it, in credentials.
    ats_hosts: tuple[str, ...] = ATS_HOSTS


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
        ats_hosts=_ats_hosts(env, production),
    )


def _ats_hosts(env: config.Env, production: bool) -> tuple[str, ...]:
    default = list(ATS_HOSTS if production else (*ATS_HOSTS, REHEARSAL))
    checks = [_encrypted] if production else []
    return tuple(env.list("ATS_HOSTS", default, validate=checks) or ())


def _encrypted(hosts: list[str]) -> None:
    if any("://" in host for host in hosts):
        raise environs.ValidationError("names hosts in production, without http://")


def _secret(value: str) -> None:
    if value.startswith(PUBLIC):
        raise environs.ValidationError("is a key that everybody can read: make one of your own")
