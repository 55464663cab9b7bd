"""The settings of payments, read once from the environment."""

from dataclasses import dataclass

from environs import validate

from shared.config import Common, Env, read
from shared.money import BASIS_POINTS


@dataclass(frozen=True, kw_only=True)
class Settings(Common):
    """`platform_fee_bps`: hundredths of a percent of the fee that the platform keeps."""

    platform_fee_bps: int = 1000


def from_env() -> Settings:
    """Ends the process with exit code 2 where a setting is missing or wrong."""
    env = Env()
    share = validate.Range(0, BASIS_POINTS)
    return read(Settings, env, platform_fee_bps=env.int("PLATFORM_FEE_BPS", 1000, validate=share))
