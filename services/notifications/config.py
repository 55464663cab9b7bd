"""Settings of the notifications service."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from environs import ValidationError, validate

from shared.config import Common, Env, read

PUBLIC = "for-development-only"  # How the keys begin that stand in files of this repository.
DEVELOPMENT_KEY = f"{PUBLIC}-0123456789abcdef"


@dataclass(frozen=True, kw_only=True)
class Settings(Common):
    """`web_url` is where people open what a mail points to, `public_url` the gateway as the world
    sees it; `mail_lease` outlasts any sending. `mail_key` signs the links that unsubscribe;
    `mail_hook_secret` is what reports of bounces come with: without one none is taken.
    `webhooks_to_private` lets webhooks go to plain HTTP and into one's own network, for tests.
    """

    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_password: str
    smtp_security: str
    mail_from: str
    web_url: str
    mail_lease: timedelta
    public_url: str = "http://127.0.0.1:8000"
    mail_key: str = field(default=DEVELOPMENT_KEY, repr=False)
    mail_hook_secret: str = field(default="", repr=False)
    webhooks_to_private: bool = False


def from_env() -> Settings:
    env = Env()
    strict = env.str("STINT_ENV", "") == "production"
    security = validate.OneOf(["none", "starttls", "tls"])
    lease = env.int("MAIL_LEASE_SECONDS", 60, validate=validate.Range(1, 600))
    return read(
        Settings,
        env,
        smtp_host=env.str("SMTP_HOST"),
        smtp_port=env.int("SMTP_PORT", 25, validate=validate.Range(1, 65535)),
        smtp_user=env.str("SMTP_USER", ""),
        smtp_password=env.str("SMTP_PASSWORD", ""),
        smtp_security=env.str("SMTP_SECURITY", "none", validate=security),
        mail_from=env.str("MAIL_FROM", "hello@stint.example", validate=validate.Email()),
        web_url=env.str("WEB_URL", "http://127.0.0.1:8000"),
        mail_lease=timedelta(seconds=lease or 60),
        public_url=env.str("PUBLIC_URL", Settings.public_url).rstrip("/"),
        mail_key=_mail_key(env, strict),
        mail_hook_secret=env.str("MAIL_HOOK_SECRET", "", validate=_long_enough),
        webhooks_to_private=_to_private(env, strict),
    )


def _mail_key(env: Env, strict: bool) -> str:
    """One of one's own in production: whoever has it can turn off anybody's mails."""
    checks: list[Callable[[str], object]] = [validate.Length(min=32)]
    default = () if strict else (DEVELOPMENT_KEY,)
    return env.str("MAIL_KEY", *default, validate=[*checks, _secret] if strict else checks)


def _secret(value: str) -> None:
    if value.startswith(PUBLIC):
        raise ValidationError("is a key that everybody can read: make one of your own")


def _long_enough(value: str) -> None:
    if value and len(value) < 16:
        raise ValidationError("at least 16 characters")


def _to_private(env: Env, strict: bool) -> bool:
    def check(value: bool) -> None:
        if value and strict:
            raise ValidationError("lets webhooks go inwards: never in production")

    return env.bool("WEBHOOKS_TO_PRIVATE", False, validate=check) or False
