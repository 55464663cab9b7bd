"""The settings of payments, read once from the environment."""

import re
from dataclasses import dataclass

from environs import ValidationError, validate

from shared.config import Common, Env, read
from shared.money import BASIS_POINTS

INSTANT, WEB_URL = "instant", "http://127.0.0.1:8000"
FAULTS = re.compile(
    r"(request|answer|crash):[a-z-]+:\d{1,3}(,(request|answer|crash):[a-z-]+:\d{1,3})*"
)


@dataclass(frozen=True, kw_only=True)
class Settings(Common):
    """`platform_fee_bps`: hundredths of a percent of the fee that the platform keeps.

    `web_url` is where people open what we point to. Of the sandbox bank: `sandbox_url` is the
    gateway's address, where its webhooks go (empty: it sends none); `sandbox_onboarding` whether
    accounts are active at once or wait for their owner; `sandbox_faults` rehearses misfortune, such
    as `answer:transfer:2,crash:refund:1`.
    """

    platform_fee_bps: int = 1000
    web_url: str = WEB_URL
    sandbox_url: str = ""
    sandbox_onboarding: str = INSTANT
    sandbox_faults: str = ""


def from_env() -> Settings:
    """Ends the process with exit code 2 where a setting is missing or wrong."""
    env = Env()
    share = validate.Range(0, BASIS_POINTS)
    return read(
        Settings,
        env,
        platform_fee_bps=env.int("PLATFORM_FEE_BPS", 1000, validate=share),
        web_url=(env.str("WEB_URL", WEB_URL) or "").rstrip("/"),
        sandbox_url=(env.str("SANDBOX_URL", "") or "").rstrip("/"),
        sandbox_onboarding=env.str(
            "SANDBOX_ONBOARDING", INSTANT, validate=validate.OneOf([INSTANT, "manual"])
        ),
        sandbox_faults=env.str("SANDBOX_FAULTS", "", validate=_faults),
    )


def _faults(text: str) -> None:
    if text and not FAULTS.fullmatch(text):
        raise ValidationError("is no plan such as answer:transfer:2,crash:refund:1")
