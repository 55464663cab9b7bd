"""Settings of the notifications service."""

from dataclasses import dataclass
from datetime import timedelta

from environs import validate

from shared.config import Common, Env, read


@dataclass(frozen=True, kw_only=True)
class Settings(Common):
    """`web_url` is where people open what a mail points to; `mail_lease` outlasts any sending."""

    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_password: str
    smtp_security: str
    mail_from: str
    web_url: str
    mail_lease: timedelta


def from_env() -> Settings:
    env = Env()
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
    )
