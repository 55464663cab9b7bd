"""The settings of payments, read once from the environment."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from environs import ValidationError, validate

from shared.config import Common, Env, read
from shared.money import BASIS_POINTS

INSTANT, WEB_URL = "instant", "http://127.0.0.1:8000"
FAULTS = re.compile(
    r"(request|answer|crash):[a-z-]+:\d{1,3}(,(request|answer|crash):[a-z-]+:\d{1,3})*"
)
# Minor units: about 1,000 dollars.
DUAL_CONTROL_ABOVE = {"USD": 100_000, "EUR": 100_000, "GBP": 80_000}
DISPUTE_STEPS = ("response", "negotiation", "decision", "appeal", "reminder")


@dataclass(frozen=True, kw_only=True)
class Settings(Common):
    """`platform_fee_bps`: hundredths of a percent of the fee that the platform keeps.

    `web_url` is where people open what we point to. Of the sandbox bank: `sandbox_url` is the
    gateway's address, where its webhooks go (empty: it sends none); `sandbox_onboarding` whether
    accounts are active at once or wait for their owner; `sandbox_faults` rehearses misfortune, such
    as `answer:transfer:2,crash:refund:1`.

    With `stripe_api_key` the bank is Stripe: `stripe_webhook_secrets` are those of the account's
    endpoint and of the one for connected accounts; `stripe_country` is the platform's. A stand-in
    is at `stripe_api_base`, where no real key may be sent.

    `dual_control_above`: minor units by currency that one operator may move alone; a currency that
    is not named: none. `dispute_days`: business days of steps that differ from the usual.
    """

    platform_fee_bps: int = 1000
    security_hold_days: int = 5  # For so long a release is usually kept before it is sent.
    web_url: str = WEB_URL
    sandbox_url: str = ""
    sandbox_onboarding: str = INSTANT
    sandbox_faults: str = ""
    stripe_api_key: str = field(default="", repr=False)
    stripe_webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    stripe_api_base: str = ""
    stripe_country: str = "US"
    stripe_transfer_groups: bool = True
    dual_control_above: Mapping[str, int] = field(default_factory=dict)
    dispute_days: Mapping[str, int] = field(default_factory=dict)


def from_env() -> Settings:
    """Ends the process with exit code 2 where a setting is missing or wrong."""
    env = Env()
    share = validate.Range(0, BASIS_POINTS)
    limits = env.dict(
        "DUAL_CONTROL_ABOVE", DUAL_CONTROL_ABOVE, subcast_values=int, validate=_amounts
    )
    days: dict[str, int] = env.dict("DISPUTE_DAYS", {}, subcast_values=int, validate=_days)
    return read(
        Settings,
        env,
        platform_fee_bps=env.int("PLATFORM_FEE_BPS", 1000, validate=share),
        security_hold_days=env.int("SECURITY_HOLD_DAYS", 5, validate=validate.Range(0, 90)),
        web_url=(env.str("WEB_URL", WEB_URL) or "").rstrip("/"),
        sandbox_url=(env.str("SANDBOX_URL", "") or "").rstrip("/"),
        sandbox_onboarding=env.str(
            "SANDBOX_ONBOARDING", INSTANT, validate=validate.OneOf([INSTANT, "manual"])
        ),
        sandbox_faults=env.str("SANDBOX_FAULTS", "", validate=_faults),
        **_stripe(env),
        dual_control_above=limits,
        dispute_days=days,
    )


def _stripe(env: Env) -> dict[str, Any]:
    """Real money moves only in production, and production moves no other."""
    mode = _mode(env.str("STINT_ENV", None))
    key = env.str("STRIPE_API_KEY", "", validate=mode) or ""
    needed: dict[str, Any] = {} if key else {"default": []}
    secrets: Any = env.list("STRIPE_WEBHOOK_SECRETS", validate=_webhook_secrets, **needed)
    country = validate.Regexp("^[A-Z]{2}$")
    base = env.str("STRIPE_API_BASE", "", validate=_stand_in(key))
    return {
        "stripe_api_key": key,
        "stripe_webhook_secrets": tuple(secrets or ()),
        "stripe_api_base": base or "",
        "stripe_country": env.str("STRIPE_COUNTRY", "US", validate=country),
        "stripe_transfer_groups": env.bool("STRIPE_TRANSFER_GROUPS", True),
    }


def _mode(environment: str | None) -> Callable[[str], None]:
    def check(key: str) -> None:
        if key and not re.fullmatch(r"(sk|rk)_(test|live)_\w+", key):
            raise ValidationError("is no secret key of Stripe's (sk_test_..., rk_live_...)")
        if key and ("_live_" in key) is not (environment == "production"):
            raise ValidationError("a live key belongs in production, a test key anywhere else")

    return check


def _stand_in(key: str) -> Callable[[str], None]:
    def check(base: str) -> None:
        if base and "_live_" in key:
            raise ValidationError("is for stand-ins of Stripe: never with a live key")

    return check


def _webhook_secrets(secrets: list[str]) -> None:
    if not all(secret.startswith("whsec_") for secret in secrets):
        raise ValidationError("is no list of webhook secrets (whsec_...,whsec_...)")


def _faults(text: str) -> None:
    if text and not FAULTS.fullmatch(text):
        raise ValidationError("is no plan such as answer:transfer:2,crash:refund:1")


def _amounts(limits: Mapping[str, int]) -> None:
    if not all(re.fullmatch("[A-Z]{3}", name) and limits[name] >= 0 for name in limits):
        raise ValidationError("Not of the form USD=100000,EUR=100000 (minor units).")


def _days(days: Mapping[str, int]) -> None:
    if not all(name in DISPUTE_STEPS and 1 <= days[name] <= 90 for name in days):
        raise ValidationError(f"Not business days (1 to 90) of {', '.join(DISPUTE_STEPS)}.")
