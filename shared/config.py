"""Settings: read once from the environment; whatever is missing stops the start by its name."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import environs

PREFETCH = 50  # Messages that one handler of one process holds at most.
LADDER = "5s,30s,2m,10m,1h"
SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, kw_only=True)
class Broker:
    """What the commands about the broker need; `ladder` maps each wait's name to its seconds."""

    amqp_uri: str
    management_uri: str = ""
    partners_amqp_uri: str = ""  # Empty: a vhost of the same broker, see `partner_bus`.
    ladder: Mapping[str, float] = field(default_factory=lambda: _ladder(LADDER))


@dataclass(frozen=True, kw_only=True)
class Common(Broker):
    """What every service needs to know."""

    environment: str
    mongo_uri: str
    database_prefix: str = "stint"
    health_port: int = 0  # 0: any free port.
    log_level: str = "INFO"
    replicas: int = 1


S = TypeVar("S", bound=Common)


class Env(environs.Env):
    """Gathers every fault until `read` reports them; an empty variable counts as missing."""

    def __init__(self) -> None:
        super().__init__(eager=False)

    def _get_value(self, env_key: str, default: Any) -> Any:
        value = super()._get_value(env_key, default)
        return default if value == "" else value


def read(cls: type[S], env: environs.Env | None = None, **own: Any) -> S:
    """The settings of a service; `own` are its own fields, already read from `env`.

    Ends the process with one line and exit code 2 where a variable is missing or wrong.
    """
    env = env if env is not None else Env()
    common = _common(env)
    _seal(env)
    return cls(**common, **own)


def read_broker() -> Broker:
    """Where the broker is; ends the process as `read` does."""
    env = Env()
    about = _broker(env)
    _seal(env)
    return Broker(**about)


def _seal(env: environs.Env) -> None:
    try:
        env.seal()
    except environs.EnvValidationError as exc:
        _stop(dict(exc.error_messages))  # type: ignore[arg-type]


def _broker(env: environs.Env) -> dict[str, Any]:
    return {
        "amqp_uri": env.str("AMQP_URI", validate=_uri("amqp", "amqps")),
        "management_uri": env.str("MANAGEMENT_URI", "", validate=_uri("http", "https")),
        "partners_amqp_uri": env.str("PARTNERS_AMQP_URI", "", validate=_uri("amqp", "amqps")),
        "ladder": _ladder(env.str("RETRY_LADDER", LADDER, validate=_ladder) or LADDER),
    }


def _common(env: environs.Env) -> dict[str, Any]:
    choice = environs.validate.OneOf(["development", "production"])
    environment = env.str("STINT_ENV", validate=choice)
    env.str("CLOCK_OFFSET_FILE", None, validate=_rehearsal_only(environment))
    return {
        **_broker(env),
        "environment": environment,
        "mongo_uri": env.str("MONGO_URI", validate=_uri("mongodb", "mongodb+srv")),
        "database_prefix": env.str("DATABASE_PREFIX", "stint", validate=_name),
        "health_port": env.int("HEALTH_PORT", 0, validate=environs.validate.Range(0, 65535)),
        "log_level": env.str("LOG_LEVEL", "INFO", validate=_level),
        "replicas": env.int("REPLICAS", 1, validate=environs.validate.Range(1)),
    }


def _ladder(text: str) -> dict[str, float]:
    """`5s,2m` as `{"5s": 5, "2m": 120}`; milliseconds (`200ms`) are for tests."""
    return {step.strip(): _seconds(step.strip()) for step in text.split(",")}


def _seconds(step: str) -> float:
    number, unit = step.rstrip("mhs"), step.lstrip("0123456789")
    if not number.isdigit() or int(number) == 0 or unit not in (*SECONDS, "ms"):
        raise environs.ValidationError(f"{step!r} is no wait such as 30s, 2m or 1h")
    return int(number) / 1000 if unit == "ms" else float(int(number) * SECONDS[unit])


def _rehearsal_only(environment: str | None) -> Any:
    def check(_value: str) -> None:
        if environment == "production":
            raise environs.ValidationError("moves the clock: never in production")

    return check


def _uri(*schemes: str) -> Any:
    def check(value: str) -> None:
        parts = urlsplit(value)
        if parts.scheme not in schemes or not parts.netloc:
            raise environs.ValidationError(f"is no {schemes[0]}:// address")

    return check


def _name(value: str) -> None:
    if not value.replace("_", "").replace("-", "").isalnum() or len(value) > 40:
        raise environs.ValidationError("at most 40 letters, digits, - and _")


def _level(value: str) -> None:
    if value not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        raise environs.ValidationError("DEBUG, INFO, WARNING, ERROR or CRITICAL")


def _stop(faults: Mapping[str, list[str]]) -> NoReturn:
    missing = [name for name, texts in faults.items() if texts == ["Environment variable not set."]]
    wrong = [f"{name}: {'; '.join(texts)}" for name, texts in faults.items() if name not in missing]
    lines = [f"missing settings: {', '.join(missing)}"] * bool(missing) + wrong
    sys.stderr.write(" | ".join(lines).replace("\n", " ") + "\n")
    raise SystemExit(2)
