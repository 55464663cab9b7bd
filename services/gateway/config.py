"""The gateway's settings, read once from the environment."""

import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import environs

from services.gateway.throttle import MEMORY
from services.gateway.tokens import load_keys
from shared import config

MEBIBYTE = 1024 * 1024
# Requests of one principal, and sign-ins and registrations of one address. A rehearsal plays
# everybody from one address, so development is lenient.
STRICT = ("600/minute", "10/minute")
LENIENT = ("60000/minute", "6000/minute")
PLACE = r"[a-z0-9.-]+(:[0-9]{1,5})?/[\w./~-]*"  # Host and path: no user, no query, no fragment.
REQUIRED, OPTIONAL = "required", "optional"
SHARED_STORES = ("redis", "rediss", "redis+unix", "redis+sentinel", "redis+cluster")


@dataclass(frozen=True, kw_only=True)
class Settings(config.Common):
    """Sizes in bytes; rates and the address of their store as the `limits` library writes them.

    `signing_keys` is a JSON Web Key Set or the path of one; empty: generated under `files_dir`, as
    are `sealing_keys`, of which the first seals what is secret at rest, and every one opens it.
    """

    http_host: str = "127.0.0.1"
    http_port: int = 8000
    http_connections: int = 4000
    proxy_hops: int = 0  # Trusted proxies in front: how many X-Forwarded-For entries are theirs.
    cors_origins: tuple[str, ...] = ()
    sso_return_urls: tuple[str, ...] = ()  # Where browsers end that signed in at a provider.
    signing_keys: str = field(default="", repr=False)
    sealing_keys: tuple[str, ...] = field(default=(), repr=False)
    email_verification: str = OPTIONAL
    public_url: str = "http://127.0.0.1:8000"
    files_dir: Path = Path(".stint/files")
    s3_bucket: str = ""
    s3_endpoint: str = ""
    max_file_bytes: int = 100 * MEBIBYTE
    max_owner_bytes: int = 500 * MEBIBYTE
    max_owner_files: int = 1000
    rate_limit: str
    sign_in_limit: str
    rate_store: str = field(default=MEMORY, repr=False)


def from_env() -> Settings:
    """The settings in the environment; ends the process with one line where one is missing."""
    env = config.Env()
    strict = env.str("STINT_ENV", "") == "production"
    rate, sign_in_rate = STRICT if strict else LENIENT
    positive, port = environs.validate.Range(min=1), environs.validate.Range(0, 65535)
    return config.read(
        Settings,
        env,
        http_host=env.str("HTTP_HOST", Settings.http_host),
        http_port=env.int("HTTP_PORT", Settings.http_port, validate=port),
        http_connections=env.int("HTTP_CONNECTIONS", Settings.http_connections, validate=positive),
        proxy_hops=env.int("PROXY_HOPS", 0, validate=environs.validate.Range(min=0)),
        cors_origins=tuple(env.list("CORS_ORIGINS", []) or ()),
        sso_return_urls=_return_urls(env, strict),
        signing_keys=_signing_keys(env, strict),
        sealing_keys=_sealing_keys(env, strict),
        email_verification=env.str(
            "EMAIL_VERIFICATION",
            REQUIRED if strict else OPTIONAL,
            validate=environs.validate.OneOf([REQUIRED, OPTIONAL]),
        ),
        public_url=env.str("PUBLIC_URL", Settings.public_url) or Settings.public_url,
        files_dir=Path(env.str("FILES_DIR", str(Settings.files_dir)) or ""),
        s3_bucket=env.str("S3_BUCKET", ""),
        s3_endpoint=env.str("S3_ENDPOINT", ""),
        max_file_bytes=env.int("MAX_FILE_BYTES", Settings.max_file_bytes, validate=positive),
        max_owner_bytes=env.int("MAX_OWNER_BYTES", Settings.max_owner_bytes, validate=positive),
        max_owner_files=env.int("MAX_OWNER_FILES", Settings.max_owner_files, validate=positive),
        rate_limit=env.str("RATE_LIMIT", rate, validate=_rate),
        sign_in_limit=env.str("SIGN_IN_LIMIT", sign_in_rate, validate=_rate),
        rate_store=env.str("RATE_STORE", MEMORY, validate=_rate_store) or MEMORY,
    )


def _signing_keys(env: environs.Env, needed: bool) -> str:
    default = () if needed else ("",)
    return env.str("SIGNING_KEYS", *default, validate=_key_set)


def _return_urls(env: environs.Env, strict: bool) -> tuple[str, ...]:
    scheme = "https" if strict else "https?"

    def check(value: str) -> None:
        if not all(re.fullmatch(rf"{scheme}://{PLACE}", url) for url in _listed(value)):
            raise environs.ValidationError("has an address that is no plain https://host/path")

    return _listed(env.str("SSO_RETURN_URLS", "", validate=check) or "")


def _listed(value: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in value.split(",") if one.strip())


def _sealing_keys(env: environs.Env, needed: bool) -> tuple[str, ...]:
    default = () if needed else ("",)
    given = env.str("SEALING_KEYS", *default, validate=_long_enough)
    return _listed(given or "")


def _long_enough(value: str) -> None:
    if any(len(key.strip()) < 32 for key in value.split(",") if value):
        raise environs.ValidationError("has a key of less than 32 characters")


def _key_set(value: str) -> None:
    try:
        if value:
            load_keys(value, Path())
    except (OSError, ValueError):
        # What was read is a secret: not even a part of it may be told.
        reason = "is neither a JSON Web Key Set of private Ed25519 keys nor a file of one"
        raise environs.ValidationError(reason) from None


def _rate(value: str) -> None:
    count, _, period = value.partition("/")
    if not count.isdigit() or int(count) == 0 or period not in ("second", "minute", "hour", "day"):
        raise environs.ValidationError("is no rate such as 600/minute")


def _rate_store(value: str) -> None:
    scheme, mark, rest = value.partition("://")
    if value in ("", MEMORY):
        return
    if scheme not in SHARED_STORES or not mark or not rest:  # Not told whole: it may hold a secret.
        raise environs.ValidationError("is neither memory:// nor an address of Redis")
    if find_spec("redis") is None:
        raise environs.ValidationError("needs the extra `redis`")
